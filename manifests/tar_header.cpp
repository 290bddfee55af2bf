#include "manifests/tar_header.hpp"

#include <cstdio>

#include "manifests/error.hpp"

namespace manifests {
namespace {

constexpr std::size_t name_bytes = 100;
constexpr std::size_t size_at = 124;
constexpr std::size_t size_field_bytes = 12;
constexpr std::size_t checksum_at = 148;
constexpr std::size_t checksum_bytes = 8;
constexpr std::uint64_t first_binary_size = 1ULL << 33; // eleven octal digits end here

std::string size_field(std::uint64_t size_bytes) {
    if (size_bytes < first_binary_size) {
        char octal[size_field_bytes + 1];
        std::snprintf(octal, sizeof octal, "%011llo", static_cast<unsigned long long>(size_bytes));
        return {octal, size_field_bytes};
    }
    std::string field(size_field_bytes, '\0');
    field[0] = static_cast<char>(0x80);
    for (std::size_t i = 0; i < 8; ++i)
        field[size_field_bytes - 1 - i] = static_cast<char>(size_bytes >> (8 * i));
    return field;
}

std::uint64_t size_of_field(std::string_view field) {
    std::uint64_t size_bytes = 0;
    if (static_cast<unsigned char>(field[0]) == 0x80) {
        for (const char c : field.substr(4))
            size_bytes = size_bytes << 8 | static_cast<unsigned char>(c);
        return size_bytes;
    }
    for (const char c : field.substr(0, size_field_bytes - 1)) {
        if (c < '0' || c > '7') return 0; // the comparison with what we would write fails then
        size_bytes = size_bytes << 3 | static_cast<std::uint64_t>(c - '0');
    }
    return size_bytes;
}

// Sum of all bytes, those of the checksum itself counted as spaces.
unsigned checksum_of(std::string_view block) {
    unsigned sum = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        const bool own = i >= checksum_at && i < checksum_at + checksum_bytes;
        sum += own ? unsigned{' '} : static_cast<unsigned char>(block[i]);
    }
    return sum;
}

} // namespace

std::string tar_header(std::string_view name, std::uint64_t size_bytes) {
    if (name.empty() || name.size() >= name_bytes) {
        throw Error(Fault::internal, "name of an entry is empty or over 99 bytes: " + std::string(name));
    }
    std::string block(tar_block_bytes, '\0');
    const auto put = [&](std::size_t at, std::string_view bytes) { block.replace(at, bytes.size(), bytes); };
    put(0, name);
    put(100, std::string_view("0000644\0"
                              "0000000\0"
                              "0000000\0",
                              24)); // mode, uid, gid
    put(size_at, size_field(size_bytes));
    put(136, "00000000000"); // mtime
    put(156, "0");           // a regular file
    put(257, "ustar  ");     // GNU's magic
    char checksum[checksum_bytes];
    std::snprintf(checksum, sizeof checksum, "%06o", checksum_of(block));
    put(checksum_at, {checksum, 7}); // digits and NUL
    block[checksum_at + 7] = ' ';
    return block;
}

std::optional<TarClaim> read_tar_header(std::string_view block) {
    const std::size_t end = block.substr(0, name_bytes).find('\0');
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    TarClaim claim{std::string(block.substr(0, end)), size_of_field(block.substr(size_at, size_field_bytes))};
    if (claim.size_bytes > 1ULL << 62 || tar_header(claim.name, claim.size_bytes) != block)
        return std::nullopt;
    return claim;
}

bool has_tar_checksum(std::string_view block) {
    unsigned found = 0;
    for (const char c : block.substr(checksum_at, 6)) {
        if (c < '0' || c > '7') return false;
        found = found << 3 | static_cast<unsigned>(c - '0');
    }
    return found == checksum_of(block);
}

} // namespace manifests
