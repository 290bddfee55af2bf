#pragma once
// A machine as found (sealift.machine/1): what a probe read, and nothing that it guessed. Absent means that
// the machine does not say; `unreadable` lists what it would say to somebody with more rights.

#include <cstdint>
#include <optional>
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
    /// Empty: the processor was asked. "/proc/cpuinfo" of a copied tree: a kernel's text about it, in which
    /// what is named is there, and what is not named may be unknown to that kernel.
    std::string source = {};
};

struct NumaNodeFound {
    std::uint64_t node = 0;
    std::uint64_t memory_bytes = 0;
    std::string processors; ///< as the kernel lists them: "0-31,64-95"; empty: a node of memory alone
};

struct PciFound {
    std::string address; ///< "0000:c1:00.0"
    std::string id;      ///< "vvvv:dddd"
    std::string subsystem_id;
    std::string class_code; ///< six hex digits
    std::string driver;     ///< bound kernel driver or ""
    std::string vendor;     ///< "Huawei", "NVIDIA", ... or ""
    std::optional<std::uint64_t> numa_node = {};
    /// How many devices an engine sees behind this function; 1 unless something on the machine says more.
    std::uint64_t devices = 1;
    std::uint64_t memory_bytes = 0; ///< of one device; 0: not said by the machine
    std::string model = {};         ///< product or SoC name, when a driver or a vendor's tool says it
    std::string revision = {};      ///< two hex digits
};

/// A character device or a folder under /dev that an engine opens.
struct DeviceNodeFound {
    std::string path; ///< "/dev/davinci0"
    std::string mode; ///< four octal digits: "0660"
    std::uint64_t user = 0;
    std::uint64_t group = 0;
};

/// A driver, firmware, toolkit or library whose version stands in a file.
struct SoftwareFound {
    std::string kind;    ///< "driver", "firmware", "toolkit", "library"
    std::string name;    ///< as profiles spell it: "Ascend HDK driver", "CANN"
    std::string version; ///< as the file says it
    std::string path;    ///< where it was read
};

struct BlockDeviceFound {
    std::string name; ///< "nvme0n1"
    std::uint64_t size_bytes = 0;
    std::uint64_t logical_block_bytes = 0;
    bool rotational = false;
    bool removable = false;
    std::string model;
};

/// What the C and C++ libraries of the system offer at most: "GLIBC" 2.36.
struct AbiFound {
    std::string name;
    std::string version;
    std::string path;
};

/// What a plug-in around a vendor's tool said; recorded as said, believed only where files do not speak.
struct EvidenceFound {
    std::string tool;    ///< "npu-smi"
    std::string version; ///< of the tool; may be empty
    std::string digest;  ///< sha256:... of the plug-in's whole output
    struct Device {
        std::string address; ///< PCI address
        std::string model;   ///< "Ascend910B3"
        std::uint64_t memory_bytes = 0;
        std::uint64_t devices = 0; ///< 0: not said
    };
    std::vector<Device> devices;         ///< rising by address
    std::vector<SoftwareFound> software; ///< rising by kind, then name; path is the tool's name
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

/// Only on request: they tell this machine from its twins, and whose it is.
struct IdentitiesFound {
    std::string host_name;
    std::string machine_id;
    std::string system_serial;
    std::string system_uuid;
    std::string board_serial;
    std::string chassis_serial;
};

struct Machine {
    CpuFound cpu;
    std::uint64_t memory_bytes = 0;        ///< MemTotal, less nodes without processors (memory of devices)
    std::vector<NumaNodeFound> numa_nodes; ///< rising by node; empty: the machine does not say
    std::string kernel_name;               ///< "Linux"
    std::string kernel_release;
    std::string system_id;                       ///< /etc/os-release ID: "openEuler"
    std::string system_version;                  ///< /etc/os-release VERSION_ID
    std::vector<PciFound> accelerators;          ///< sorted by address
    std::vector<PciFound> networks;              ///< PCI functions of class 02; sorted by address
    std::vector<DeviceNodeFound> device_nodes;   ///< rising by path
    std::vector<SoftwareFound> software;         ///< rising by kind, name, then path
    std::vector<AbiFound> abi;                   ///< rising by name
    std::vector<BlockDeviceFound> block_devices; ///< rising by name
    FirmwareFound firmware;
    std::optional<IdentitiesFound> identities; ///< engaged when asked for, also if the machine has none
    std::vector<EvidenceFound> evidence;       ///< rising by tool
    std::vector<std::string> unreadable;       ///< sources that exist and could not be read; sorted

    /// Same machine, same bytes. What is absent is left out.
    OrderedJson to_json() const;
    /// Strict: accepts only documents whose members are those that to_json() gives for the same value.
    /// @throws Error  Fault::damaged
    static Machine parse(std::string_view bytes);
    /// The same, or what `sealift-runtime probe --format json` prints (sealift.probe/1), of which only the
    /// member `machine` counts: for files that somebody hands over.
    /// @throws Error  Fault::damaged
    static Machine parse_found(std::string_view bytes);
};

} // namespace manifests
