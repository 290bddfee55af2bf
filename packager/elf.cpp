#include "packager/elf.hpp"

#include <algorithm>

#include "manifests/error.hpp"
#include "packager/elf_file.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

// Limits, as in elf_file.cpp: the largest files seen have 100 needed libraries and a few hundred versions.
constexpr std::size_t most_needed = 4096;
constexpr std::uint64_t most_version_records = 65'536;
constexpr std::uint64_t most_property_bytes = 64 * 1024;
constexpr std::uint64_t version_record_bytes = 16;

enum : std::uint32_t { pt_interp = 3, pt_gnu_property = 0x6474e553 };
enum : std::uint64_t { df_1_pie = 0x08000000, ver_flg_weak = 2 };

[[noreturn]] void damaged(const std::string& text) {
    throw Error(Fault::damaged, text);
}

class ElfReader {
public:
    explicit ElfReader(const FileView& file) : elf_(file), facts_(elf_.header()) {}

    ElfFacts read();

private:
    void read_names(const ElfDynamic& dynamic);
    void read_versions(const ElfDynamic& dynamic);
    ElfVersionNeed read_version_need(const ElfPlace& table, std::uint64_t at, std::uint64_t& budget,
                                     std::uint64_t& next) const;
    void read_properties(const ElfSegment& segment);
    void read_property(std::string_view notes, std::size_t at, std::size_t end);
    std::string name(std::uint64_t index, const char* what) const { return elf_.name(strings_, index, what); }
    std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t length) const {
        return elf_.number(bytes, at, length);
    }

    ElfFile elf_;
    ElfFacts facts_;
    ElfPlace strings_;
};

void ElfReader::read_names(const ElfDynamic& dynamic) {
    if (dynamic.needed.size() > most_needed)
        damaged("ELF file needs " + std::to_string(dynamic.needed.size()) + " libraries");
    for (const std::uint64_t index : dynamic.needed)
        facts_.needed.push_back(name(index, "name of a needed library"));
    if (dynamic.soname) facts_.soname = name(*dynamic.soname, "SONAME");
    const auto run_path = dynamic.run_path ? dynamic.run_path : dynamic.old_run_path;
    if (!run_path) return;
    // Build systems that remove a run path leave an empty text behind.
    const std::uint64_t at = strings_.offset + std::min(*run_path, strings_.bytes - 1);
    if (elf_.file().bytes(at, 1, "run path")[0] != 0) facts_.run_path = name(*run_path, "run path");
}

ElfVersionNeed ElfReader::read_version_need(const ElfPlace& table, std::uint64_t at, std::uint64_t& budget,
                                            std::uint64_t& next) const {
    const auto record = [&](std::uint64_t place) {
        if (budget == 0) damaged("version needs have too many records");
        --budget;
        if (place > table.bytes || version_record_bytes > table.bytes - place) {
            damaged("version need points outside of its segment");
        }
        return elf_.file().bytes(table.offset + place, version_record_bytes, "version need");
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

void ElfReader::read_versions(const ElfDynamic& dynamic) {
    if (!dynamic.versions || dynamic.versions_count == 0) return;
    const ElfPlace table = elf_.place_of(*dynamic.versions, "version need table");
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

// Properties stand in notes of the owner "GNU"; each is a type, a length and that many bytes, padded to 8.
void ElfReader::read_property(std::string_view notes, std::size_t at, std::size_t end) {
    constexpr std::uint64_t x86_isa_1_needed = 0xc0008002;
    while (at < end) {
        if (end - at < 8) damaged("GNU property is cut short");
        const std::uint64_t type = number(notes, at, 4);
        const std::uint64_t length = number(notes, at + 4, 4);
        at += 8;
        if (length > end - at) damaged("GNU property is longer than its note");
        if (type == x86_isa_1_needed && facts_.machine == elf_machine::x86_64) {
            if (length != 4) damaged("x86 ISA property has " + std::to_string(length) + " bytes, wanted 4");
            const std::uint64_t bits = number(notes, at, 4);
            for (int level = 1; level <= 4; ++level)
                if ((bits >> (level - 1)) & 1U) facts_.x86_level_needed = level;
        }
        at += static_cast<std::size_t>((length + 7) / 8 * 8);
    }
}

void ElfReader::read_properties(const ElfSegment& segment) {
    if (segment.file_bytes > most_property_bytes) damaged("GNU properties are too long");
    const std::string notes = elf_.file().bytes(segment.offset, segment.file_bytes, "GNU properties");
    constexpr std::string_view owner("GNU\0", 4);
    constexpr std::uint64_t property_note = 5;
    std::size_t at = 0;
    while (notes.size() - at >= 16) {
        const std::uint64_t name_bytes = number(notes, at, 4);
        const std::uint64_t content_bytes = number(notes, at + 4, 4);
        const std::uint64_t type = number(notes, at + 8, 4);
        if (name_bytes != owner.size() || std::string_view(notes).substr(at + 12, 4) != owner) return;
        at += 16;
        if (content_bytes > notes.size() - at) damaged("note of GNU properties is longer than its segment");
        if (type == property_note) read_property(notes, at, at + static_cast<std::size_t>(content_bytes));
        at += std::min(static_cast<std::size_t>((content_bytes + 7) / 8 * 8), notes.size() - at);
    }
}

ElfFacts ElfReader::read() {
    bool has_properties = false;
    for (const ElfSegment& segment : elf_.segments()) {
        if (segment.type == pt_interp)
            facts_.interpreter = elf_.text_at(segment.offset, segment.file_bytes, "interpreter");
        if (segment.type != pt_gnu_property) continue;
        if (has_properties) damaged("ELF file has two segments of GNU properties");
        has_properties = true;
        read_properties(segment);
    }
    if (!elf_.dynamic()) return facts_;
    const ElfDynamic& dynamic = *elf_.dynamic();
    facts_.has_dynamic = true;
    facts_.position_independent_executable = (dynamic.flags_1 & df_1_pie) != 0;
    const bool wants_names = !dynamic.needed.empty() || dynamic.soname || dynamic.run_path ||
                             dynamic.old_run_path || dynamic.versions;
    if (!wants_names) return facts_;
    strings_ = elf_.strings();
    read_names(dynamic);
    read_versions(dynamic);
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
    const std::string_view magic = ElfFile::magic;
    if (size_bytes < magic.size() || read_at(0, magic.size()) != magic) return std::nullopt;
    return ElfReader(FileView(size_bytes, read_at)).read();
}

std::optional<ElfFacts> read_elf(std::string_view bytes) {
    return read_elf(bytes.size(), [&](std::uint64_t offset, std::size_t length) {
        return std::string(bytes.substr(static_cast<std::size_t>(offset), length));
    });
}

ElfFacts read_elf_header(std::string_view first_bytes) {
    if (!first_bytes.starts_with(ElfFile::magic)) damaged("it is no ELF file");
    return parse_elf_header(first_bytes);
}

std::string machine_name(const ElfFacts& facts) {
    const bool is_64 = facts.elf_class == ElfClass::bits64;
    const bool is_little = facts.byte_order == ElfByteOrder::little;
    if (is_64 && is_little) {
        if (facts.machine == elf_machine::x86_64) return "x86_64";
        if (facts.machine == elf_machine::aarch64) return "aarch64";
        if (facts.machine == elf_machine::riscv) return "riscv64";
        if (facts.machine == elf_machine::loongarch) return "loongarch64";
    }
    return "elf-machine-" + std::to_string(facts.machine);
}

std::string loongarch_abi(const ElfFacts& facts) {
    if (facts.machine != elf_machine::loongarch) return "";
    constexpr const char* floats[] = {"", "s", "f", "d"}; // soft, single, double; 0 is not used
    const std::uint32_t base = facts.flags & 7U;
    const std::string bits = facts.elf_class == ElfClass::bits64 ? "lp64" : "ilp32";
    const std::string name =
        base >= 1 && base <= 3 ? bits + floats[base] : "base ABI " + std::to_string(base);
    return name + ", object ABI " + std::to_string((facts.flags >> 6) & 3U);
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
