#include "runtime/probes/version_definitions.hpp"

#include <algorithm>
#include <optional>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "manifests/version_range.hpp"

namespace runtime {
namespace {

using manifests::Error;
using manifests::Fault;

constexpr std::uint64_t most_headers = 512;      // libraries have about ten
constexpr std::uint64_t most_entries = 4096;     // of the dynamic section; about thirty
constexpr std::uint64_t most_definitions = 4096; // libc has about forty
constexpr std::size_t longest_name = 64;

[[noreturn]] void refuse(const std::string& text) {
    throw Error(Fault::damaged, "ELF: " + text);
}

class Image {
public:
    Image(std::uint64_t size_bytes, const ReadPart& read_part)
        : size_bytes_(size_bytes), read_part_(read_part) {}

    std::string bytes(std::uint64_t offset, std::size_t length) const {
        if (offset > size_bytes_ || length > size_bytes_ - offset)
            refuse("points beyond the end of the file");
        std::string part = read_part_(offset, length);
        if (part.size() != length) refuse("the file became shorter");
        return part;
    }
    // Text up to a NUL; what has none within longest_name bytes is no version.
    std::string text(std::uint64_t offset) const {
        if (offset >= size_bytes_) refuse("a name lies beyond the end of the file");
        const std::uint64_t left = size_bytes_ - offset;
        const std::string part =
            bytes(offset, static_cast<std::size_t>(std::min<std::uint64_t>(left, longest_name)));
        const std::size_t end = part.find('\0');
        if (end == std::string::npos && left < longest_name) refuse("a name has no end");
        return end == std::string::npos ? "" : part.substr(0, end);
    }

private:
    std::uint64_t size_bytes_;
    const ReadPart& read_part_;
};

std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = length; i-- > 0;)
        value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

struct Segment {
    std::uint64_t type, offset, address, size_bytes;
};

std::vector<Segment> segments_of(const Image& image, std::string_view header) {
    const std::uint64_t start = number(header, 32, 8);
    const std::uint64_t entry_bytes = number(header, 54, 2);
    const std::uint64_t count = number(header, 56, 2);
    if (count == 0 || count > most_headers || entry_bytes != 56) refuse("no usable program headers");
    const std::string table = image.bytes(start, static_cast<std::size_t>(count * entry_bytes));
    std::vector<Segment> segments;
    for (std::size_t at = 0; at < table.size(); at += 56)
        segments.push_back({number(table, at, 4), number(table, at + 8, 8), number(table, at + 16, 8),
                            number(table, at + 32, 8)});
    return segments;
}

// Where bytes that are loaded at an address lie in the file.
std::uint64_t offset_of(const std::vector<Segment>& segments, std::uint64_t address) {
    constexpr std::uint64_t load = 1;
    for (const Segment& segment : segments) {
        const bool inside = segment.type == load && address >= segment.address &&
                            address - segment.address < segment.size_bytes;
        if (!inside) continue;
        const std::uint64_t offset = segment.offset + (address - segment.address);
        if (offset < segment.offset) refuse("a segment lies beyond all files");
        return offset;
    }
    refuse("an address is in no segment");
}

struct Dynamic {
    std::optional<std::uint64_t> strings, definitions, definition_count;
};

Dynamic dynamic_of(const Image& image, const std::vector<Segment>& segments) {
    constexpr std::uint64_t dynamic_type = 2;
    const auto segment = std::find_if(segments.begin(), segments.end(),
                                      [](const Segment& one) { return one.type == dynamic_type; });
    if (segment == segments.end()) refuse("no dynamic section");
    const std::uint64_t count = std::min(segment->size_bytes / 16, most_entries);
    const std::string table = image.bytes(segment->offset, static_cast<std::size_t>(count * 16));
    Dynamic dynamic;
    for (std::size_t at = 0; at < table.size(); at += 16) {
        const std::uint64_t tag = number(table, at, 8);
        const std::uint64_t value = number(table, at + 8, 8);
        if (tag == 0) break;
        if (tag == 5) dynamic.strings = value;                   // DT_STRTAB
        if (tag == 0x6ffffffc) dynamic.definitions = value;      // DT_VERDEF
        if (tag == 0x6ffffffd) dynamic.definition_count = value; // DT_VERDEFNUM
    }
    return dynamic;
}

// Verdef: version, flags, index, count of names (2 bytes each), hash, offset of the names, offset of the
// next.
std::vector<std::string> names_of(const Image& image, std::uint64_t at, std::uint64_t count,
                                  std::uint64_t strings) {
    constexpr std::uint64_t base = 1; // names the library itself
    constexpr std::size_t definition_bytes = 20;
    std::vector<std::string> names;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string definition = image.bytes(at, definition_bytes);
        if (number(definition, 0, 2) != 1) refuse("a version definition of another kind");
        if ((number(definition, 2, 2) & base) == 0) {
            const std::string first = image.bytes(at + number(definition, 12, 4), 8);
            names.push_back(image.text(strings + number(first, 0, 4)));
        }
        const std::uint64_t next = number(definition, 16, 4);
        if (next == 0) break;
        if (next < definition_bytes) refuse("version definitions overlap");
        at += next; // below 2^32 a step, and `at` was inside the file
    }
    return names;
}

std::string architecture_of(std::uint64_t machine) {
    switch (machine) {
    case 62:
        return "x86_64";
    case 183:
        return "aarch64";
    case 258:
        return "loongarch64";
    default:
        return "";
    }
}

bool is_numeric(std::string_view version) {
    return !version.empty() && version.find_first_not_of("0123456789.") == std::string_view::npos &&
           version.front() != '.' && version.back() != '.';
}

} // namespace

VersionDefinitions read_version_definitions(std::uint64_t size_bytes, const ReadPart& read_part) {
    const Image image(size_bytes, read_part);
    const std::string header = image.bytes(0, 64);
    if (header.substr(0, 4) != "\x7f"
                               "ELF")
        refuse("not an ELF file");
    if (header[4] != 2 || header[5] != 1) refuse("not 64-bit little-endian");
    VersionDefinitions found{.architecture = architecture_of(number(header, 18, 2)), .names = {}};
    const std::vector<Segment> segments = segments_of(image, header);
    const Dynamic dynamic = dynamic_of(image, segments);
    if (!dynamic.definitions) return found; // a library without versions
    if (!dynamic.strings || !dynamic.definition_count) refuse("version definitions without names or number");
    if (*dynamic.definition_count > most_definitions) refuse("too many version definitions");
    found.names = names_of(image, offset_of(segments, *dynamic.definitions), *dynamic.definition_count,
                           offset_of(segments, *dynamic.strings));
    return found;
}

std::string highest_version(const VersionDefinitions& definitions, std::string_view prefix) {
    std::string highest;
    for (const std::string& name : definitions.names) {
        const std::string_view text = name;
        if (!text.starts_with(prefix) || text.substr(prefix.size(), 1) != "_") continue;
        const std::string_view version = text.substr(prefix.size() + 1);
        if (is_numeric(version) && (highest.empty() || manifests::compare_versions(highest, version) < 0))
            highest = version;
    }
    return highest;
}

} // namespace runtime
