#include "runtime/probes/version_places.hpp"

namespace runtime {
namespace {

using Says = VersionPlace::Says;

// Sources: Huawei's published driver (scripts/package/driver/common/scripts/common.sh: version.info below the
// prefix) and runtime; gpustack/runtime, detector (CANN, hycu, DTK, Neuware, MACA, CoreX); HAMi's DCU plug-in
// (hydcu); Moore Threads torch_musa (MUSA); Linux (MODULE_VERSION in /sys/module). Ascend's own kernel
// modules have the constant version v0.1 and are not asked.
std::vector<VersionPlace> fixed_places() {
    return {
        {"driver", "NVIDIA driver", "/proc/driver/nvidia/version", "", Says::in_file},
        {"driver", "NVIDIA driver", "/sys/module/nvidia/version", "", Says::in_file},
        {"driver", "amdgpu", "/sys/module/amdgpu/version", "", Says::in_file},
        {"driver", "Hygon DCU driver", "/sys/module/hycu/version", "", Says::in_file},
        {"driver", "Hygon DCU driver", "/sys/module/hydcu/version", "", Says::in_file},
        {"toolkit", "CANN", "/usr/local/Ascend/cann/runtime/version.info", "Version", Says::in_file},
        {"toolkit", "CANN", "/usr/local/Ascend/cann/share/info/runtime/version.info", "Version",
         Says::in_file},
        {"toolkit", "CANN", "/usr/local/Ascend/ascend-toolkit/latest/runtime/version.info", "Version",
         Says::in_file},
        {"toolkit", "CANN", "/usr/local/Ascend/ascend-toolkit/latest/share/info/runtime/version.info",
         "Version", Says::in_file},
        {"toolkit", "DTK", "/opt/dtk*", "", Says::in_name},
        {"toolkit", "ROCm", "/opt/rocm*/.info/version", "", Says::in_file},
        {"toolkit", "Neuware", "/usr/local/neuware/version.txt", "", Says::in_file},
        {"toolkit", "MUSA", "/usr/local/musa", "", Says::presence},
        {"toolkit", "MACA", "/opt/maca", "", Says::presence},
        {"toolkit", "CoreX", "/usr/local/corex", "", Says::presence},
    };
}

} // namespace

std::vector<VersionPlace> built_in_version_places(const std::string& driver_prefix,
                                                  const std::string& firmware_prefix) {
    std::vector<VersionPlace> places = fixed_places();
    places.push_back({"driver", "Ascend HDK driver", driver_prefix + "/driver/version.info", "Version"});
    places.push_back(
        {"firmware", "Ascend HDK firmware", firmware_prefix + "/firmware/version.info", "Version"});
    return places;
}

std::vector<VersionPlace> version_places_of(const manifests::Profile& profile) {
    using Kind = manifests::SoftwareRequirement::Kind;
    std::vector<VersionPlace> places;
    for (const manifests::SoftwareRequirement& software : profile.software) {
        if (software.kind == Kind::operating_system) continue;
        for (const auto& place : software.places)
            places.push_back(
                {std::string(manifests::name_of(software.kind)), software.name, place.path, place.key});
    }
    return places;
}

} // namespace runtime
