#pragma once
// What an ELF file says about itself: the machine it is for, the libraries it needs and from which version
// on. It reads what the dynamic linker of a site reads - program headers, the dynamic section, .gnu.version_r
// - and never the section headers, which a stripped file need not have and a hostile one can make up. A
// kernel may have hundreds of megabytes, so bytes are asked for piece by piece.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packager/file_view.hpp"

namespace packager {

/// e_machine. Source: the registry of the System V ABI; Ascend's is in no registry, it was read from operator
/// objects of CANN (hicann/runtime, 681ef761).
namespace elf_machine {
inline constexpr std::uint16_t x86_64 = 62;
inline constexpr std::uint16_t aarch64 = 183;
inline constexpr std::uint16_t cuda = 190;
inline constexpr std::uint16_t amdgpu = 224;
inline constexpr std::uint16_t riscv = 243;
inline constexpr std::uint16_t loongarch = 258;
inline constexpr std::uint16_t ascend = 0x1029;
} // namespace elf_machine

enum class ElfClass { bits32, bits64 };
enum class ElfByteOrder { little, big };
enum class ElfType { relocatable, executable, shared, core, other };

/// The symbol versions that a file wants of one library, from .gnu.version_r. Weak ones are left out: a file
/// starts without them.
struct ElfVersionNeed {
    std::string library;               ///< as in DT_NEEDED: "libc.so.6"
    std::vector<std::string> versions; ///< "GLIBC_2.34"; sorted, no duplicates
};

struct ElfFacts {
    ElfClass elf_class = ElfClass::bits64;
    ElfByteOrder byte_order = ElfByteOrder::little;
    ElfType type = ElfType::other;
    std::uint16_t machine = 0;    ///< e_machine
    std::uint32_t flags = 0;      ///< e_flags; what they mean depends on the machine
    std::uint8_t os_abi = 0;      ///< EI_OSABI
    std::uint8_t abi_version = 0; ///< EI_ABIVERSION

    // From here on: only for the 64-bit class; empty otherwise, and for files without program headers.
    bool has_dynamic = false;
    bool position_independent_executable = false; ///< DF_1_PIE: a program although its type is `shared`
    std::string interpreter;                      ///< PT_INTERP
    std::string soname;
    std::vector<std::string> needed;           ///< DT_NEEDED in the order of the file: the loader's order
    std::string run_path;                      ///< DT_RUNPATH, or DT_RPATH if there is none
    std::vector<ElfVersionNeed> version_needs; ///< sorted by library
    /// 1 to 4: the x86-64 level that the linker was told to demand (GNU_PROPERTY_X86_ISA_1_NEEDED); 0: not
    /// said, which is the usual case and promises nothing.
    int x86_level_needed = 0;

    /// A program that can be started, as opposed to a library that is loaded.
    bool is_program() const;
};

/// @return nothing if the file does not start with the four bytes of ELF: that is an answer, not an error
/// @throws Error  Fault::damaged for an ELF file that is cut short, points outside of itself or contradicts
///                itself; whatever `read_at` throws
/// Source: System V ABI (gabi) chapters 4 and 5; .gnu.version_r as in LSB Core 5.0, 10.7.2.4.
std::optional<ElfFacts> read_elf(std::uint64_t size_bytes, const ReadAt& read_at);
std::optional<ElfFacts> read_elf(std::string_view bytes);

/// The members that stand in the header, of a file of which only its first 64 bytes are at hand.
/// @throws Error  Fault::damaged
ElfFacts read_elf_header(std::string_view first_bytes);

/// "x86_64", "aarch64", "riscv64", "loongarch64" as `uname -m` says them, otherwise "elf-machine-" and the
/// number: accelerators use numbers of their own.
std::string machine_name(const ElfFacts& facts);

/// "lp64d, object ABI 1" for LoongArch files, empty for others. Object ABI 0 is the old one: distributions of
/// the old world (before kernel 5.19) load it, and no new one does.
/// Source: LoongArch ELF psABI, "EF_LOONGARCH" e_flags.
std::string loongarch_abi(const ElfFacts& facts);

/// The highest version with this prefix that `facts` wants of any library, without the prefix: "2.34" for
/// "GLIBC". Versions that are not numbers with dots (GLIBC_PRIVATE) do not count.
std::optional<std::string> minimum_version(const ElfFacts& facts, std::string_view prefix);
/// The same for one library.
std::optional<std::string> minimum_version(const ElfVersionNeed& need, std::string_view prefix);
/// Whether `left` is the lower of two versions made of numbers and dots.
bool is_lower_version(std::string_view left, std::string_view right);

} // namespace packager
