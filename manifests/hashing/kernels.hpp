#pragma once
// Inside the room: what a kernel is, which there are, and how one is chosen. Callers need sha256.hpp only.

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "manifests/hashing/constants.hpp"
#include "manifests/hashing/sha256.hpp"

namespace hashing {

/// What the processor has and the operating system has switched on.
struct Processor {
    bool sha_ni = false;   ///< x86 SHA extensions, SSSE3 and SSE4.1
    bool avx2 = false;     ///< and the system saves the 256-bit registers
    bool avx512 = false;   ///< F, BW and VL, and the system saves the 512-bit registers
    bool zen5 = false;     ///< an AMD EPYC of Zen 5: its 512-bit instructions take one turn, not two
    bool armv8_ce = false; ///< the SHA-256 instructions of ARMv8
};
Processor this_processor();

/// Functions over bytes; they neither fail nor allocate, except evp's.
struct Kernel {
    std::string_view name;
    bool (*runs_on)(const Processor&);
    /// As hash_blocks().
    void (*hash_blocks)(const unsigned char* data, std::size_t count, Hash* out);
    /// Feeds `count` parts of 64 bytes into the words; null where evp has to do the streams.
    void (*compress)(Words& words, const unsigned char* data, std::size_t count);
    /// Feeds `count` blocks of 4096 bytes into the words, and hashes each on its own; null with compress.
    void (*compress_blocks)(Words& words, const unsigned char* data, std::size_t count, Hash* out);
};

/// The kernels this program was built with, best first, evp last.
std::span<const Kernel> kernels();

/// True if the kernel hashes a fixed pattern of odd shape to what libcrypto says. Takes about 0.3 ms.
bool agrees_with_libcrypto(const Kernel& kernel);

/// Who does the work.
struct Selection {
    const Kernel* blocks;
    const Kernel* stream; ///< has compress, or is evp
};

/// The first of the table that runs on the processor, for blocks and for streams. If what was chosen does not
/// agree with libcrypto then evp does that work: a processor that errs in one unit is not asked for another.
/// @param table  its last kernel is evp
Selection select(std::span<const Kernel> table, const Processor& processor);

/// @throws manifests::Error  as force()
const Kernel& find(std::span<const Kernel> table, const Processor& processor, std::string_view name);

/// The names that the processor can run.
std::vector<std::string_view> names(std::span<const Kernel> table, const Processor& processor);

#if defined(__x86_64__)
namespace sha_ni {
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out);
void compress(Words& words, const unsigned char* data, std::size_t count);
void compress_blocks(Words& words, const unsigned char* data, std::size_t count, Hash* out);
} // namespace sha_ni

namespace avx2 {
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out);
}

namespace avx512 {
/// Sixteen at a time, as long as `least` (at least 1) are left. @return how many it hashed
std::size_t hash_most(const unsigned char* data, std::size_t count, std::size_t least, Hash* out);
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out);
} // namespace avx512

/// Both of them: lanes for many blocks, SHA extensions for a few and for streams.
namespace zen5 {
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out);
}
#endif

#if defined(__aarch64__)
namespace armv8_ce {
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out);
void compress(Words& words, const unsigned char* data, std::size_t count);
void compress_blocks(Words& words, const unsigned char* data, std::size_t count, Hash* out);
} // namespace armv8_ce
#endif

} // namespace hashing
