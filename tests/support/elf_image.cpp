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

    const std::uint64_t segments = image.interpreter.empty() ? 2 : 3;
    const std::uint64_t interpreter_at = 64 + segments * 56;
    const std::uint64_t interpreter_bytes = image.interpreter.empty() ? 0 : image.interpreter.size() + 1;
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
    entries.emplace_back(0, 0);
    const std::uint64_t dynamic_bytes = 16 * entries.size();
    const std::uint64_t total = elf.dynamic + dynamic_bytes + image.payload.size();

    Writer out(image.big_endian);
    out.bytes = std::string("\x7f"
                            "ELF\x02") +
                (image.big_endian ? '\x02' : '\x01') + '\x01' + std::string(9, '\0');
    out.number(image.type, 2);
    out.number(image.machine, 2);
    out.number(1, 4);
    out.number(0, 8);
    out.number(64, 8); // program headers follow
    out.number(0, 8);  // no section headers
    out.number(0, 4);
    out.number(64, 2);
    out.number(56, 2);
    out.number(segments, 2);
    out.number(64, 2);
    out.number(0, 2);
    out.number(0, 2);
    segment(out, 1, 0, total);
    segment(out, 2, elf.dynamic, dynamic_bytes);
    if (!image.interpreter.empty()) {
        segment(out, 3, interpreter_at, interpreter_bytes);
        out.bytes += image.interpreter + '\0';
    }
    out.bytes += strings.bytes + versions;
    for (const auto& [tag, value] : entries) {
        out.number(tag, 8);
        out.number(value, 8);
    }
    elf.bytes = out.bytes + image.payload;
    return elf;
}

void put(std::string& bytes, std::uint64_t offset, std::size_t length, std::uint64_t value) {
    for (std::size_t i = 0; i < length; ++i) {
        bytes.at(static_cast<std::size_t>(offset) + i) = static_cast<char>((value >> (8 * i)) & 0xff);
    }
}

} // namespace tests
