#pragma once
// Which part of a bundle needs which. Nothing is kept that can be found again: what a file needs follows from
// its ELF facts and from who carries the libraries, and is looked up when it is asked for. For 100,000 files
// that is the difference between two megabytes and hundreds.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifests/bom_writer.hpp"
#include "packager/software_bom.hpp"
#include "packager/software_components.hpp"

namespace packager {

inline constexpr std::string_view bundle_ref = "bundle";
inline constexpr std::string_view model_ref = "model";
inline constexpr std::string_view profile_ref = "profile";

class SoftwareGraph {
public:
    /// @param inputs  has to outlive the graph
    /// @throws Error  Fault::internal if a kernel is none of the files or is given twice
    explicit SoftwareGraph(const SoftwareBomInputs& inputs);

    /// All files, rising by path.
    const std::vector<const SoftwareBomFile*>& files() const { return files_; }
    bool has_file(std::string_view path) const;
    bool has_model() const { return has_model_; }
    bool has_profile() const { return !inputs_.profile_bytes.empty(); }
    /// What the kernel in this file declares, or nullptr.
    const manifests::KernelEntry* kernel_of(const SoftwareBomFile& file) const;
    /// The libraries that the site has to bring, by SONAME.
    const std::map<std::string, ExternalLibrary>& externals() const { return externals_; }

    manifests::EachRef needs_of_bundle() const;
    manifests::EachRef needs_of_model() const;
    /// @param index  in files()
    manifests::EachRef needs_of_file(std::size_t index) const;

private:
    using Index = std::uint32_t; ///< in files_
    // A name that the loader finds a carried library under. Views into the inputs.
    struct LibraryName {
        std::string_view name;
        Index file;
    };
    using MachineAndName = std::pair<std::string, std::string_view>;

    void index_files();
    void index_kernels();
    void index_library_names();
    void gather_externals();
    std::optional<Index> find_library(const std::string& machine, std::string_view name) const;
    std::string machine_of(Index file) const { return machine_name(*files_[file]->elf); }
    bool owns_libraries(Index file) const;
    void add_fitting(const manifests::KernelEntry& kernel, std::vector<Index>& found) const;

    const SoftwareBomInputs& inputs_;
    std::vector<const SoftwareBomFile*> files_;
    std::vector<const manifests::KernelEntry*> kernels_; ///< rising by path
    std::vector<Index> by_digest_;                       ///< only if there are kernels
    std::vector<Index> libraries_;                       ///< of the engine
    std::vector<Index> owners_;                          ///< programs that may load any of `libraries_`
    std::vector<LibraryName> library_names_;             ///< sorted by name and machine, without duplicates
    std::map<std::string, ExternalLibrary> externals_;
    bool has_model_ = false;
};

} // namespace packager
