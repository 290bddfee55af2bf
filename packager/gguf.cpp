// GGUF: key-values of which only the alignment matters here, then the tensors, then the aligned data. Texts
// of the vocabulary are stepped over, not read.

#include <algorithm>
#include <array>
#include <unordered_set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/tensors.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

// The smallest that one of them can be, so that a count is compared with the bytes that are left.
constexpr std::uint64_t least_pair_bytes = 8 + 1 + 4 + 1;
constexpr std::uint64_t least_tensor_bytes = 8 + 4 + 4 + 8;
constexpr std::uint64_t most_key_bytes = 65'535;
constexpr std::uint64_t most_name_bytes = 64;
constexpr std::uint64_t most_dimensions = 4;
constexpr std::uint64_t most_alignment = 1U << 20; // 32 everywhere; a page of the largest kind would do
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

enum ValueType : std::uint64_t { value_uint32 = 4, value_bool = 7, value_text = 8, value_array = 9 };

// Bytes of a value by its type; 0 for texts, arrays and unknown types.
constexpr std::array<std::uint64_t, 13> value_bytes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

[[noreturn]] void damaged(const std::string& text) {
    throw Error(Fault::damaged, text);
}

// Goes through the header from front to back with one window of bytes.
class Cursor {
public:
    Cursor(std::uint64_t size_bytes, const ReadBytes& read)
        : size_bytes_(std::min(size_bytes, most_header_bytes)), read_(read) {}

    std::uint64_t at() const noexcept { return at_; }
    std::uint64_t left() const noexcept { return size_bytes_ - at_; }

    void skip(std::uint64_t length) {
        if (length > left()) damaged("the header ends inside of a value at byte " + std::to_string(at_));
        at_ += length;
    }
    std::string_view take(std::uint64_t length) {
        const std::uint64_t from = at_;
        skip(length);
        if (from < window_at_ || at_ > window_at_ + window_.size()) fill(from, length);
        return std::string_view(window_).substr(static_cast<std::size_t>(from - window_at_),
                                                static_cast<std::size_t>(length));
    }
    std::uint64_t number(std::size_t length) {
        std::uint64_t value = 0;
        const std::string_view bytes = take(length);
        for (std::size_t i = 0; i < length; ++i)
            value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
        return value;
    }
    std::string text(std::uint64_t most_bytes, const char* what) {
        const std::uint64_t length = number(8);
        if (length > most_bytes) damaged(std::string(what) + " of " + std::to_string(length) + " bytes");
        return std::string(take(length));
    }

private:
    void fill(std::uint64_t from, std::uint64_t length) {
        constexpr std::uint64_t window_bytes = 65536;
        const std::uint64_t wanted = std::min(std::max(length, window_bytes), size_bytes_ - from);
        window_ = read_(from, static_cast<std::size_t>(wanted));
        window_at_ = from;
        if (window_.size() < length) damaged("the file became shorter while it was read");
    }

    std::uint64_t size_bytes_;
    const ReadBytes& read_;
    std::uint64_t at_ = 0;
    std::uint64_t window_at_ = 0;
    std::string window_;
};

void skip_values(Cursor& cursor, std::uint64_t type, std::uint64_t count) {
    if (type == value_text) {
        if (count > cursor.left() / 8) damaged("more texts than bytes");
        for (std::uint64_t i = 0; i < count; ++i)
            cursor.skip(cursor.number(8));
        return;
    }
    if (type >= value_bytes.size() || value_bytes[type] == 0)
        damaged("a value of type " + std::to_string(type) + " is not known, or an array of arrays");
    if (count > cursor.left() / value_bytes[type]) damaged("more values than bytes");
    cursor.skip(count * value_bytes[type]);
}

std::uint64_t read_alignment(Cursor& cursor, std::uint64_t type) {
    if (type != value_uint32) damaged("general.alignment is not of type uint32");
    const std::uint64_t alignment = cursor.number(4);
    if (alignment < 8 || alignment > most_alignment || (alignment & (alignment - 1)) != 0)
        damaged("general.alignment is " + std::to_string(alignment) + ", wanted a power of two from 8 on");
    return alignment;
}

std::uint64_t read_pairs(Cursor& cursor, std::uint64_t count) {
    constexpr std::uint64_t usual_alignment = 32;
    std::uint64_t alignment = usual_alignment;
    std::unordered_set<std::string> keys;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string key = cursor.text(most_key_bytes, "a key");
        if (key.empty() || !keys.insert(key).second)
            damaged("key " + in_quotes(key) + " is empty or given twice");
        const std::uint64_t type = cursor.number(4);
        if (key == "general.alignment") {
            alignment = read_alignment(cursor, type);
        } else if (type == value_array) {
            const std::uint64_t element = cursor.number(4);
            skip_values(cursor, element, cursor.number(8));
        } else {
            skip_values(cursor, type, 1);
        }
    }
    return alignment;
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
Tensor read_tensor(Cursor& cursor) {
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
    Cursor cursor(size_bytes, read);
    if (cursor.take(4) != "GGUF") damaged("does not begin with GGUF");
    const std::uint64_t version = cursor.number(4);
    if (version != 2 && version != 3)
        damaged("GGUF version " + std::to_string(version) +
                ((version & 0xffff) == 0 ? ", which is big-endian" : "") + ", wanted 2 or 3");
    const std::uint64_t tensor_count = cursor.number(8);
    const std::uint64_t pair_count = cursor.number(8);
    if (pair_count > cursor.left() / least_pair_bytes || tensor_count > cursor.left() / least_tensor_bytes)
        damaged("says it has " + std::to_string(pair_count) + " values and " + std::to_string(tensor_count) +
                " tensors, more than its bytes can hold");
    const std::uint64_t alignment = read_pairs(cursor, pair_count);
    TensorList list{.format = "gguf", .data_offset = 0, .tensors = {}};
    for (std::uint64_t i = 0; i < tensor_count; ++i)
        list.tensors.push_back(read_tensor(cursor));
    list.data_offset = round_up(cursor.at(), alignment);
    place(list, alignment, size_bytes);
    list.data_offset = std::min(list.data_offset, size_bytes); // a file without tensors need not be padded
    put_in_order(list.tensors);
    return list;
}

} // namespace packager
