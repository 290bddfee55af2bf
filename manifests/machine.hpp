#pragma once
// A machine as found (sealift.machine/1): what a probe read, and nothing that it guessed. Absent means that
// the machine does not say; `unreadable` lists what it would say to somebody with more rights.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/json.hpp"

namespace manifests {

struct CpuFound {
    std::string architecture; ///< "x86_64", "aarch64"
    std::string vendor;       ///< CPUID vendor text; "" on Arm
    std::string brand;
    std::uint64_t family = 0;   ///< Arm: MIDR implementer, 72 (0x48) is HiSilicon
    std::uint64_t model = 0;    ///< Arm: MIDR part number, 3329 (0xd01) is Kunpeng 920
    std::uint64_t stepping = 0; ///< Arm: variant * 16 + revision
    std::uint64_t logical_count = 0;
    std::vector<std::string> features; ///< usable ones only: CPUID and XCR0, or HWCAP; sorted
    /// The processor has them, the operating system has not switched on the registers they need; sorted.
    std::vector<std::string> disabled_features;
};

struct PciFound {
    std::string address; ///< "0000:c1:00.0"
    std::string id;      ///< "vvvv:dddd"
    std::string subsystem_id;
    std::string class_code; ///< six hex digits
    std::string driver;     ///< bound kernel driver or ""
    std::string vendor;     ///< "Huawei", "NVIDIA", ... or ""
};

struct FirmwareFound {
    std::string system_vendor;
    std::string product_name;
    std::string board_vendor;
    std::string board_name;
    std::string bios_vendor;
    std::string bios_version;
    std::string bios_date;
};

struct Machine {
    CpuFound cpu;
    std::uint64_t memory_bytes = 0; ///< MemTotal, less nodes without processors (memory of devices)
    std::string kernel_name;        ///< "Linux"
    std::string kernel_release;
    std::vector<PciFound> accelerators; ///< sorted by address
    FirmwareFound firmware;
    std::vector<std::string> unreadable; ///< sources that exist and could not be read; sorted

    /// Same machine, same bytes. What is absent is left out.
    OrderedJson to_json() const;
    /// Strict: accepts only documents whose members are those that to_json() gives for the same value.
    /// @throws Error  Fault::damaged
    static Machine parse(std::string_view bytes);
};

} // namespace manifests
