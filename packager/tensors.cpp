#include "packager/tensors.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <unordered_set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {

using manifests::Error;
using manifests::Fault;

namespace {

constexpr std::uint64_t front_bytes = 9; // the length of a safetensors header and its brace

// Bytes of anything else seldom are a length that fits.
bool is_header_length(std::string_view front, std::uint64_t size_bytes) {
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;)
        length = length << 8 | static_cast<unsigned char>(front[i]);
    return length <= most_header_bytes && length <= size_bytes - 8;
}

} // namespace

std::optional<std::uint64_t> element_count(const std::vector<std::uint64_t>& shape) {
    constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    // A dimension of 0 empties the tensor, but must not hide that the others leave 63 bits: a product that
    // has wrapped around to 0 is a known hole of other readers.
    std::uint64_t product = 1;
    bool empty = false;
    for (const std::uint64_t dimension : shape) {
        if (dimension == 0) {
            empty = true;
            continue;
        }
        if (dimension > most / product) return std::nullopt;
        product *= dimension;
    }
    return empty ? 0 : product;
}

void put_in_order(std::vector<Tensor>& tensors) {
    std::unordered_set<std::string_view> names;
    for (const Tensor& tensor : tensors) {
        if (!names.insert(tensor.name).second)
            throw Error(Fault::damaged, "tensor " + manifests::in_quotes(tensor.name) + " is given twice");
    }
    // Empty tensors share their place with the next one.
    std::sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) {
        return std::tie(a.offset, a.size_bytes, a.name) < std::tie(b.offset, b.size_bytes, b.name);
    });
}

TensorListing list_tensors(std::uint64_t size_bytes, const ReadBytes& read, NamedAs named) {
    const std::string front = read(0, static_cast<std::size_t>(std::min(size_bytes, front_bytes)));
    const bool gguf = front.starts_with("GGUF");
    const bool is_safetensors = front.size() == front_bytes && front.back() == '{';
    if (!gguf && !is_safetensors && named == NamedAs::anything)
        return {std::nullopt, "neither GGUF nor safetensors", false};
    const bool is_format = gguf || (is_safetensors && is_header_length(front, size_bytes));
    try {
        return {gguf ? read_gguf(size_bytes, read) : read_safetensors(size_bytes, read), "", true};
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return {std::nullopt, error.what(), is_format};
    }
}

} // namespace packager
