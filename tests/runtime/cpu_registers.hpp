#pragma once
// CPUID and XCR0 of processors that the testing machine need not be.

#include "runtime/cpu.hpp"

namespace tests {

/// AMD EPYC of the 4th generation (Zen 4, family 25, model 17) under KVM, read on a real machine.
inline runtime::X86Registers zen4_registers() {
    return {.leaves =
                {
                    {0x00000000, 0, 0x0000001c, 0x68747541, 0x444d4163, 0x69746e65},
                    {0x00000001, 0, 0x00a10f11, 0x01020800, 0xfffa3203, 0x178bfbff},
                    {0x00000007, 0, 0x00000001, 0xf1bf07ab, 0x00405fc6, 0x00000010},
                    {0x00000007, 1, 0x00000020, 0x00000000, 0x00000000, 0x00000000},
                    {0x80000000, 0, 0x80000021, 0x68747541, 0x444d4163, 0x69746e65},
                    {0x80000001, 0, 0x00a10f11, 0x40000000, 0x004003f3, 0x2fd3fbff},
                    {0x80000002, 0, 0x20444d41, 0x43595045, 0x00000000, 0x00000000},
                },
            .xcr0 = 0xe7};
}

/// Intel Xeon of the 4th generation under KVM: Firecracker, tests/data/cpu_template_helper/
/// fingerprint_INTEL_SAPPHIRE_RAPIDS_6.1host.json. That is what a guest sees before its kernel runs, so
/// OSXSAVE (leaf 1, ECX bit 27) is set here as a kernel sets it, and XCR0 has every state that leaf 0xd
/// offers.
inline runtime::X86Registers sapphire_rapids_registers() {
    return {.leaves =
                {
                    {0x00000000, 0, 0x0000001f, 0x756e6547, 0x6c65746e, 0x49656e69},
                    {0x00000001, 0, 0x000806f8, 0x00010800, 0xfffa3223, 0x0f8bfbff},
                    {0x00000007, 0, 0x00000002, 0xf1bf27eb, 0x1b415f4e, 0xafc14410},
                    {0x00000007, 1, 0x00000030, 0x00000000, 0x00000000, 0x00000000},
                    {0x80000000, 0, 0x80000008, 0x00000000, 0x00000000, 0x00000000},
                    {0x80000001, 0, 0x00000000, 0x00000000, 0x00000121, 0x2c100800},
                    {0x80000002, 0, 0x65746e49, 0x2952286c, 0x6f655820, 0x2952286e},
                    {0x80000003, 0, 0x6f725020, 0x73736563, 0x0000726f, 0x00000000},
                },
            .xcr0 = 0x602e7};
}

/// Hygon Dhyana as QEMU 7.2 presents it: qemu-x86_64 -cpu Dhyana-v1.
inline runtime::X86Registers dhyana_registers() {
    return {.leaves =
                {
                    {0x00000000, 0, 0x0000000d, 0x6f677948, 0x656e6975, 0x6e65476e},
                    {0x00000001, 0, 0x00900f01, 0x00000800, 0xfcd83209, 0x078bfbfd},
                    {0x00000007, 0, 0x00000000, 0x009801a9, 0x00000000, 0x00000000},
                    {0x80000000, 0, 0x8000001e, 0x6f677948, 0x656e6975, 0x6e65476e},
                    {0x80000001, 0, 0x00900f01, 0x00000000, 0x00000075, 0x2c500800},
                    {0x80000002, 0, 0x6f677948, 0x6844206e, 0x616e6179, 0x6f725020},
                    {0x80000003, 0, 0x73736563, 0x0000726f, 0x00000000, 0x00000000},
                },
            .xcr0 = 0x7};
}

/// Intel Haswell as QEMU 7.2 presents it: qemu-x86_64 -cpu Haswell-v4.
inline runtime::X86Registers haswell_registers() {
    return {.leaves =
                {
                    {0x00000000, 0, 0x0000000d, 0x756e6547, 0x6c65746e, 0x49656e69},
                    {0x00000001, 0, 0x000306c1, 0x00000800, 0xfed83203, 0x078bfbfd},
                    {0x00000007, 0, 0x00000000, 0x000003a9, 0x00000000, 0x00000000},
                    {0x80000000, 0, 0x80000008, 0x756e6547, 0x6c65746e, 0x49656e69},
                    {0x80000001, 0, 0x000306c1, 0x00000000, 0x00000021, 0x28100800},
                    {0x80000002, 0, 0x65746e49, 0x6f43206c, 0x50206572, 0x65636f72},
                    {0x80000003, 0, 0x726f7373, 0x61482820, 0x6c657773, 0x6e202c6c},
                    {0x80000004, 0, 0x5354206f, 0x49202c58, 0x29535242, 0x00000000},
                },
            .xcr0 = 0x7};
}

} // namespace tests
