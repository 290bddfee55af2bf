// GGUF: key-values (gguf_metadata.cpp), then the tensors, then the aligned data.

#include <algorithm>
#include <array>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/header_cursor.hpp"
#include "packager/tensors.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

// The smallest that one of them can be, so that a count is compared with the bytes that are left.
constexpr std::uint64_t least_pair_bytes = 8 + 1 + 4 + 1;
constexpr std::uint64_t least_tensor_bytes = 8 + 4 + 4 + 8;
constexpr std::uint64_t most_name_bytes = 63; // the document says 64, but ggml keeps a NUL behind it
constexpr std::uint64_t most_dimensions = 4;
// Each costs memory that a file of zeros has for nothing; the largest models have 2,000 tensors and 100
// values.
constexpr std::uint64_t most_tensors = 1'000'000;
constexpr std::uint64_t most_pairs = 65'536;
constexpr std::uint64_t too_large = std::uint64_t{1} << 62;

struct TensorType {
    std::string_view name; // empty: removed from the format, or not known here
    std::uint64_t block_elements;
    std::uint64_t block_bytes;
};

// By number, as in enum ggml_type.
constexpr std::array<TensorType, 43> tensor_types{{
    {"F32", 1, 4},      {"F16", 1, 2},        {"Q4_0", 32, 18},    {"Q4_1", 32, 20},     {"", 0, 0},
    {"", 0, 0},         {"Q5_0", 32, 22},     {"Q5_1", 32, 24},    {"Q8_0", 32, 34},     {"Q8_1", 32, 36},
    {"Q2_K", 256, 84},  {"Q3_K", 256, 110},   {"Q4_K", 256, 144},  {"Q5_K", 256, 176},   {"Q6_K", 256, 210},
    {"Q8_K", 256, 292}, {"IQ2_XXS", 256, 66}, {"IQ2_XS", 256, 74}, {"IQ3_XXS", 256, 98}, {"IQ1_S", 256, 50},
    {"IQ4_NL", 32, 18}, {"IQ3_S", 256, 110},  {"IQ2_S", 256, 82},  {"IQ4_XS", 256, 136}, {"I8", 1, 1},
    {"I16", 1, 2},      {"I32", 1, 4},        {"I64", 1, 8},       {"F64", 1, 8},        {"IQ1_M", 256, 56},
    {"BF16", 1, 2},     {"", 0, 0},           {"", 0, 0},          {"", 0, 0},           {"TQ1_0", 256, 54},
    {"TQ2_0", 256, 66}, {"", 0, 0},           {"", 0, 0},          {"", 0, 0},           {"MXFP4", 32, 17},
    {"NVFP4", 64, 36},  {"Q1_0", 128, 18},    {"Q2_0", 64, 18},
}};

[[noreturn]] void damaged(const std::string& text) {
    HeaderCursor::refuse(text);
}

std::uint64_t size_of(const Tensor& tensor, const TensorType& type) {
    const auto elements = element_count(tensor.shape);
    if (!elements || *elements / type.block_elements > too_large / type.block_bytes)
        damaged("the shape has too many elements");
    const std::uint64_t row = tensor.shape.empty() ? 1 : tensor.shape.front();
    if (row % type.block_elements != 0)
        damaged("the first dimension is " + std::to_string(row) + ", wanted a multiple of " +
                std::to_string(type.block_elements));
    return *elements / type.block_elements * type.block_bytes;
}

// Offsets count from the start of the data, which is not known before all tensors are read.
Tensor read_tensor(HeaderCursor& cursor) {
    Tensor tensor;
    tensor.name = cursor.text(most_name_bytes, "a tensor name");
    if (!manifests::is_utf8(tensor.name)) damaged("tensor " + in_quotes(tensor.name) + " is not UTF-8");
    try {
        const std::uint64_t dimensions = cursor.number(4);
        if (dimensions > most_dimensions) damaged(std::to_string(dimensions) + " dimensions");
        for (std::uint64_t i = 0; i < dimensions; ++i)
            tensor.shape.push_back(cursor.number(8));
        const std::uint64_t type = cursor.number(4);
        if (type >= tensor_types.size() || tensor_types[type].name.empty())
            damaged("type " + std::to_string(type) + " is not known");
        tensor.type = tensor_types[type].name;
        tensor.size_bytes = size_of(tensor, tensor_types[type]);
        tensor.offset = cursor.number(8);
    } catch (Error& error) {
        error.in("tensor " + in_quotes(tensor.name));
        throw;
    }
    return tensor;
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

// As ggml demands it: each tensor where the padded one before it ends, and nothing behind the last.
void place(TensorList& list, std::uint64_t alignment, std::uint64_t size_bytes) {
    std::uint64_t at = list.data_offset;
    std::uint64_t end = at;
    for (Tensor& tensor : list.tensors) {
        if (tensor.offset != at - list.data_offset)
            damaged("tensor " + in_quotes(tensor.name) + " begins at byte " + std::to_string(tensor.offset) +
                    " of the data, wanted " + std::to_string(at - list.data_offset));
        tensor.offset = at;
        end = at + tensor.size_bytes;
        if (at > size_bytes || end > size_bytes)
            damaged("tensor " + in_quotes(tensor.name) + " ends at byte " + std::to_string(end) + " of " +
                    std::to_string(size_bytes));
        at = round_up(end, alignment);
    }
    if (size_bytes > at) damaged(std::to_string(size_bytes - at) + " bytes stand behind the last tensor");
}

} // namespace

TensorList read_gguf(std::uint64_t size_bytes, const ReadBytes& read) {
    HeaderCursor cursor(size_bytes, read);
    if (cursor.take(4) != "GGUF") damaged("does not begin with GGUF");
    const std::uint64_t version = cursor.number(4);
    if (version != 2 && version != 3)
        damaged("GGUF version " + std::to_string(version) +
                (version != 0 && (version & 0xffff) == 0 ? ", which is big-endian" : "") + ", wanted 2 or 3");
    const std::uint64_t tensor_count = cursor.number(8);
    const std::uint64_t pair_count = cursor.number(8);
    if (pair_count > most_pairs || tensor_count > most_tensors)
        damaged("says it has " + std::to_string(pair_count) + " values and " + std::to_string(tensor_count) +
                " tensors, wanted at most " + std::to_string(most_pairs) + " and " +
                std::to_string(most_tensors));
    if (pair_count > cursor.left() / least_pair_bytes || tensor_count > cursor.left() / least_tensor_bytes)
        damaged("says it has " + std::to_string(pair_count) + " values and " + std::to_string(tensor_count) +
                " tensors, more than its bytes can hold");
    TensorList list{.format = "gguf", .data_offset = 0, .tensors = {}, .metadata = {}};
    list.metadata = GgufMetadata::read(cursor, pair_count);
    const std::uint64_t alignment = list.metadata.alignment();
    for (std::uint64_t i = 0; i < tensor_count; ++i)
        list.tensors.push_back(read_tensor(cursor));
    list.data_offset = round_up(cursor.at(), alignment);
    place(list, alignment, size_bytes);
    list.data_offset = std::min(list.data_offset, size_bytes); // a file without tensors need not be padded
    put_in_order(list.tensors);
    return list;
}

} // namespace packager
