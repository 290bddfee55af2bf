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
    /// "x86_64", "aarch64" or "loongarch64", as `uname -m` says it; empty: any that the engine is for
    std::string architecture;
    std::vector<std::string> vendors;  ///< CPUID vendor texts; empty: any; sorted
    std::vector<CpuModelRange> models; ///< empty: any; rising, not overlapping
    bool identity_blocks = false;      ///< another vendor or model is a refusal (true) or a note (false)
    std::vector<std::string> features; ///< all needed, usable by the operating system too; sorted
    std::string source;                ///< of the features
    std::string identity_source;       ///< of vendors and models; empty when both are
};

struct SubsystemDevices {
    std::string subsystem_id; ///< "vvvv:dddd"
    std::uint64_t devices = 1;
};

struct AcceleratorRequirement {
    std::string name; ///< as a person says it: "Ascend 910B3"
    /// "vvvv:dddd", lower-case hex; any one of them matches; sorted. Empty: no list knows it, and what cannot
    /// be recognised cannot be told.
    std::vector<std::string> pci_ids;
    std::uint64_t quantity = 1;     ///< devices as an engine counts them, at least; 1 is the chip itself
    std::uint64_t memory_bytes = 0; ///< of one device, at least; 0: not stated
    std::string source;             ///< of name, PCI ids and quantity

    /// Product or SoC names that count as this chip when a driver or a tool says one; sorted; empty: the
    /// PCI id says enough.
    std::vector<std::string> models = {};
    std::string models_source = {};
    std::string memory_source = {};         ///< empty if the memory is not stated
    std::uint64_t devices_per_function = 0; ///< how many devices stand behind one PCI function; 0: not stated
    std::vector<SubsystemDevices> devices_by_subsystem = {}; ///< exceptions; rising by id
    std::string devices_source = {};
    std::uint64_t devices_per_node = 0; ///< of one machine as sold (8, 16); 0: not stated
    std::string node_source = {};
    /// What an engine opens. "{n}" stands for a device's number: one such node for each device is wanted.
    std::vector<std::string> device_nodes = {}; ///< sorted
    std::string device_nodes_source = {};
};

/// Number types as `compute_type_of` (number_types.hpp) names them: "bf16", "fp8", "int8", ... A type in
/// neither list is not known to compute and not known to fail.
struct TypeSupport {
    std::vector<std::string> computes; ///< sorted
    std::vector<std::string> lacks;    ///< sorted
    std::string source;                ///< of what it computes; empty if nothing is listed
    std::string lacks_source;          ///< of what it lacks; empty if nothing is listed
};

/// A driver, firmware, toolkit or operating system that has to be on the site.
struct SoftwareRequirement {
    enum class Kind { driver, firmware, toolkit, operating_system };
    Kind kind = Kind::driver;
    std::string name;
    std::string vendor;
    std::string version_range; ///< VERS, such as "vers:generic/>=24.1.rc2|<26"; "vers:generic/*": any
    std::string source;

    /// Where a site's version stands, tried in this order; what no built-in place of a probe tells.
    struct Place {
        std::string path; ///< absolute, without links' help: "/usr/local/Ascend/driver/version.info"
        std::string key;  ///< the version stands behind "key=" (or "key:"); empty: the first line is it
    };
    std::vector<Place> places = {};
    std::string places_source = {};
};

/// A mode that an engine insists on for files of a role.
struct FileModeRule {
    std::string engine; ///< name as needs.engine has it: "mindie"; empty: any engine on this chip
    std::string role;   ///< "config", "model-config", "weights", ...
    std::string mode;   ///< "0640"
    std::string source;
};

/// One kind of kernel binary that the chip loads.
struct KernelFormat {
    std::string
        format; ///< "elf-shared", "cuda", "amdgpu", "ascend-object", "ascend-om", ... (kernel_facts.hpp)
    std::vector<std::string> targets; ///< "sm_90", "gfx942", "Ascend910B3"; sorted; empty: not told apart
    bool target_in_bytes = false;     ///< false: only a declaration says it
    std::string source;
};

struct KernelRule {
    std::string elf_machine;           ///< "x86_64", "aarch64" or "loongarch64"; empty: any
    std::vector<std::string> names;    ///< file names that init picks, best first
    std::vector<std::string> features; ///< what a kernel may require: some of cpu.features; sorted
    std::string source;
    std::vector<KernelFormat> formats = {}; ///< rising by format; empty: host libraries only
};

/// Versions that somebody has run together and says so: driver, firmware, toolkit, engine.
struct ValidatedSet {
    struct Member {
        std::string kind; ///< "driver", "firmware", "toolkit", "engine", "operating_system", "framework"
        std::string name;
        std::string version_range; ///< VERS; one exact version as a rule
    };
    std::string id;              ///< rising
    std::string date;            ///< YYYY-MM-DD or YYYY-MM: of the statement
    std::vector<Member> members; ///< rising by kind, then name
    std::string source;
};

struct Profile {
    std::string id; ///< file name without .json
    std::string title;
    std::string vendor;
    std::vector<std::string> chips; ///< product names
    CpuRequirement cpu;             ///< an accelerator's profile may leave it open
    std::uint64_t memory_bytes = 0; ///< of the host as MemTotal tells it, at least; 0: not stated
    std::string memory_source;
    std::vector<AcceleratorRequirement> accelerators; ///< rising by name
    std::vector<SoftwareRequirement> software;        ///< rising by kind, then name
    std::optional<TypeSupport> types = {};            ///< absent: not stated
    std::vector<FileModeRule> file_modes = {};        ///< rising by engine, then role
    std::vector<ValidatedSet> validated_sets = {};
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
