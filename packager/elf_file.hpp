#pragma once
// An ELF file taken apart into header, segments, dynamic section and string table, each bounded: what
// elf.cpp, elf_symbols.cpp and elf_sections.cpp read from.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packager/elf.hpp"
#include "packager/file_view.hpp"

namespace packager {

struct ElfSegment {
    std::uint32_t type = 0;
    std::uint64_t offset = 0;
    std::uint64_t address = 0;
    std::uint64_t file_bytes = 0;
};

struct ElfDynamic {
    std::vector<std::uint64_t> needed; ///< indexes into the string table, as soname and run_path
    std::optional<std::uint64_t> strings, strings_bytes, soname, run_path, old_run_path, versions;
    std::optional<std::uint64_t> hash, gnu_hash, symbols; ///< addresses
    std::uint64_t versions_count = 0;
    std::uint64_t flags_1 = 0;
};

struct ElfPlace {
    std::uint64_t offset = 0; ///< in the file
    std::uint64_t bytes = 0;  ///< that follow it in the same segment
};

/// One row of the section header table. Nothing that decides at a site is read from there: a stripped file
/// need not have it and a hostile one can make it up.
struct ElfSection {
    std::uint32_t name = 0; ///< index into the table of section names
    std::uint32_t type = 0;
    std::uint64_t flags = 0;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::uint32_t link = 0;
};

/// The header of either class. @throws Error  Fault::damaged if it is cut short or no ELF header
ElfFacts parse_elf_header(std::string_view header);
/// In the byte order of the file with this header.
std::uint64_t elf_number(const ElfFacts& header, std::string_view bytes, std::size_t at, std::size_t length);

class ElfFile {
public:
    static constexpr std::string_view magic = "\x7f"
                                              "ELF";
    /// Reads the header and, of 64-bit files, the program headers and the dynamic section.
    /// @throws Error  Fault::damaged
    explicit ElfFile(const FileView& file);

    const ElfFacts& header() const { return header_; } ///< its first members only, those of all classes
    const FileView& file() const { return file_; }
    const std::vector<ElfSegment>& segments() const { return segments_; }
    const std::optional<ElfDynamic>& dynamic() const { return dynamic_; }

    std::uint64_t number(std::string_view bytes, std::size_t at, std::size_t length) const {
        return elf_number(header_, bytes, at, length);
    }
    ElfPlace place_of(std::uint64_t address, const char* what) const;
    /// The string table of the dynamic section. @throws Error  Fault::damaged if there is none
    ElfPlace strings() const;
    /// The name at `index` of a string table: clean text of 1 to 4096 bytes.
    std::string name(const ElfPlace& strings, std::uint64_t index, const char* what) const;
    std::string text_at(std::uint64_t offset, std::uint64_t most, const char* what) const;

    /// 0 for files without section headers.
    std::uint64_t section_count() const { return section_count_; }
    /// Rows `first` and following, 1024 at most. @throws Error  Fault::damaged if one lies outside of the
    /// file
    std::vector<ElfSection> sections(std::uint64_t first) const;
    /// As it stands there, 64 bytes at most; empty if the file has no section names.
    std::string section_name(const ElfSection& section) const;

private:
    void read_segments(std::string_view header);
    void find_sections(std::string_view header);
    ElfSection section_of(std::string_view row) const;
    ElfDynamic read_dynamic(const ElfSegment& segment) const;

    FileView file_;
    ElfFacts header_;
    std::vector<ElfSegment> segments_;
    std::optional<ElfDynamic> dynamic_;
    std::uint64_t sections_at_ = 0;
    std::uint64_t section_count_ = 0;
    ElfPlace section_names_;
};

} // namespace packager
