// list_tensors: nothing but a list or a reason comes out; nothing is asked for beyond the end of the file or
// over the limit of a header; whatever is listed lies inside of the file, in order and without overlap, and
// has the bytes that its type and shape ask for by the tables of this file, which nobody else uses: products
// are counted in floating point, where nothing wraps around.

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/gguf_model.hpp"
#include "packager/model_parameters.hpp"
#include "packager/tensors.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

struct TypeSize {
    std::string_view type;
    double bytes; // of one element
};
constexpr TypeSize sizes[] = {
    {"F4", 0.5},
    {"F6_E2M3", 0.75},
    {"F6_E3M2", 0.75},
    {"BOOL", 1},
    {"U8", 1},
    {"I8", 1},
    {"F8_E5M2", 1},
    {"F8_E4M3", 1},
    {"F8_E8M0", 1},
    {"F8_E4M3FNUZ", 1},
    {"F8_E5M2FNUZ", 1},
    {"I16", 2},
    {"U16", 2},
    {"F16", 2},
    {"BF16", 2},
    {"I32", 4},
    {"U32", 4},
    {"F32", 4},
    {"I64", 8},
    {"U64", 8},
    {"F64", 8},
    {"C64", 8},
    {"Q4_0", 18 / 32.0},
    {"Q4_1", 20 / 32.0},
    {"Q5_0", 22 / 32.0},
    {"Q5_1", 24 / 32.0},
    {"Q8_0", 34 / 32.0},
    {"Q8_1", 36 / 32.0},
    {"Q2_K", 84 / 256.0},
    {"Q3_K", 110 / 256.0},
    {"Q4_K", 144 / 256.0},
    {"Q5_K", 176 / 256.0},
    {"Q6_K", 210 / 256.0},
    {"Q8_K", 292 / 256.0},
    {"IQ1_S", 50 / 256.0},
    {"IQ1_M", 56 / 256.0},
    {"IQ2_XXS", 66 / 256.0},
    {"IQ2_XS", 74 / 256.0},
    {"IQ2_S", 82 / 256.0},
    {"IQ3_XXS", 98 / 256.0},
    {"IQ3_S", 110 / 256.0},
    {"IQ4_NL", 18 / 32.0},
    {"IQ4_XS", 136 / 256.0},
    {"TQ1_0", 54 / 256.0},
    {"TQ2_0", 66 / 256.0},
    {"MXFP4", 17 / 32.0},
    {"NVFP4", 36 / 64.0},
    {"Q1_0", 18 / 128.0},
    {"Q2_0", 18 / 64.0},
};

void check_size(const packager::Tensor& tensor) {
    double elements = 1;
    double others = 1; // without the dimensions of 0
    for (const std::uint64_t dimension : tensor.shape) {
        elements *= static_cast<double>(dimension);
        others *= dimension == 0 ? 1 : static_cast<double>(dimension);
    }
    demand(others <= 9.3e18, "no shape leaves 63 bits");
    for (const TypeSize& one : sizes) {
        if (one.type != tensor.type) continue;
        const double wanted = elements * one.bytes;
        demand(wanted == static_cast<double>(tensor.size_bytes),
               "a tensor has the bytes of its type and shape");
        return;
    }
    demand(false, "a type has a size");
}

void check_model(const packager::GgufMetadata& metadata) {
    try {
        const packager::ModelShape shape = packager::model_of(metadata);
        demand(shape.layers <= 65'536, "layers have an end");
        packager::count_parameters(shape);
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "only bytes can be wrong");
    }
}

void check(const packager::TensorList& list, std::size_t size) {
    demand(list.format == "gguf" || list.format == "safetensors", "there are two formats");
    demand(list.data_offset <= size, "the data begins in the file");
    std::unordered_set<std::string_view> names;
    std::uint64_t at = list.data_offset;
    for (const packager::Tensor& tensor : list.tensors) {
        demand(names.insert(tensor.name).second, "names are unique");
        demand(manifests::is_utf8(tensor.name), "names are UTF-8");
        demand(!tensor.type.empty(), "every tensor has a type");
        demand(tensor.offset >= at, "tensors do not overlap");
        demand(tensor.offset <= size && tensor.size_bytes <= size - tensor.offset, "tensors lie in the file");
        at = tensor.offset + tensor.size_bytes;
        const auto elements = packager::element_count(tensor.shape);
        demand(elements.has_value(), "shapes have a product");
        demand((*elements == 0) == (tensor.size_bytes == 0), "elements have bytes");
        check_size(tensor);
    }
    if (list.format == "safetensors") demand(at == size, "nothing stands behind the last tensor");
    constexpr std::size_t most_padding_bytes = 1U << 20;
    demand(size - at < most_padding_bytes, "behind the last tensor is padding at most");
    check_model(list.metadata);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto read = [&](std::uint64_t offset, std::size_t length) {
        demand(offset <= bytes.size() && length <= bytes.size() - offset, "reads stay inside of the file");
        demand(length <= packager::most_header_bytes, "reads stay inside of the limit");
        return std::string(bytes.substr(static_cast<std::size_t>(offset), length));
    };
    const packager::TensorListing listing = packager::list_tensors(bytes.size(), read);
    demand(listing.list.has_value() == listing.reason.empty(), "there is a list or a reason");
    demand(manifests::is_utf8(listing.reason), "a reason can be printed");
    if (listing.list) check(*listing.list, size);
    return 0;
}
