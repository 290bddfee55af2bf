#include "tests/support/plain_tree.hpp"

namespace tests {
namespace {

using manifests::Digest;

constexpr std::size_t block = 4096;
constexpr std::size_t chunk = 524288;

std::string raw(const Digest& digest) {
    return {digest.bytes().begin(), digest.bytes().end()};
}

// H(pad(x)) for each block of the text.
std::string up(std::string_view text) {
    std::string hashes;
    for (std::size_t at = 0; at < text.size(); at += block) {
        std::string padded(text.substr(at, block));
        padded.resize(block);
        hashes += raw(Digest::of(padded));
    }
    return hashes;
}

} // namespace

std::string plain_chunk(std::string_view bytes) {
    return up(up(bytes));
}

std::string plain_chunks(std::string_view bytes) {
    std::string chunks;
    for (std::size_t at = 0; at < bytes.size(); at += chunk)
        chunks += plain_chunk(bytes.substr(at, chunk));
    return chunks;
}

std::string plain_root(std::string_view bytes) {
    if (bytes.empty()) return std::string(32, '\0');
    std::string level = up(bytes);
    while (level.size() > 32)
        level = up(level);
    return level;
}

std::string plain_descriptor(std::uint64_t size_bytes, std::string_view root) {
    std::string descriptor("\1\1\x0c\0\0\0\0\0", 8);
    for (unsigned i = 0; i < 8; ++i)
        descriptor += static_cast<char>(size_bytes >> (8 * i));
    descriptor += root;
    descriptor.resize(256);
    return descriptor;
}

Digest plain_verity(std::string_view bytes) {
    return Digest::of(plain_descriptor(bytes.size(), plain_root(bytes)));
}

manifests::BundleFile file_of(const std::string& path, manifests::Role role, std::string_view bytes,
                              manifests::FileMode mode) {
    manifests::BundleFile file{.path = manifests::BundlePath::parse(path),
                               .role = role,
                               .mode = mode,
                               .size_bytes = bytes.size(),
                               .digest = Digest::of(bytes),
                               .fs_verity = plain_verity(bytes),
                               .chunk_table = std::nullopt};
    if (bytes.size() > chunk) file.chunk_table = Digest::of(plain_chunks(bytes));
    return file;
}

} // namespace tests
