#pragma once
// A profile (sealift.profile/1): what one target chip and its software stack can do, how a site recognises it
// and what it needs from the host; one JSON file in profiles/, each figure with the document it comes from.
// The packager refuses at build time with it, and the same bytes travel in the bundle to refuse at the site.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace manifests {

/// Where figures come from; a figure names its source by `id`.
struct ProfileSource {
    std::string id;
    std::string title;
    std::string url;  ///< https, or empty when the document has no address that is known to last
    std::string date; ///< YYYY-MM-DD the document was read
};

/// Both ends belong to it. x86: display family and model; aarch64: MIDR implementer and part number.
struct CpuModelRange {
    std::uint64_t family = 0;
    std::uint64_t first_model = 0;
    std::uint64_t last_model = 0;
};

struct CpuRequirement {
    std::string architecture;          ///< "x86_64" or "aarch64", as `uname -m` says it
    std::vector<std::string> vendors;  ///< CPUID vendor texts; empty: any; sorted
    std::vector<CpuModelRange> models; ///< empty: any; rising, not overlapping
    bool identity_blocks = false;      ///< another vendor or model is a refusal (true) or a note (false)
    std::vector<std::string> features; ///< all needed, usable by the operating system too; sorted
    std::string source;                ///< of the features
    std::string identity_source;       ///< of vendors and models; empty when both are
};

struct AcceleratorRequirement {
    std::string name;                 ///< as a person says it: "Ascend 910B3"
    std::vector<std::string> pci_ids; ///< "vvvv:dddd", lower-case hex; any one of them matches; sorted
    std::uint64_t quantity = 1;       ///< at least
    std::uint64_t memory_bytes = 0;   ///< of one device; 0: not stated
    std::string source;
};

/// A driver, firmware, toolkit or operating system that has to be on the site.
struct SoftwareRequirement {
    enum class Kind { driver, firmware, toolkit, operating_system };
    Kind kind = Kind::driver;
    std::string name;
    std::string vendor;
    std::string version_range; ///< VERS, such as "vers:generic/>=24.1.rc2|<26"
    std::string source;
};

struct KernelRule {
    std::string elf_machine;           ///< "x86_64" or "aarch64"
    std::vector<std::string> names;    ///< file names that init picks, best first
    std::vector<std::string> features; ///< what a kernel may require: some of cpu.features; sorted
    std::string source;
};

struct Profile {
    std::string id; ///< file name without .json
    std::string title;
    std::string vendor;
    std::vector<std::string> chips; ///< product names
    CpuRequirement cpu;
    std::uint64_t memory_bytes = 0; ///< of the host as MemTotal tells it, at least; 0: not stated
    std::string memory_source;
    std::vector<AcceleratorRequirement> accelerators; ///< rising by name
    std::vector<SoftwareRequirement> software;        ///< rising by kind, then name
    KernelRule kernels;
    std::vector<ProfileSource> sources; ///< rising by id

    /// Refuses unknown members, lists out of order, a figure whose source is not listed, a source that no
    /// figure names and a version range that nothing could be compared with.
    /// @throws Error  Fault::damaged
    static Profile parse(std::string_view bytes);
};

/// "driver", "firmware", "toolkit", "operating_system"
std::string_view name_of(SoftwareRequirement::Kind kind);
/// Whether `text` can be a profile's id, and so a file name: [a-z0-9] first, then also . _ -; 64 at most.
bool is_profile_id(std::string_view text);

} // namespace manifests
