// Safetensors: the length of the header in 8 bytes, little-endian, then JSON, then the data.

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/json_members.hpp"
#include "manifests/text.hpp"
#include "packager/tensors.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Json;

constexpr std::uint64_t length_bytes = 8;
// Names of real models have up to 200; one that fills the header costs its readers many times its size.
constexpr std::size_t most_name_bytes = 4096;

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 22> type_bits{{
    {"F4", 4},      {"F6_E2M3", 6}, {"F6_E3M2", 6},     {"BOOL", 8},        {"U8", 8},   {"I8", 8},
    {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8},     {"I16", 16},        {"U16", 16}, {"F16", 16},
    {"BF16", 16},   {"I32", 32},    {"U32", 32},        {"F32", 32},        {"I64", 64}, {"U64", 64},
    {"F64", 64},    {"C64", 64},    {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8},
}};

std::uint64_t bits_of(const std::string& type) {
    for (const auto& [name, bits] : type_bits) {
        if (name == type) return bits;
    }
    throw Error(Fault::damaged, "dtype " + in_quotes(type) + " is not known");
}

std::vector<std::uint64_t> counts(manifests::Fields& fields, std::string_view name) {
    std::vector<std::uint64_t> numbers;
    for (const Json& value : fields.array(name)) {
        if (!value.is_number_unsigned())
            throw Error(Fault::damaged, std::string(name) + " holds something that is no count");
        numbers.push_back(value.get<std::uint64_t>());
    }
    return numbers;
}

void check_size(const Tensor& tensor) {
    const auto elements = element_count(tensor.shape);
    const std::uint64_t bits = bits_of(tensor.type);
    if (!elements || *elements > (std::uint64_t{1} << 62) / bits)
        throw Error(Fault::damaged, "the shape has too many elements");
    if (*elements * bits % 8 != 0)
        throw Error(Fault::damaged, "the shape has " + std::to_string(*elements) + " elements of " +
                                        std::to_string(bits) + " bits, which are no whole number of bytes");
    if (*elements * bits / 8 != tensor.size_bytes)
        throw Error(Fault::damaged, "data_offsets hold " + std::to_string(tensor.size_bytes) +
                                        " bytes, wanted " + std::to_string(*elements * bits / 8));
}

Tensor read_tensor(const std::string& name, const Json& value, std::uint64_t data_offset) {
    try {
        manifests::Fields fields(value);
        Tensor tensor{.name = name,
                      .type = fields.text("dtype"),
                      .shape = counts(fields, "shape"),
                      .offset = 0,
                      .size_bytes = 0};
        const std::vector<std::uint64_t> offsets = counts(fields, "data_offsets");
        fields.allow_others("safetensors: the reference reader ignores what it does not know");
        if (offsets.size() != 2 || offsets[0] > offsets[1])
            throw Error(Fault::damaged, "data_offsets are not two rising numbers");
        tensor.offset = offsets[0];
        tensor.size_bytes = offsets[1] - offsets[0];
        check_size(tensor);
        if (tensor.offset > (std::uint64_t{1} << 62))
            throw Error(Fault::damaged, "data_offsets are too large");
        tensor.offset += data_offset;
        return tensor;
    } catch (Error& error) {
        error.in("tensor " + in_quotes(name));
        throw;
    }
}

void check_metadata(const Json& value) {
    bool texts = value.is_object();
    for (const Json& member : value)
        texts = texts && member.is_string();
    if (!texts) throw Error(Fault::damaged, "__metadata__ is not an object of strings");
}

// Every byte of the data belongs to one tensor.
void refuse_holes(const TensorList& list, std::uint64_t size_bytes) {
    std::uint64_t at = list.data_offset;
    for (const Tensor& tensor : list.tensors) {
        if (tensor.offset != at) {
            throw Error(Fault::damaged, "tensor " + in_quotes(tensor.name) + " begins at byte " +
                                            std::to_string(tensor.offset) + ", wanted " + std::to_string(at));
        }
        at += tensor.size_bytes;
    }
    if (at != size_bytes) {
        throw Error(Fault::damaged,
                    "the tensors end at byte " + std::to_string(at) + " of " + std::to_string(size_bytes));
    }
}

std::uint64_t header_length(std::uint64_t size_bytes, const ReadBytes& read) {
    const std::string bytes = size_bytes < length_bytes ? "" : read(0, length_bytes);
    if (bytes.size() < length_bytes) throw Error(Fault::damaged, "shorter than the length of its header");
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
        length |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    if (length > most_header_bytes || length > size_bytes - length_bytes)
        throw Error(Fault::damaged, "a header of " + std::to_string(length) + " bytes in a file of " +
                                        std::to_string(size_bytes));
    return length;
}

void check_first_byte(std::string_view header) {
    if (header.empty()) throw Error(Fault::damaged, "the length of its header is 0, wanted a JSON object");
    if (header.front() == '{') return;
    const std::string found = header.starts_with("\xef\xbb\xbf")     ? "a byte order mark"
                              : header.front() == '['                ? "a JSON list"
                              : header.find_first_of(" \t\r\n") == 0 ? "white space"
                                                                     : in_quotes(header.substr(0, 1));
    throw Error(Fault::damaged, "the header begins with " + found + ", wanted '{' as its first byte");
}

} // namespace

TensorList read_safetensors(std::uint64_t size_bytes, const ReadBytes& read) {
    const std::uint64_t length = header_length(size_bytes, read);
    const std::string text = read(length_bytes, static_cast<std::size_t>(length));
    if (text.size() < length) throw Error(Fault::damaged, "ends inside of its header");
    check_first_byte(text);
    TensorList list{
        .format = "safetensors", .data_offset = length_bytes + length, .tensors = {}, .metadata = {}};
    const auto on_member = [&](const std::string& name, const Json& value) {
        if (name == "__metadata__") return check_metadata(value);
        if (name.size() > most_name_bytes)
            throw Error(Fault::damaged, "a tensor name of " + std::to_string(name.size()) +
                                            " bytes, wanted at most " + std::to_string(most_name_bytes));
        list.tensors.push_back(read_tensor(name, value, list.data_offset));
    };
    const std::uint64_t bounded_by_bytes = most_header_bytes;
    manifests::read_json_members(text, "", on_member,
                                 {.most_bytes = most_header_bytes,
                                  .most_depth = 4,
                                  .most_members = bounded_by_bytes,
                                  .comments = false,
                                  .floats = false});
    put_in_order(list.tensors);
    refuse_holes(list, size_bytes);
    return list;
}

} // namespace packager
