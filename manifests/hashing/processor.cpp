#include "manifests/hashing/kernels.hpp"

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace hashing {

#if defined(__x86_64__)
namespace {

constexpr bool has(unsigned int bits, unsigned int wanted) {
    return (bits & wanted) == wanted;
}

// Which registers the operating system saves when it switches threads. Without its word an AVX instruction
// ends the program, whatever CPUID says of the processor.
unsigned int saved_registers() {
    unsigned int low = 0;
    unsigned int high = 0;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

constexpr unsigned int saves_ymm = 0x06; // SSE and AVX
constexpr unsigned int saves_zmm = 0xe6; // and the mask registers, the upper halves, the upper sixteen

// By family and model, for no bit says how wide the units are behind the instructions: the client parts of
// this family halve them.
bool is_zen5_server() {
    constexpr unsigned int amd[] = {0x68747541, 0x69746e65, 0x444d4163}; // "Auth" "enti" "cAMD"
    unsigned int a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(0, &a, &b, &c, &d) == 0 || b != amd[0] || d != amd[1] || c != amd[2]) return false;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0) return false;
    const unsigned int family = (a >> 8 & 0xf) + (a >> 20 & 0xff);
    const unsigned int model = (a >> 4 & 0xf) | (a >> 12 & 0xf0);
    return family == 0x1a && model < 0x20;
}

} // namespace

// Not __builtin_cpu_supports: g++ 12 does not know "sha" there.
Processor this_processor() {
    Processor processor;
    unsigned int a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid(1, &a, &b, &c, &d) == 0) return processor;
    const unsigned int basic = c;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return processor;
    const unsigned int extended = b;

    const unsigned int saved = has(basic, bit_OSXSAVE) ? saved_registers() : 0;
    processor.sha_ni = has(basic, bit_SSSE3 | bit_SSE4_1) && has(extended, bit_SHA);
    processor.avx2 = has(saved, saves_ymm) && has(basic, bit_AVX) && has(extended, bit_AVX2);
    processor.avx512 =
        processor.avx2 && has(saved, saves_zmm) && has(extended, bit_AVX512F | bit_AVX512BW | bit_AVX512VL);
    processor.zen5 = processor.avx512 && processor.sha_ni && is_zen5_server();
    return processor;
}

#elif defined(__aarch64__)

Processor this_processor() {
    Processor processor;
    processor.armv8_ce = (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0;
    return processor;
}

#else

Processor this_processor() {
    return {};
}

#endif

} // namespace hashing
