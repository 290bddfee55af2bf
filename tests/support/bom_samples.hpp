#pragma once
// Inputs of both BOMs with everything that a bundle can have, from real bytes.

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "packager/hardware_bom.hpp"
#include "packager/software_bom.hpp"

namespace tests {

/// A file and what the packager found out about it.
struct SampleFile {
    manifests::BundleFile file;
    std::optional<std::array<unsigned char, 64>> sha512;
    std::optional<packager::ElfFacts> elf;
};

/// What the inputs of a software BOM point at. A test changes it as it likes and asks for inputs()
/// afterwards.
struct SoftwareSample {
    packager::SoftwareBomInputs about; ///< all but files, kernels and licences
    std::vector<SampleFile> files;
    std::vector<manifests::KernelEntry> kernels;
    std::map<std::string, std::string> licences;

    /// Points into this sample: valid until it changes.
    packager::SoftwareBomInputs inputs() const;
};

/// A file with `bytes`; ELF is read from them. @param role  as in the bundle document
SampleFile bom_file(const std::string& path, manifests::Role role, const std::string& bytes,
                    manifests::FileMode mode = manifests::FileMode::plain);

/// Two weight files, a program, two libraries of which one needs the other, a kernel that fits both, a
/// configuration, a document and a profile.
SoftwareSample sample_software();

/// `count` files of all roles in folders: libraries that need one another and the site, programs, kernels for
/// some of them, files with the same bytes, and names that JSON and URLs have to escape.
SoftwareSample crowded_software(std::size_t count);

/// A profile with an accelerator, its driver and firmware, a toolkit and an operating system.
packager::HardwareBomInputs sample_hardware();

} // namespace tests
