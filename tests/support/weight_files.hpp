#pragma once
// Small weight files made by hand, with the places to put a lie.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tests {

struct WeightTensor {
    std::string name;
    std::string type; ///< safetensors: its dtype; gguf: the number of its type
    std::vector<std::uint64_t> shape;
    std::string data;
};

/// The length of `header` in 8 bytes, `header`, `data`.
std::string safetensors_file(std::string_view header, std::string_view data);
/// The same with the header that describes the tensors in this order.
/// @param metadata  text of a member of __metadata__; empty: there is none
std::string make_safetensors(const std::vector<WeightTensor>& tensors, const std::string& metadata = "");

/// Numbers of `length_bytes` bytes, lowest byte first, and texts with their length in front.
class GgufWriter {
public:
    GgufWriter& number(std::uint64_t value, std::size_t length_bytes);
    GgufWriter& text(std::string_view text);
    GgufWriter& raw(std::string_view data);
    /// "GGUF", version 3, the two counts.
    GgufWriter& start(std::uint64_t tensors, std::uint64_t pairs, std::uint32_t version = 3);
    /// A key with a value of type uint32.
    GgufWriter& pair(std::string_view key, std::uint32_t value);
    GgufWriter& tensor(std::string_view name, const std::vector<std::uint64_t>& shape, std::uint32_t type,
                       std::uint64_t offset);
    /// Zeros up to a multiple of `unit`.
    GgufWriter& pad(std::size_t unit);

    std::string bytes;
};

/// @param architecture  the value of its one key with a text
std::string make_gguf(const std::vector<WeightTensor>& tensors, const std::string& architecture = "llama");

/// One tensor of bytes: a file of data.size() + 64 bytes.
std::string make_plain_gguf(const std::string& data);
inline constexpr std::size_t plain_gguf_header_bytes = 64;

} // namespace tests
