#include "packager/elf_file.hpp"

#include <algorithm>
#include <iterator>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

// Limits. Real files stay far below: the largest seen have 20 segments and some ten thousand sections. Every
// loop and every allocation is bounded by one of these.
constexpr std::uint64_t most_segments = 1024;
constexpr std::uint64_t most_dynamic_entries = 16'384;
constexpr std::uint64_t sections_at_once = 1024;
constexpr std::size_t most_name_bytes = 4096;
constexpr std::uint64_t most_section_name_bytes = 64;

constexpr std::uint64_t header_bytes = 64;
constexpr std::uint64_t segment_bytes = 56;
constexpr std::uint64_t section_bytes = 64;
constexpr std::uint64_t dynamic_entry_bytes = 16;

enum : std::uint32_t { pt_dynamic = 2, pt_load = 1, sht_nobits = 8 };
enum : std::uint64_t {
    dt_null = 0,
    dt_needed = 1,
    dt_hash = 4,
    dt_strtab = 5,
    dt_symtab = 6,
    dt_strsz = 10,
    dt_soname = 14,
    dt_rpath = 15,
    dt_runpath = 29,
    dt_gnu_hash = 0x6ffffef5,
    dt_flags_1 = 0x6ffffffb,
    dt_verneed = 0x6ffffffe,
    dt_verneednum = 0x6fffffff,
};

[[noreturn]] void damaged(const std::string& text) {
    throw Error(Fault::damaged, text);
}

// Those of segments whose content is asked for later: a debugger's or a vendor's own may point anywhere.
bool is_read(std::uint32_t type) {
    constexpr std::uint32_t pt_interp = 3, pt_gnu_property = 0x6474e553;
    return type == pt_load || type == pt_dynamic || type == pt_interp || type == pt_gnu_property;
}

} // namespace

std::uint64_t elf_number(const ElfFacts& header, std::string_view bytes, std::size_t at, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i) {
        const std::size_t from = header.byte_order == ElfByteOrder::little ? length - 1 - i : i;
        value = (value << 8) | static_cast<unsigned char>(bytes[at + from]);
    }
    return value;
}

ElfFacts parse_elf_header(std::string_view header) {
    constexpr std::size_t short_header_bytes = 52;
    const auto cut_short = [&] {
        damaged("ELF header is cut short: there are " + std::to_string(header.size()) + " bytes");
    };
    if (header.size() < short_header_bytes) cut_short();
    const auto identity = [&](std::size_t at) { return static_cast<unsigned>(header[at]) & 0xffU; };
    if (identity(4) != 1 && identity(4) != 2)
        damaged("ELF class is " + std::to_string(identity(4)) + ", wanted 1 (32 bit) or 2 (64 bit)");
    if (identity(5) != 1 && identity(5) != 2)
        damaged("ELF byte order is " + std::to_string(identity(5)) + ", wanted 1 (little) or 2 (big)");
    if (identity(6) != 1) damaged("ELF version is " + std::to_string(identity(6)) + ", wanted 1");
    ElfFacts facts;
    facts.elf_class = identity(4) == 1 ? ElfClass::bits32 : ElfClass::bits64;
    if (facts.elf_class == ElfClass::bits64 && header.size() < header_bytes) cut_short();
    facts.byte_order = identity(5) == 1 ? ElfByteOrder::little : ElfByteOrder::big;
    facts.os_abi = static_cast<std::uint8_t>(identity(7));
    facts.abi_version = static_cast<std::uint8_t>(identity(8));
    const std::uint64_t type = elf_number(facts, header, 16, 2);
    constexpr ElfType types[] = {ElfType::other, ElfType::relocatable, ElfType::executable, ElfType::shared,
                                 ElfType::core};
    facts.type = type < std::size(types) ? types[type] : ElfType::other;
    facts.machine = static_cast<std::uint16_t>(elf_number(facts, header, 18, 2));
    const std::size_t flags_at = facts.elf_class == ElfClass::bits32 ? 36 : 48;
    facts.flags = static_cast<std::uint32_t>(elf_number(facts, header, flags_at, 4));
    return facts;
}

ElfFile::ElfFile(const FileView& file) : file_(file) {
    const std::string header = file_.at_most(0, header_bytes, "ELF header");
    header_ = parse_elf_header(header);
    if (header_.elf_class == ElfClass::bits32) return;
    read_segments(header);
    find_sections(header);
    for (const ElfSegment& segment : segments_) {
        if (segment.type != pt_dynamic) continue;
        if (dynamic_) damaged("ELF file has two dynamic sections");
        dynamic_ = read_dynamic(segment);
    }
}

void ElfFile::read_segments(std::string_view header) {
    const std::uint64_t offset = number(header, 32, 8);
    const std::uint64_t entry_bytes = number(header, 54, 2);
    const std::uint64_t count = number(header, 56, 2);
    if (count == 0) return;
    if (count > most_segments) damaged("ELF file claims " + std::to_string(count) + " segments");
    if (entry_bytes != segment_bytes)
        damaged("program header has " + std::to_string(entry_bytes) + " bytes, wanted 56");
    const std::string table = file_.bytes(offset, count * segment_bytes, "program header table");
    for (std::size_t at = 0; at < table.size(); at += segment_bytes) {
        const ElfSegment segment{static_cast<std::uint32_t>(number(table, at, 4)), number(table, at + 8, 8),
                                 number(table, at + 16, 8), number(table, at + 32, 8)};
        if (!is_read(segment.type)) continue;
        if (!file_.contains(segment.offset, segment.file_bytes)) {
            damaged("segment is " + std::to_string(segment.file_bytes) + " bytes at " +
                    std::to_string(segment.offset) + ", outside of the " +
                    std::to_string(file_.size_bytes()) + " bytes of the file; it may be cut short");
        }
        segments_.push_back(segment);
    }
}

// The table is at the end of most files, so it shows that a file was cut, also if nobody reads it. Files with
// more than 65279 sections count them elsewhere; to us they have none.
void ElfFile::find_sections(std::string_view header) {
    sections_at_ = number(header, 40, 8);
    section_count_ = number(header, 60, 2);
    std::uint64_t names = number(header, 62, 2);
    if (sections_at_ == 0) section_count_ = 0;
    if (section_count_ == 0) return;
    if (!file_.contains(sections_at_, section_count_ * section_bytes)) {
        damaged("section header table at " + std::to_string(sections_at_) + " is outside of the " +
                std::to_string(file_.size_bytes()) + " bytes of the file; it may be cut short");
    }
    if (number(header, 58, 2) != section_bytes || names >= section_count_) names = 0;
    if (names == 0) return;
    const ElfSection section = section_of(
        file_.bytes(sections_at_ + names * section_bytes, section_bytes, "section of the section names"));
    if (section.type != sht_nobits && file_.contains(section.offset, section.bytes))
        section_names_ = {section.offset, section.bytes};
}

ElfSection ElfFile::section_of(std::string_view row) const {
    return {static_cast<std::uint32_t>(number(row, 0, 4)),
            static_cast<std::uint32_t>(number(row, 4, 4)),
            number(row, 8, 8),
            number(row, 24, 8),
            number(row, 32, 8),
            static_cast<std::uint32_t>(number(row, 40, 4))};
}

std::vector<ElfSection> ElfFile::sections(std::uint64_t first) const {
    std::vector<ElfSection> sections;
    if (first >= section_count_) return sections;
    const std::uint64_t count = std::min(section_count_ - first, sections_at_once);
    const std::string table =
        file_.bytes(sections_at_ + first * section_bytes, count * section_bytes, "section header table");
    for (std::uint64_t i = 0; i < count; ++i) {
        ElfSection section = section_of(std::string_view(table).substr(i * section_bytes, section_bytes));
        if (section.type == sht_nobits) section.bytes = 0;
        if (section.bytes > 0 && !file_.contains(section.offset, section.bytes))
            damaged("section " + std::to_string(first + i) + " is outside of the file");
        sections.push_back(section);
    }
    return sections;
}

std::string ElfFile::section_name(const ElfSection& section) const {
    if (section.name >= section_names_.bytes) return "";
    const std::uint64_t most = std::min(section_names_.bytes - section.name, most_section_name_bytes);
    const std::string text = file_.bytes(section_names_.offset + section.name, most, "name of a section");
    return text.substr(0, text.find('\0'));
}

ElfDynamic ElfFile::read_dynamic(const ElfSegment& segment) const {
    const std::uint64_t count = segment.file_bytes / dynamic_entry_bytes;
    if (count > most_dynamic_entries) damaged("dynamic section has " + std::to_string(count) + " entries");
    const std::string table = file_.bytes(segment.offset, count * dynamic_entry_bytes, "dynamic section");
    ElfDynamic dynamic;
    for (std::size_t at = 0; at < table.size(); at += dynamic_entry_bytes) {
        const std::uint64_t tag = number(table, at, 8);
        const std::uint64_t value = number(table, at + 8, 8);
        if (tag == dt_null) return dynamic;
        if (tag == dt_needed) dynamic.needed.push_back(value);
        if (tag == dt_hash) dynamic.hash = value;
        if (tag == dt_strtab) dynamic.strings = value;
        if (tag == dt_symtab) dynamic.symbols = value;
        if (tag == dt_strsz) dynamic.strings_bytes = value;
        if (tag == dt_soname) dynamic.soname = value;
        if (tag == dt_rpath) dynamic.old_run_path = value;
        if (tag == dt_runpath) dynamic.run_path = value;
        if (tag == dt_gnu_hash) dynamic.gnu_hash = value;
        if (tag == dt_flags_1) dynamic.flags_1 = value;
        if (tag == dt_verneed) dynamic.versions = value;
        if (tag == dt_verneednum) dynamic.versions_count = value;
    }
    damaged("dynamic section has no end mark");
}

ElfPlace ElfFile::place_of(std::uint64_t address, const char* what) const {
    for (const ElfSegment& segment : segments_) {
        if (segment.type != pt_load || address < segment.address) continue;
        const std::uint64_t inside = address - segment.address;
        if (inside < segment.file_bytes) return {segment.offset + inside, segment.file_bytes - inside};
    }
    damaged(std::string(what) + " is at an address that no segment loads");
}

ElfPlace ElfFile::strings() const {
    if (!dynamic_ || !dynamic_->strings || !dynamic_->strings_bytes)
        damaged("dynamic section has no string table");
    ElfPlace place = place_of(*dynamic_->strings, "string table");
    if (*dynamic_->strings_bytes == 0 || *dynamic_->strings_bytes > place.bytes) {
        damaged("string table of " + std::to_string(*dynamic_->strings_bytes) +
                " bytes does not fit its segment");
    }
    place.bytes = *dynamic_->strings_bytes;
    return place;
}

std::string ElfFile::text_at(std::uint64_t offset, std::uint64_t most, const char* what) const {
    const std::string read = file_.bytes(offset, std::min<std::uint64_t>(most, most_name_bytes), what);
    const std::size_t end = read.find('\0');
    if (end == std::string::npos) damaged(std::string(what) + " has no end");
    std::string text = read.substr(0, end);
    // These names go into documents and file lookups: a name that has to be escaped is not one.
    if (text.empty() || manifests::escaped(text, most_name_bytes) != text)
        damaged(std::string(what) + " is " + in_quotes(text) + ", not a clean name");
    return text;
}

std::string ElfFile::name(const ElfPlace& strings, std::uint64_t index, const char* what) const {
    if (index >= strings.bytes) damaged(std::string(what) + " points outside of the string table");
    return text_at(strings.offset + index, strings.bytes - index, what);
}

} // namespace packager
