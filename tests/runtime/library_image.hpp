#pragma once
// A shared library of a few hundred bytes that offers symbol versions, written from the tables of the System
// V ABI and LSB 10.7.2.2 and not by our own code.

#include <cstdint>
#include <string>
#include <vector>

namespace tests {

struct LibraryImage {
    std::uint16_t machine = 62; ///< x86_64
    unsigned char bits = 2;     ///< 64
    std::string soname = "libc.so.6";
    std::vector<std::string> versions = {"GLIBC_2.2.5", "GLIBC_2.36", "GLIBC_2.9", "GLIBC_PRIVATE"};

    // Where lies can be put.
    static constexpr std::size_t program_header_count = 56; ///< two bytes
    static constexpr std::size_t dynamic_offset = 64 + 56 + 8;
    static constexpr std::size_t dynamic = 64 + 2 * 56; ///< five pairs of 8-byte tag and value
    static constexpr std::size_t definitions = dynamic + 5 * 16;

    std::string bytes() const {
        std::string strings(1, '\0');
        std::string table;
        const std::size_t count = versions.size() + 1;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string& name = i == 0 ? soname : versions[i - 1];
            const std::uint64_t next = i + 1 < count ? 28 : 0;
            put(table, 1, 2);              // version of the structure
            put(table, i == 0 ? 1 : 0, 2); // base: the library's own name
            put(table, i + 1, 2);
            put(table, 1, 2); // one name
            put(table, 0, 4); // hash
            put(table, 20, 4);
            put(table, next, 4);
            put(table, strings.size(), 4);
            put(table, 0, 4);
            strings += name + '\0';
        }
        const std::size_t string_offset = definitions + table.size();
        const std::size_t size = string_offset + strings.size();
        std::string out = "\x7f"
                          "ELF";
        out += static_cast<char>(bits);
        out += '\1'; // little-endian
        out += '\1';
        out.resize(16, '\0');
        put(out, 3, 2); // shared
        put(out, machine, 2);
        put(out, 1, 4);
        put(out, 0, 8);
        put(out, 64, 8); // program headers
        put(out, 0, 8);
        put(out, 0, 4);
        for (const std::uint64_t half : {64, 56, 2, 64, 0, 0})
            put(out, half, 2);
        put_header(out, 1, 0, size);
        put_header(out, 2, dynamic, 5 * 16);
        for (const auto& [tag, value] :
             std::vector<std::pair<std::uint64_t, std::uint64_t>>{{5, base + string_offset},
                                                                  {10, strings.size()},
                                                                  {0x6ffffffc, base + definitions},
                                                                  {0x6ffffffd, count},
                                                                  {0, 0}}) {
            put(out, tag, 8);
            put(out, value, 8);
        }
        return out + table + strings;
    }

    static void put(std::string& out, std::uint64_t value, std::size_t length) {
        for (std::size_t i = 0; i < length; ++i)
            out += static_cast<char>((value >> (8 * i)) & 0xffU);
    }

private:
    static constexpr std::uint64_t base = 0x1000; // addresses are not offsets
    static void put_header(std::string& out, std::uint64_t type, std::uint64_t offset, std::uint64_t size) {
        put(out, type, 4);
        put(out, 4, 4);
        for (const std::uint64_t value : {offset, base + offset, base + offset, size, size, std::uint64_t(8)})
            put(out, value, 8);
    }
};

} // namespace tests
