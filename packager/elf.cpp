#include "packager/elf.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

// Limits. Real files stay far below: the largest seen have 20 segments, 100 needed libraries and a few
// hundred versions. Every loop and every allocation is bounded by one of these.
constexpr std::uint64_t most_segments = 1024;
constexpr std::uint64_t most_dynamic_entries = 16'384;
constexpr std::size_t most_needed = 4096;
constexpr std::uint64_t most_version_records = 65'536;
constexpr std::size_t most_name_bytes = 4096;

constexpr std::uint64_t header_bytes = 64;
constexpr std::uint64_t segment_bytes = 56;
constexpr std::uint64_t section_bytes = 64;
constexpr std::uint64_t dynamic_entry_bytes = 16;
constexpr std::uint64_t version_record_bytes = 16;

enum : std::uint32_t { pt_load = 1, pt_dynamic = 2, pt_interp = 3 };
enum : std::uint64_t {
    dt_null = 0,
    dt_needed = 1,
    dt_strtab = 5,
    dt_strsz = 10,
    dt_soname = 14,
    dt_rpath = 15,
    dt_runpath = 29,
    dt_flags_1 = 0x6ffffffb,
    dt_verneed = 0x6ffffffe,
    dt_verneednum = 0x6fffffff,
    df_1_pie = 0x08000000,
    ver_flg_weak = 2,
};

[[noreturn]] void damaged(const std::string& text) {
    throw Error(Fault::damaged, text);
}

struct Segment {
    std::uint32_t type;
    std::uint64_t offset;
    std::uint64_t address;
    std::uint64_t file_bytes;
};

struct Dynamic {
    std::vector<std::uint64_t> needed;
    std::optional<std::uint64_t> strings, strings_bytes, soname, run_path, old_run_path, versions;
    std::uint64_t versions_count = 0;
    std::uint64_t flags_1 = 0;
};

struct Place {
    std::uint64_t offset; // in the file
    std::uint64_t bytes;  // that follow it in the same segment
};

class ElfReader {
public:
    ElfReader(std::uint64_t size_bytes, const ReadAt& read_at) : size_bytes_(size_bytes), read_at_(read_at) {}

    ElfFacts read();

private:
    std::string bytes(std::uint64_t offset, std::uint64_t length, const char* what) const;
    std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t length) const;
    void read_header(std::string_view header);
    void read_segments(std::string_view header);
    void check_sections(std::string_view header) const;
    Dynamic read_dynamic(const Segment& segment) const;
    void read_names(const Dynamic& dynamic);
    void read_versions(const Dynamic& dynamic);
    ElfVersionNeed read_version_need(const Place& table, std::uint64_t at, std::uint64_t& budget,
                                     std::uint64_t& next) const;
    Place place_of(std::uint64_t address, const char* what) const;
    std::string name(std::uint64_t index, const char* what) const;
    std::string text_at(std::uint64_t offset, std::uint64_t most, const char* what) const;

    std::uint64_t size_bytes_;
    const ReadAt& read_at_;
    ElfFacts facts_;
    std::vector<Segment> segments_;
    Place strings_{0, 0};
};

std::string ElfReader::bytes(std::uint64_t offset, std::uint64_t length, const char* what) const {
    if (offset > size_bytes_ || length > size_bytes_ - offset) {
        damaged(std::string(what) + " is " + std::to_string(length) + " bytes at " + std::to_string(offset) +
                ", outside of the " + std::to_string(size_bytes_) + " bytes of the file");
    }
    std::string read = read_at_(offset, static_cast<std::size_t>(length));
    if (read.size() != length) damaged(std::string(what) + " ends early: the file became shorter");
    return read;
}

std::uint64_t ElfReader::number(std::string_view bytes, std::size_t at, std::size_t length) const {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i) {
        const std::size_t from = facts_.byte_order == ElfByteOrder::little ? length - 1 - i : i;
        value = (value << 8) | static_cast<unsigned char>(bytes[at + from]);
    }
    return value;
}

void ElfReader::read_header(std::string_view header) {
    const auto identity = [&](std::size_t at) { return static_cast<unsigned>(header[at]) & 0xffU; };
    if (identity(4) != 1 && identity(4) != 2) {
        damaged("ELF class is " + std::to_string(identity(4)) + ", wanted 1 (32 bit) or 2 (64 bit)");
    }
    if (identity(5) != 1 && identity(5) != 2) {
        damaged("ELF byte order is " + std::to_string(identity(5)) + ", wanted 1 (little) or 2 (big)");
    }
    if (identity(6) != 1) damaged("ELF version is " + std::to_string(identity(6)) + ", wanted 1");
    facts_.elf_class = identity(4) == 1 ? ElfClass::bits32 : ElfClass::bits64;
    facts_.byte_order = identity(5) == 1 ? ElfByteOrder::little : ElfByteOrder::big;
    const std::uint64_t type = number(header, 16, 2);
    constexpr ElfType types[] = {ElfType::other, ElfType::relocatable, ElfType::executable, ElfType::shared,
                                 ElfType::core};
    facts_.type = type < std::size(types) ? types[type] : ElfType::other;
    facts_.machine = static_cast<std::uint16_t>(number(header, 18, 2));
}

void ElfReader::read_segments(std::string_view header) {
    const std::uint64_t offset = number(header, 32, 8);
    const std::uint64_t entry_bytes = number(header, 54, 2);
    const std::uint64_t count = number(header, 56, 2);
    if (count == 0) return;
    if (count > most_segments) damaged("ELF file claims " + std::to_string(count) + " segments");
    if (entry_bytes != segment_bytes) {
        damaged("program header has " + std::to_string(entry_bytes) + " bytes, wanted 56");
    }
    const std::string table = bytes(offset, count * segment_bytes, "program header table");
    for (std::size_t at = 0; at < table.size(); at += segment_bytes) {
        const Segment segment{static_cast<std::uint32_t>(number(table, at, 4)), number(table, at + 8, 8),
                              number(table, at + 16, 8), number(table, at + 32, 8)};
        if (segment.type != pt_load && segment.type != pt_dynamic && segment.type != pt_interp) continue;
        if (segment.offset > size_bytes_ || segment.file_bytes > size_bytes_ - segment.offset) {
            damaged("segment is " + std::to_string(segment.file_bytes) + " bytes at " +
                    std::to_string(segment.offset) + ", outside of the " + std::to_string(size_bytes_) +
                    " bytes of the file; it may be cut short");
        }
        segments_.push_back(segment);
    }
}

// Nothing is read from sections, but the table is at the end of most files, so it shows that a file was cut.
void ElfReader::check_sections(std::string_view header) const {
    const std::uint64_t offset = number(header, 40, 8);
    const std::uint64_t count = number(header, 60, 2);
    if (offset == 0 || count == 0) return;
    if (offset > size_bytes_ || count * section_bytes > size_bytes_ - offset) {
        damaged("section header table at " + std::to_string(offset) + " is outside of the " +
                std::to_string(size_bytes_) + " bytes of the file; it may be cut short");
    }
}

Dynamic ElfReader::read_dynamic(const Segment& segment) const {
    const std::uint64_t count = segment.file_bytes / dynamic_entry_bytes;
    if (count > most_dynamic_entries) damaged("dynamic section has " + std::to_string(count) + " entries");
    const std::string table = bytes(segment.offset, count * dynamic_entry_bytes, "dynamic section");
    Dynamic dynamic;
    for (std::size_t at = 0; at < table.size(); at += dynamic_entry_bytes) {
        const std::uint64_t tag = number(table, at, 8);
        const std::uint64_t value = number(table, at + 8, 8);
        if (tag == dt_null) return dynamic;
        if (tag == dt_needed) dynamic.needed.push_back(value);
        if (tag == dt_strtab) dynamic.strings = value;
        if (tag == dt_strsz) dynamic.strings_bytes = value;
        if (tag == dt_soname) dynamic.soname = value;
        if (tag == dt_rpath) dynamic.old_run_path = value;
        if (tag == dt_runpath) dynamic.run_path = value;
        if (tag == dt_flags_1) dynamic.flags_1 = value;
        if (tag == dt_verneed) dynamic.versions = value;
        if (tag == dt_verneednum) dynamic.versions_count = value;
    }
    damaged("dynamic section has no end mark");
}

Place ElfReader::place_of(std::uint64_t address, const char* what) const {
    for (const Segment& segment : segments_) {
        if (segment.type != pt_load || address < segment.address) continue;
        const std::uint64_t inside = address - segment.address;
        if (inside < segment.file_bytes) return {segment.offset + inside, segment.file_bytes - inside};
    }
    damaged(std::string(what) + " is at an address that no segment loads");
}

std::string ElfReader::text_at(std::uint64_t offset, std::uint64_t most, const char* what) const {
    const std::string read = bytes(offset, std::min<std::uint64_t>(most, most_name_bytes), what);
    const std::size_t end = read.find('\0');
    if (end == std::string::npos) damaged(std::string(what) + " has no end");
    std::string text = read.substr(0, end);
    // These names go into documents and file lookups: a name that has to be escaped is not one.
    if (text.empty() || manifests::escaped(text, most_name_bytes) != text) {
        damaged(std::string(what) + " is " + in_quotes(text) + ", not a clean name");
    }
    return text;
}

std::string ElfReader::name(std::uint64_t index, const char* what) const {
    if (index >= strings_.bytes) damaged(std::string(what) + " points outside of the string table");
    return text_at(strings_.offset + index, strings_.bytes - index, what);
}

void ElfReader::read_names(const Dynamic& dynamic) {
    if (dynamic.needed.size() > most_needed) {
        damaged("ELF file needs " + std::to_string(dynamic.needed.size()) + " libraries");
    }
    for (const std::uint64_t index : dynamic.needed) {
        facts_.needed.push_back(name(index, "name of a needed library"));
    }
    if (dynamic.soname) facts_.soname = name(*dynamic.soname, "SONAME");
    const auto run_path = dynamic.run_path ? dynamic.run_path : dynamic.old_run_path;
    // Build systems that remove a run path leave an empty text behind.
    if (run_path && bytes(strings_.offset + std::min(*run_path, strings_.bytes - 1), 1, "run path")[0] != 0) {
        facts_.run_path = name(*run_path, "run path");
    }
}

ElfVersionNeed ElfReader::read_version_need(const Place& table, std::uint64_t at, std::uint64_t& budget,
                                            std::uint64_t& next) const {
    const auto record = [&](std::uint64_t place) {
        if (budget == 0) damaged("version needs have too many records");
        --budget;
        if (place > table.bytes || version_record_bytes > table.bytes - place) {
            damaged("version need points outside of its segment");
        }
        return bytes(table.offset + place, version_record_bytes, "version need");
    };
    const std::string head = record(at);
    if (number(head, 0, 2) != 1) damaged("version need has a format other than 1");
    ElfVersionNeed need{name(number(head, 4, 4), "library of a version need"), {}};
    const std::uint64_t count = number(head, 2, 2);
    std::uint64_t place = at + number(head, 8, 4);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string entry = record(place);
        if ((number(entry, 4, 2) & ver_flg_weak) == 0) {
            need.versions.push_back(name(number(entry, 8, 4), "name of a version"));
        }
        const std::uint64_t step = number(entry, 12, 4);
        if (step == 0 && i + 1 < count) damaged("version needs end before their count");
        place += step;
    }
    next = number(head, 12, 4);
    return need;
}

void ElfReader::read_versions(const Dynamic& dynamic) {
    if (!dynamic.versions || dynamic.versions_count == 0) return;
    const Place table = place_of(*dynamic.versions, "version need table");
    std::uint64_t budget = most_version_records;
    std::uint64_t at = 0;
    for (std::uint64_t i = 0; i < dynamic.versions_count; ++i) {
        std::uint64_t next = 0;
        facts_.version_needs.push_back(read_version_need(table, at, budget, next));
        if (next == 0 && i + 1 < dynamic.versions_count) damaged("version needs end before their count");
        at += next;
    }
    for (ElfVersionNeed& need : facts_.version_needs) {
        std::sort(need.versions.begin(), need.versions.end());
        need.versions.erase(std::unique(need.versions.begin(), need.versions.end()), need.versions.end());
    }
    std::stable_sort(facts_.version_needs.begin(), facts_.version_needs.end(),
                     [](const auto& left, const auto& right) { return left.library < right.library; });
}

ElfFacts ElfReader::read() {
    if (size_bytes_ < 52) damaged("ELF header is cut short: the file has " + std::to_string(size_bytes_));
    const std::string header = bytes(0, std::min(size_bytes_, header_bytes), "ELF header");
    read_header(header);
    if (facts_.elf_class == ElfClass::bits32) return facts_;
    if (header.size() < header_bytes) {
        damaged("ELF header is cut short: the file has " + std::to_string(size_bytes_) + " bytes");
    }
    read_segments(header);
    check_sections(header);
    for (const Segment& segment : segments_) {
        if (segment.type == pt_interp) {
            facts_.interpreter = text_at(segment.offset, segment.file_bytes, "interpreter");
        }
        if (segment.type != pt_dynamic) continue;
        if (facts_.has_dynamic) damaged("ELF file has two dynamic sections");
        facts_.has_dynamic = true;
        const Dynamic dynamic = read_dynamic(segment);
        facts_.position_independent_executable = (dynamic.flags_1 & df_1_pie) != 0;
        const bool wants_names = !dynamic.needed.empty() || dynamic.soname || dynamic.run_path ||
                                 dynamic.old_run_path || dynamic.versions;
        if (!wants_names) continue;
        if (!dynamic.strings || !dynamic.strings_bytes) damaged("dynamic section has no string table");
        strings_ = place_of(*dynamic.strings, "string table");
        if (*dynamic.strings_bytes == 0 || *dynamic.strings_bytes > strings_.bytes) {
            damaged("string table of " + std::to_string(*dynamic.strings_bytes) +
                    " bytes does not fit its segment");
        }
        strings_.bytes = *dynamic.strings_bytes;
        read_names(dynamic);
        read_versions(dynamic);
    }
    return facts_;
}

bool is_version_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos &&
           text.front() != '.' && text.back() != '.' && text.find("..") == std::string_view::npos;
}

} // namespace

bool ElfFacts::is_program() const {
    return type == ElfType::executable ||
           (type == ElfType::shared && (position_independent_executable || !interpreter.empty()) &&
            soname.empty());
}

std::optional<ElfFacts> read_elf(std::uint64_t size_bytes, const ReadAt& read_at) {
    constexpr std::string_view magic = "\x7f"
                                       "ELF";
    if (size_bytes < magic.size() || read_at(0, magic.size()) != magic) return std::nullopt;
    return ElfReader(size_bytes, read_at).read();
}

std::optional<ElfFacts> read_elf(std::string_view bytes) {
    return read_elf(bytes.size(), [&](std::uint64_t offset, std::size_t length) {
        return std::string(bytes.substr(static_cast<std::size_t>(offset), length));
    });
}

std::string machine_name(const ElfFacts& facts) {
    const bool is_64 = facts.elf_class == ElfClass::bits64;
    const bool is_little = facts.byte_order == ElfByteOrder::little;
    if (is_64 && is_little) {
        if (facts.machine == 62) return "x86_64";
        if (facts.machine == 183) return "aarch64";
        if (facts.machine == 243) return "riscv64";
        if (facts.machine == 258) return "loongarch64";
    }
    return "elf-machine-" + std::to_string(facts.machine);
}

bool is_lower_version(std::string_view left, std::string_view right) {
    while (!left.empty() || !right.empty()) {
        const auto take = [](std::string_view& text) {
            const std::size_t dot = std::min(text.find('.'), text.size());
            std::string_view part = text.substr(0, dot);
            text.remove_prefix(std::min(dot + 1, text.size()));
            part.remove_prefix(std::min(part.find_first_not_of('0'), part.size()));
            return part;
        };
        const std::string_view a = take(left);
        const std::string_view b = take(right);
        if (a.size() != b.size()) return a.size() < b.size();
        if (a != b) return a < b;
    }
    return false;
}

std::optional<std::string> minimum_version(const ElfVersionNeed& need, std::string_view prefix) {
    std::optional<std::string> highest;
    for (const std::string_view version : need.versions) {
        if (!version.starts_with(prefix) || version.substr(prefix.size(), 1) != "_") continue;
        const std::string_view number = version.substr(prefix.size() + 1);
        if (is_version_number(number) && (!highest || is_lower_version(*highest, number))) highest = number;
    }
    return highest;
}

std::optional<std::string> minimum_version(const ElfFacts& facts, std::string_view prefix) {
    std::optional<std::string> highest;
    for (const ElfVersionNeed& need : facts.version_needs) {
        const auto version = minimum_version(need, prefix);
        if (version && (!highest || is_lower_version(*highest, *version))) highest = version;
    }
    return highest;
}

} // namespace packager
