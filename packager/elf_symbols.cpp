#include "packager/elf_symbols.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "manifests/error.hpp"
#include "packager/elf_file.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

constexpr std::uint64_t symbol_bytes = 24;
constexpr std::uint64_t most_name_table_bytes = 128ULL
                                                << 20; // the largest seen, of a CUDA library, has 60 MiB
constexpr std::uint64_t piece_bytes = 24 * 4096;

[[noreturn]] void damaged(const std::string& text) {
    throw Error(Fault::damaged, text);
}

struct SymbolTable {
    std::uint64_t offset = 0;
    std::uint64_t count = 0;
    ElfPlace names;
};

// Calls `on_number` with each of `count` numbers of 4 bytes; it returns whether to go on.
template<typename OnNumber>
void read_numbers(const ElfFile& elf, std::uint64_t offset, std::uint64_t count, const char* what,
                  const OnNumber& on_number) {
    for (std::uint64_t done = 0; done < count;) {
        const std::uint64_t length = std::min(4 * (count - done), piece_bytes);
        const std::string piece = elf.file().bytes(offset + 4 * done, length, what);
        for (std::size_t at = 0; at < piece.size(); at += 4)
            if (!on_number(elf.number(piece, at, 4))) return;
        done += length / 4;
    }
}

// The chain of the last bucket ends with the last symbol.
std::uint64_t count_by_gnu_hash(const ElfFile& elf, std::uint64_t address) {
    constexpr const char* what = "GNU hash table";
    const ElfPlace table = elf.place_of(address, what);
    if (table.bytes < 16) damaged("GNU hash table is cut short");
    const std::string head = elf.file().bytes(table.offset, 16, what);
    const std::uint64_t buckets = elf.number(head, 0, 4);
    const std::uint64_t first_symbol = elf.number(head, 4, 4);
    const std::uint64_t chains_at = 16 + 8 * elf.number(head, 8, 4) + 4 * buckets; // below 2^36
    if (chains_at > table.bytes) damaged("GNU hash table is larger than its segment");
    std::uint64_t last = 0;
    read_numbers(elf, table.offset + chains_at - 4 * buckets, buckets, what, [&](std::uint64_t symbol) {
        last = std::max(last, symbol);
        return true;
    });
    if (last < first_symbol) return first_symbol; // nothing is hashed, so nothing can be found
    const std::uint64_t links = (table.bytes - chains_at) / 4;
    const std::uint64_t start = last - first_symbol;
    bool ended = false;
    if (start < links) {
        read_numbers(elf, table.offset + chains_at + 4 * start, links - start, what, [&](std::uint64_t link) {
            ended = (link & 1U) != 0;
            ++last;
            return !ended;
        });
    }
    if (!ended) damaged("GNU hash table has a chain without an end");
    return last;
}

std::uint64_t count_by_hash(const ElfFile& elf, std::uint64_t address) {
    const ElfPlace table = elf.place_of(address, "hash table");
    if (table.bytes < 8) damaged("hash table is cut short");
    return elf.number(elf.file().bytes(table.offset, 8, "hash table"), 4, 4);
}

std::optional<SymbolTable> dynamic_symbols(const ElfFile& elf) {
    const ElfDynamic& dynamic = *elf.dynamic();
    if (!dynamic.symbols || (!dynamic.gnu_hash && !dynamic.hash)) return std::nullopt;
    const ElfPlace place = elf.place_of(*dynamic.symbols, "symbol table");
    const std::uint64_t count =
        dynamic.gnu_hash ? count_by_gnu_hash(elf, *dynamic.gnu_hash) : count_by_hash(elf, *dynamic.hash);
    if (count > place.bytes / symbol_bytes) damaged("symbol table is larger than its segment");
    return SymbolTable{place.offset, count, elf.strings()};
}

std::optional<SymbolTable> section_symbols(const ElfFile& elf) {
    constexpr std::uint32_t sht_symtab = 2;
    for (std::uint64_t first = 0; first < elf.section_count();) {
        const std::vector<ElfSection> sections = elf.sections(first);
        for (const ElfSection& section : sections) {
            if (section.type != sht_symtab) continue;
            const std::vector<ElfSection> names = elf.sections(section.link);
            if (names.empty()) damaged("symbol table names no string table");
            return SymbolTable{
                section.offset, section.bytes / symbol_bytes, {names[0].offset, names[0].bytes}};
        }
        first += sections.size();
    }
    return std::nullopt;
}

bool is_export(const ElfFile& elf, std::string_view symbol) {
    const std::uint64_t info = elf.number(symbol, 4, 1);
    const std::uint64_t binding = info >> 4, kind = info & 15U;
    const std::uint64_t visibility = elf.number(symbol, 5, 1) & 3U;
    const bool can_be_seen = binding == 1 || binding == 2 || binding == 10; // global, weak, GNU unique
    const bool is_code_or_data = kind <= 2 || kind == 10; // untyped, object, function, ifunc
    const bool is_hidden = visibility == 1 || visibility == 2;
    return can_be_seen && is_code_or_data && !is_hidden && elf.number(symbol, 6, 2) != 0;
}

} // namespace

void for_each_export(std::uint64_t size_bytes, const ReadAt& read_at,
                     const std::function<void(std::string_view name)>& on_name) {
    const FileView file(size_bytes, read_at);
    if (file.at_most(0, ElfFile::magic.size(), "file") != ElfFile::magic) damaged("it is no ELF file");
    const ElfFile elf(file);
    if (elf.header().elf_class != ElfClass::bits64) damaged("it is no 64-bit ELF file");
    const auto table = elf.dynamic() ? dynamic_symbols(elf) : section_symbols(elf);
    if (!table || table->count == 0) return;
    if (table->names.bytes > most_name_table_bytes) damaged("the names of symbols take more than 128 MiB");
    const std::string names = file.bytes(table->names.offset, table->names.bytes, "names of symbols");
    std::uint64_t budget = 16 * table->names.bytes + (1U << 20); // names overlap in endings, no more
    for (std::uint64_t done = 0; done < table->count;) {
        const std::uint64_t length = std::min(symbol_bytes * (table->count - done), piece_bytes);
        const std::string piece = file.bytes(table->offset + symbol_bytes * done, length, "symbol table");
        for (std::size_t at = 0; at < piece.size(); at += symbol_bytes) {
            const std::string_view symbol = std::string_view(piece).substr(at, symbol_bytes);
            if (!is_export(elf, symbol)) continue;
            const auto index = static_cast<std::size_t>(elf.number(symbol, 0, 4));
            const std::size_t end = index < names.size() ? names.find('\0', index) : std::string::npos;
            if (end == std::string::npos) damaged("name of a symbol is outside of its table");
            if (end - index > budget) damaged("names of symbols overlap");
            budget -= end - index;
            on_name(std::string_view(names).substr(index, end - index));
        }
        done += length / symbol_bytes;
    }
}

std::vector<std::string> missing_exports(std::uint64_t size_bytes, const ReadAt& read_at,
                                         const std::vector<std::string>& wanted) {
    std::set<std::string, std::less<>> missing(wanted.begin(), wanted.end());
    for_each_export(size_bytes, read_at, [&](std::string_view name) {
        const auto found = missing.find(name);
        if (found != missing.end()) missing.erase(found);
    });
    std::vector<std::string> left;
    for (const std::string& name : wanted)
        if (missing.contains(name)) left.push_back(name);
    return left;
}

} // namespace packager
