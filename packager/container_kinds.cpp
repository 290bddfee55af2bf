#include "packager/container_kinds.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "packager/file_view.hpp"

namespace packager {
namespace {

using namespace std::string_view_literals;

struct Signature {
    std::string_view bytes;
    ContainerKind is;
};

constexpr std::array<Signature, 9> signatures{{
    {"7z\xbc\xaf\x27\x1c"sv, {Packing::seven_zip, "7z"}},
    {"\x1f\x8b\x08"sv, {Packing::gzip, "gzip"}},
    {"\xfd\x37zXZ\0"sv, {Packing::xz, "xz"}},
    {"LZIP\0"sv, {Packing::lzip, "lzip"}},
    {"LZIP\1"sv, {Packing::lzip, "lzip"}},
    {"\x28\xb5\x2f\xfd"sv, {Packing::zstd, "zstd"}},
    {"\x04\x22\x4d\x18"sv, {Packing::lz4, "lz4"}},
    {"\x02\x21\x4c\x18"sv, {Packing::lz4, "lz4"}},
    {"\x03\x21\x4c\x18"sv, {Packing::lz4, "lz4"}},
}};

// A digit for the size of the blocks, then a block or the end.
bool begins_as_bzip2(std::string_view front) {
    if (!front.starts_with("BZh") || front.size() < 4 || front[3] < '1' || front[3] > '9') return false;
    const std::string_view rest = front.substr(4);
    return rest.starts_with("\x31\x41\x59\x26\x53\x59") || rest.starts_with("\x17\x72\x45\x38\x50\x90");
}

// How it is modelled, the size of the dictionary (of two bits at most), the length or that it is not known,
// and a zero. Only some readers mind the size of the dictionary.
std::optional<ContainerKind> lzma_by_front(std::string_view front) {
    constexpr std::size_t header_bytes = 14;
    if (!front.starts_with("\x5d")) return std::nullopt;
    const ContainerKind maybe{Packing::lzma, "lzma", false};
    const auto weak = front.starts_with("\x5d\0"sv) ? std::optional(maybe) : std::nullopt;
    if (front.size() < header_bytes || front[13] != '\0') return weak;
    const std::uint64_t dictionary_bytes = little_number(front, 1, 4);
    std::uint64_t bits = dictionary_bytes;
    while (bits > 3 && bits % 2 == 0)
        bits /= 2;
    const std::uint64_t length = little_number(front, 5, 8);
    const bool is_unknown = length == ~std::uint64_t{0};
    // Tables of numbers that begin with 93 have a small dictionary and a length.
    constexpr std::uint64_t least_written_bytes = 4096;
    const bool is_written = dictionary_bytes >= least_written_bytes && length < 1ULL << 38;
    if ((bits > 3 && dictionary_bytes != 0xffffffff) || (!is_unknown && !is_written)) return weak;
    return ContainerKind{Packing::lzma, "lzma"};
}

// A number that is a multiple of 31, of which one bit would say that a dictionary is needed.
bool begins_as_zlib(std::string_view front) {
    if (front.size() < 2 || front[0] != '\x78') return false;
    const auto flags = static_cast<unsigned char>(front[1]);
    return (0x78U * 256 + flags) % 31 == 0 && (flags & 0x20U) == 0;
}

// A frame of anything, which readers of zstd and of lz4 skip; pzstd writes it in front of others.
bool begins_with_skipped_frame(std::string_view front) {
    return front.size() >= 4 && (static_cast<unsigned char>(front[0]) & 0xf0U) == 0x50 &&
           front.substr(1).starts_with("\x2a\x4d\x18");
}

// Spaces and zeros around octal digits.
std::optional<unsigned> octal(std::string_view field) {
    const std::size_t from = field.find_first_not_of(" \0"sv);
    if (from == std::string_view::npos) return std::nullopt;
    field.remove_prefix(from);
    field = field.substr(0, field.find_first_of(" \0"sv));
    unsigned value = 0;
    for (const char c : field) {
        if (c < '0' || c > '7') return std::nullopt;
        value = value * 8 + static_cast<unsigned>(c - '0');
    }
    return value;
}

// By the sum of its first header, for the oldest form has no other sign.
bool begins_as_tar(std::string_view front) {
    constexpr std::size_t header_bytes = 512, sum_at = 148, sum_bytes = 8, magic_at = 257;
    if (front.size() < header_bytes) return false;
    if (front.substr(magic_at).starts_with("ustar")) return true;
    const auto said = octal(front.substr(sum_at, sum_bytes));
    if (!said) return false;
    unsigned sum = sum_bytes * ' ';
    std::int64_t signed_sum = sum_bytes * ' '; // as some old programs had it
    for (std::size_t i = 0; i < header_bytes; ++i) {
        if (i >= sum_at && i < sum_at + sum_bytes) continue;
        sum += static_cast<unsigned char>(front[i]);
        signed_sum += static_cast<signed char>(front[i]);
    }
    return *said == sum || static_cast<std::int64_t>(*said) == signed_sum;
}

} // namespace

std::vector<ContainerKind> containers_by_front(std::string_view front) {
    std::vector<ContainerKind> found;
    for (const Signature& one : signatures)
        if (front.starts_with(one.bytes)) found.push_back(one.is);
    if (const auto lzma = lzma_by_front(front)) found.push_back(*lzma);
    if (begins_as_bzip2(front)) found.push_back({Packing::bzip2, "bzip2"});
    if (begins_as_zlib(front)) found.push_back({Packing::gzip, "zlib", false, true});
    if (begins_with_skipped_frame(front)) {
        found.push_back({Packing::zstd, "zstd"});
        found.push_back({Packing::lz4, "lz4", false});
    }
    if (begins_as_tar(front)) found.push_back({Packing::tar, "tar"});
    return found;
}

bool begins_as_zip(std::string_view front) {
    return front.starts_with("PK\3\4") || front.starts_with("PK\5\6") || front.starts_with("PK\7\10");
}

} // namespace packager
