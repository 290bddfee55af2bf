#include "tests/support/elf_image.hpp"

namespace tests {
namespace {

constexpr std::uint64_t load_address = 0x400000;

class Writer {
public:
    explicit Writer(bool big_endian) : big_endian_(big_endian) {}
    void number(std::uint64_t value, std::size_t length) {
        for (std::size_t i = 0; i < length; ++i) {
            const std::size_t byte = big_endian_ ? length - 1 - i : i;
            bytes += static_cast<char>((value >> (8 * byte)) & 0xff);
        }
    }
    std::string bytes;

private:
    bool big_endian_;
};

class Strings {
public:
    std::uint64_t add(const std::string& text) {
        const std::uint64_t place = bytes.size();
        bytes += text + '\0';
        return place;
    }
    std::string bytes = std::string(1, '\0');
};

std::string version_section(const ElfImage& image, Strings& strings) {
    Writer out(image.big_endian);
    for (std::size_t i = 0; i < image.version_needs.size(); ++i) {
        const auto& need = image.version_needs[i];
        const std::uint64_t length = 16 + 16 * need.versions.size();
        out.number(1, 2);
        out.number(need.versions.size(), 2);
        out.number(strings.add(need.library), 4);
        out.number(16, 4);
        out.number(i + 1 == image.version_needs.size() ? 0 : length, 4);
        for (std::size_t j = 0; j < need.versions.size(); ++j) {
            out.number(0, 4);
            out.number(0, 2);
            out.number(j + 2, 2);
            out.number(strings.add(need.versions[j]), 4);
            out.number(j + 1 == need.versions.size() ? 0 : 16, 4);
        }
    }
    return out.bytes;
}

void segment(Writer& out, std::uint32_t type, std::uint64_t offset, std::uint64_t length) {
    out.number(type, 4);
    out.number(4, 4);
    out.number(offset, 8);
    out.number(load_address + offset, 8);
    out.number(load_address + offset, 8);
    out.number(length, 8);
    out.number(length, 8);
    out.number(8, 8);
}

std::string symbol_table(const ElfImage& image, Strings& strings) {
    Writer out(image.big_endian);
    out.bytes = std::string(24, '\0');
    for (const std::string& name : image.exports) {
        out.number(strings.add(name), 4);
        out.number(0x12, 1); // a global function
        out.number(0, 1);
        out.number(1, 2);
        out.number(load_address, 8);
        out.number(16, 8);
    }
    return out.bytes;
}

// One bucket, and a chain that ends with the last symbol; nobody here looks at the hashes themselves.
std::string gnu_hash_table(const ElfImage& image) {
    Writer out(image.big_endian);
    for (const std::uint64_t value : {1, 1, 1, 6})
        out.number(value, 4);
    out.number(~std::uint64_t{0}, 8);
    out.number(1, 4);
    for (std::size_t i = 0; i < image.exports.size(); ++i)
        out.number(i + 1 == image.exports.size() ? 0x101 : 0x100, 4);
    return out.bytes;
}

std::string hash_table(const ElfImage& image) {
    Writer out(image.big_endian);
    out.number(1, 4);
    out.number(image.exports.size() + 1, 4);
    out.number(1, 4);
    for (std::size_t i = 0; i <= image.exports.size(); ++i)
        out.number(i == 0 || i == image.exports.size() ? 0 : i + 1, 4);
    return out.bytes;
}

std::string property_note(const ElfImage& image) {
    if (image.x86_isa_needed == 0) return "";
    Writer out(image.big_endian);
    out.number(4, 4);
    out.number(16, 4);
    out.number(5, 4);
    out.bytes += std::string("GNU\0", 4);
    out.number(0xc0008002, 4);
    out.number(4, 4);
    out.number(image.x86_isa_needed, 4);
    out.number(0, 4);
    return out.bytes;
}

struct Sections {
    std::string content, table;
    std::uint64_t count = 0;
};

Sections section_headers(const ElfImage& image, std::uint64_t at) {
    Sections sections;
    if (image.sections.empty()) return sections;
    Strings names;
    Writer table(image.big_endian);
    table.bytes = std::string(64, '\0');
    const auto row = [&](std::uint64_t name, std::uint64_t type, const std::string& content) {
        table.number(name, 4);
        table.number(type, 4);
        table.number(0, 8);
        table.number(0, 8);
        table.number(at + sections.content.size(), 8);
        table.number(content.size(), 8);
        table.number(0, 8);
        table.number(8, 8);
        table.number(0, 8);
        sections.content += content;
    };
    for (const auto& [name, content] : image.sections)
        row(names.add(name), 1, content);
    const std::uint64_t own_name = names.add(".shstrtab");
    row(own_name, 3, names.bytes);
    sections.table = table.bytes;
    sections.count = image.sections.size() + 2;
    return sections;
}

} // namespace

ElfBytes make_elf(const ElfImage& image) {
    Strings strings;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> entries;
    for (const std::string& needed : image.needed)
        entries.emplace_back(1, strings.add(needed));
    if (!image.soname.empty()) entries.emplace_back(14, strings.add(image.soname));
    if (!image.run_path.empty()) entries.emplace_back(29, strings.add(image.run_path));
    if (image.flags_1 != 0) entries.emplace_back(0x6ffffffb, image.flags_1);
    const std::string versions = version_section(image, strings);
    const std::string symbols = symbol_table(image, strings);
    const std::string hash = image.gnu_hash ? gnu_hash_table(image) : hash_table(image);
    const std::string property = property_note(image);

    const std::uint64_t segments = 2 + (image.interpreter.empty() ? 0 : 1) + (property.empty() ? 0 : 1);
    const std::uint64_t interpreter_at = 64 + segments * 56;
    const std::uint64_t interpreter_bytes = image.interpreter.empty() ? 0 : image.interpreter.size() + 1;
    const bool has_symbols = !image.exports.empty();
    ElfBytes elf;
    elf.strings = interpreter_at + interpreter_bytes;
    elf.versions = elf.strings + strings.bytes.size();
    elf.dynamic = elf.versions + versions.size();
    entries.emplace_back(5, load_address + elf.strings);
    entries.emplace_back(10, strings.bytes.size());
    if (!versions.empty()) {
        entries.emplace_back(0x6ffffffe, load_address + elf.versions);
        entries.emplace_back(0x6fffffff, image.version_needs.size());
    }
    const std::uint64_t dynamic_bytes = 16 * (entries.size() + (has_symbols ? 3 : 1));
    elf.property = elf.dynamic + dynamic_bytes;
    elf.symbols = elf.property + property.size();
    elf.hash = elf.symbols + (has_symbols ? symbols.size() : 0);
    if (has_symbols) {
        entries.emplace_back(6, load_address + elf.symbols);
        entries.emplace_back(image.gnu_hash ? 0x6ffffef5 : 4, load_address + elf.hash);
    }
    entries.emplace_back(0, 0);
    const std::uint64_t loaded = elf.hash + (has_symbols ? hash.size() : 0) + image.payload.size();
    const Sections sections = section_headers(image, loaded);
    if (!image.sections.empty()) elf.sections = loaded + sections.content.size();

    Writer out(image.big_endian);
    out.bytes = std::string("\x7f"
                            "ELF\x02") +
                (image.big_endian ? '\x02' : '\x01') + '\x01' + static_cast<char>(image.os_abi) +
                static_cast<char>(image.abi_version) + std::string(7, '\0');
    out.number(image.type, 2);
    out.number(image.machine, 2);
    out.number(1, 4);
    out.number(0, 8);
    out.number(64, 8); // program headers follow
    out.number(elf.sections, 8);
    out.number(image.flags, 4);
    out.number(64, 2);
    out.number(56, 2);
    out.number(segments, 2);
    out.number(64, 2);
    out.number(sections.count, 2);
    out.number(sections.count == 0 ? 0 : sections.count - 1, 2); // the names come last
    segment(out, 1, 0, loaded);
    segment(out, 2, elf.dynamic, dynamic_bytes);
    if (!image.interpreter.empty()) segment(out, 3, interpreter_at, interpreter_bytes);
    if (!property.empty()) segment(out, 0x6474e553, elf.property, property.size());
    if (!image.interpreter.empty()) out.bytes += image.interpreter + '\0';
    out.bytes += strings.bytes + versions;
    for (const auto& [tag, value] : entries) {
        out.number(tag, 8);
        out.number(value, 8);
    }
    out.bytes += property;
    if (has_symbols) out.bytes += symbols + hash;
    elf.bytes = out.bytes + image.payload + sections.content + sections.table;
    return elf;
}

void put(std::string& bytes, std::uint64_t offset, std::size_t length, std::uint64_t value) {
    for (std::size_t i = 0; i < length; ++i) {
        bytes.at(static_cast<std::size_t>(offset) + i) = static_cast<char>((value >> (8 * i)) & 0xff);
    }
}

} // namespace tests
