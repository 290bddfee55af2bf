#include "packager/software_graph.hpp"

#include <algorithm>
#include <set>

#include "manifests/error.hpp"

namespace packager {
namespace {

using manifests::ComponentType;
using manifests::Digest;
using manifests::EachRef;
using manifests::Error;
using manifests::Fault;
using manifests::KernelEntry;
using manifests::Role;

template<class T>
void sort_unique(std::vector<T>& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

// All that the loader of the site looks for by name before the file starts.
template<class Take>
void each_needed(const ElfFacts& facts, const Take& take) {
    for (const std::string& soname : facts.needed)
        take(std::string_view(soname));
    const std::string_view interpreter = facts.interpreter;
    const std::string_view loader = interpreter.substr(interpreter.rfind('/') + 1);
    if (!loader.empty()) take(loader);
}

bool is_engine_library(const SoftwareBomFile& file) {
    return file.file->role == Role::engine && type_of(file) == ComponentType::library;
}

bool is_engine_program(const SoftwareBomFile& file) {
    return file.file->role == Role::engine && type_of(file) == ComponentType::application;
}

} // namespace

SoftwareGraph::SoftwareGraph(const SoftwareBomInputs& inputs) : inputs_(inputs) {
    index_files();
    index_kernels();
    index_library_names();
    gather_externals();
}

void SoftwareGraph::index_files() {
    files_.reserve(inputs_.files.size());
    for (const SoftwareBomFile& file : inputs_.files)
        files_.push_back(&file);
    std::sort(files_.begin(), files_.end(),
              [](const auto* left, const auto* right) { return left->file->path < right->file->path; });
    for (Index i = 0; i < files_.size(); ++i) {
        const SoftwareBomFile& file = *files_[i];
        if (is_of_model(file)) has_model_ = true;
        if (is_engine_library(file)) libraries_.push_back(i);
        // Engines load their libraries by name while they run, which no file shows; they belong to what is
        // started.
        const bool is_started = !inputs_.entrypoint || *inputs_.entrypoint == file.file->path;
        if (is_started && is_engine_program(file)) owners_.push_back(i);
    }
}

void SoftwareGraph::index_kernels() {
    for (const KernelEntry& kernel : inputs_.kernels)
        kernels_.push_back(&kernel);
    std::sort(kernels_.begin(), kernels_.end(),
              [](const auto* left, const auto* right) { return left->path < right->path; });
    for (std::size_t i = 0; i < kernels_.size(); ++i) {
        const std::string& path = kernels_[i]->path.text();
        const bool is_twice = i > 0 && kernels_[i - 1]->path == kernels_[i]->path;
        if (is_twice || !has_file(path)) {
            throw Error(Fault::internal, "kernel " + manifests::in_quotes(path) +
                                             (is_twice ? " is given twice" : " is no file of the bundle"));
        }
    }
    if (kernels_.empty()) return;
    by_digest_.reserve(files_.size());
    for (Index i = 0; i < files_.size(); ++i)
        by_digest_.push_back(i);
    std::sort(by_digest_.begin(), by_digest_.end(), [this](Index left, Index right) {
        return files_[left]->file->digest < files_[right]->file->digest;
    });
}

// Where two files go by one name, the loader is given the first.
void SoftwareGraph::index_library_names() {
    for (Index i = 0; i < files_.size(); ++i) {
        const ElfFacts* facts = files_[i]->elf;
        if (facts == nullptr) continue;
        if (!facts->soname.empty()) library_names_.push_back({facts->soname, i});
        library_names_.push_back({files_[i]->file->path.name(), i});
    }
    std::sort(library_names_.begin(), library_names_.end(), [this](const auto& left, const auto& right) {
        if (left.name != right.name) return left.name < right.name;
        const int machines = machine_of(left.file).compare(machine_of(right.file));
        return machines != 0 ? machines < 0 : left.file < right.file;
    });
    const auto same = [this](const LibraryName& left, const LibraryName& right) {
        return left.name == right.name && machine_of(left.file) == machine_of(right.file);
    };
    library_names_.erase(std::unique(library_names_.begin(), library_names_.end(), same),
                         library_names_.end());
}

void SoftwareGraph::gather_externals() {
    for (const SoftwareBomFile* file : files_) {
        if (file->elf == nullptr) continue;
        const std::string machine = machine_name(*file->elf);
        each_needed(*file->elf, [&](std::string_view soname) {
            if (find_library(machine, soname)) return;
            const std::string name(soname);
            add_needs(externals_[name], name, *file->elf);
        });
    }
}

std::optional<SoftwareGraph::Index> SoftwareGraph::find_library(const std::string& machine,
                                                                std::string_view name) const {
    const auto is_before = [this](const LibraryName& one, const MachineAndName& wanted) {
        if (one.name != wanted.second) return one.name < wanted.second;
        return machine_of(one.file) < wanted.first;
    };
    const auto found = std::lower_bound(library_names_.begin(), library_names_.end(),
                                        MachineAndName(machine, name), is_before);
    if (found == library_names_.end() || found->name != name || machine_of(found->file) != machine) {
        return std::nullopt;
    }
    return found->file;
}

bool SoftwareGraph::has_file(std::string_view path) const {
    const auto file =
        std::lower_bound(files_.begin(), files_.end(), path, [](const auto* one, std::string_view wanted) {
            return one->file->path.text() < wanted;
        });
    return file != files_.end() && (*file)->file->path.text() == path;
}

const KernelEntry* SoftwareGraph::kernel_of(const SoftwareBomFile& file) const {
    const auto kernel =
        std::lower_bound(kernels_.begin(), kernels_.end(), file.file->path,
                         [](const auto* one, const auto& wanted) { return one->path < wanted; });
    return kernel != kernels_.end() && (*kernel)->path == file.file->path ? *kernel : nullptr;
}

bool SoftwareGraph::owns_libraries(Index file) const {
    return std::binary_search(owners_.begin(), owners_.end(), file);
}

void SoftwareGraph::add_fitting(const KernelEntry& kernel, std::vector<Index>& found) const {
    for (const Digest& digest : kernel.fits) {
        auto file = std::lower_bound(
            by_digest_.begin(), by_digest_.end(), digest,
            [this](Index one, const Digest& wanted) { return files_[one]->file->digest < wanted; });
        for (; file != by_digest_.end() && files_[*file]->file->digest == digest; ++file)
            found.push_back(*file);
    }
}

// Libraries hang on what loads them, and on the bundle only if nothing does.
EachRef SoftwareGraph::needs_of_bundle() const {
    return [this](const auto& take) {
        for (const SoftwareBomFile* file : files_) {
            const bool is_loaded = !owners_.empty() && is_engine_library(*file);
            if (!is_of_model(*file) && !is_loaded) take(ref_of(*file));
        }
        if (has_model()) take(model_ref);
        if (has_profile()) take(profile_ref);
    };
}

EachRef SoftwareGraph::needs_of_model() const {
    return [this](const auto& take) {
        for (const SoftwareBomFile* file : files_) {
            if (is_of_model(*file)) take(ref_of(*file));
        }
    };
}

EachRef SoftwareGraph::needs_of_file(std::size_t index) const {
    return [this, self = static_cast<Index>(index)](const auto& take) {
        const SoftwareBomFile& file = *files_[self];
        std::vector<std::string_view> outside;
        std::vector<Index> inside;
        if (owns_libraries(self)) inside = libraries_;
        if (file.elf != nullptr) {
            const std::string machine = machine_of(self);
            each_needed(*file.elf, [&](std::string_view soname) {
                const std::optional<Index> carried = find_library(machine, soname);
                if (carried) inside.push_back(*carried);
                if (!carried) outside.push_back(soname);
            });
        }
        if (const KernelEntry* kernel = kernel_of(file)) add_fitting(*kernel, inside);
        sort_unique(outside);
        sort_unique(inside);
        for (const std::string_view soname : outside)
            take(external_ref(soname));
        for (const Index needed : inside) {
            if (needed != self) take(ref_of(*files_[needed]));
        }
    };
}

} // namespace packager
