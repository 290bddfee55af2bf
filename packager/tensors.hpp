#pragma once
// The tensors of a weight file, read from its header alone: where each one lies, so that two files can be
// compared tensor by tensor and a difference gets the name that people know it by. Safetensors and GGUF; a
// header is at most 100 MB, whatever the weights behind it have.
//
// The reader is stricter than the engines are: what it lists covers the file without hole or overlap. A file
// that breaks a rule has no list, and is then compared as bytes; nothing here decides about trust.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packager/gguf_metadata.hpp"

namespace packager {

struct Tensor {
    std::string name; ///< UTF-8, otherwise anything: escape it, never make it a path
    std::string type; ///< as the format spells it: "BF16", "Q4_K"
    std::vector<std::uint64_t> shape;
    std::uint64_t offset = 0; ///< of its first byte in the file
    std::uint64_t size_bytes = 0;

    friend bool operator==(const Tensor&, const Tensor&) = default;
};

struct TensorList {
    std::string format;            ///< "safetensors" or "gguf"
    std::uint64_t data_offset = 0; ///< end of the header, start of the data
    std::vector<Tensor> tensors;   ///< by offset; names are unique
    GgufMetadata metadata = {};    ///< of "gguf"; else empty
};

struct TensorListing {
    std::optional<TensorList> list;
    std::string reason;     ///< why there is no list; one line that can be printed
    bool is_format = false; ///< it begins as a file of one of the formats does
};

/// No header may be longer, by the rule of safetensors; the largest GGUF vocabularies have 20 MB.
inline constexpr std::uint64_t most_header_bytes = 100'000'000;

/// Gives `length` bytes at `offset`; fewer only if the file became shorter.
using ReadBytes = std::function<std::string(std::uint64_t offset, std::size_t length)>;

/// Where nobody says what the file should be, by its first bytes alone.
enum class NamedAs { anything, safetensors };

/// Never asks for bytes beyond `size_bytes`, and never for more than most_header_bytes at once.
/// @param named  a file that is called *.safetensors is told what is wrong with its header
/// @throws  whatever `read` throws, nothing else: a malformed file is a reason
TensorListing list_tensors(std::uint64_t size_bytes, const ReadBytes& read,
                           NamedAs named = NamedAs::anything);

/// The two readers behind it. @throws Error  Fault::damaged
/// Source: huggingface/safetensors README.md and src/tensor.rs; names, shapes and the metadata as there.
/// Where the two differ, or the reader is laxer than is safe: the header begins with its brace, white space
/// of JSON may stand behind it and nothing else; no name is given twice at any level; __metadata__ is an
/// object of texts, not null; no NUL in a name; members of a tensor that are not known are let through, as
/// there.
TensorList read_safetensors(std::uint64_t size_bytes, const ReadBytes& read);
/// Source: ggml-org/ggml docs/gguf.md, include/ggml.h; versions 2 and 3, little-endian. Stricter than ggml:
/// a product of dimensions that wraps around to 0 is none, nothing stands behind the last tensor but its
/// padding, and see gguf_metadata.hpp. As llama.cpp, and unlike ggml when it loads data, it lets a file end
/// before the padding of its last tensor.
TensorList read_gguf(std::uint64_t size_bytes, const ReadBytes& read);

/// Product of the dimensions, or nothing if it leaves 63 bits. A shape without dimensions has one element.
std::optional<std::uint64_t> element_count(const std::vector<std::uint64_t>& shape);

/// Sorts by offset and demands that no two have one name.
/// @throws Error  Fault::damaged
void put_in_order(std::vector<Tensor>& tensors);

} // namespace packager
