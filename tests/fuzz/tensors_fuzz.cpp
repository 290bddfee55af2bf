// list_tensors: nothing but a list or a reason comes out; nothing is asked for beyond the end of the file or
// over the limit of a header; whatever is listed lies inside of the file, in order and without overlap.

#include <cstdint>
#include <string_view>
#include <unordered_set>

#include "manifests/text.hpp"
#include "packager/tensors.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

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
    }
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
