#include "packager/model_source.hpp"

#include <filesystem>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/shard_index.hpp"

namespace packager {
namespace {

using manifests::Role;

namespace fs = std::filesystem;

runtime::BlobAt open_file(const std::string& path) {
    auto file = std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(path));
    const std::uint64_t size_bytes = runtime::facts_of(*file, path).size_bytes;
    return {file, 0, size_bytes, path};
}

ModelFile file_at(const std::string& path, const std::string& name) {
    return {name, open_file(path).size_bytes, true, [path] { return open_file(path); }};
}

// Of a model's files only weights have tensors; papers and tokenizers are small and many.
bool is_of_model(Role role) {
    return role == Role::weights || role == Role::model_config;
}

} // namespace

std::vector<ModelFile> model_files_in(const std::string& folder) {
    std::vector<ModelFile> files;
    std::error_code problem;
    auto entry = fs::recursive_directory_iterator(folder, problem);
    if (problem)
        throw manifests::Error(manifests::Fault::io,
                               "cannot list " + manifests::in_quotes(folder) + ": " + problem.message());
    for (; entry != fs::recursive_directory_iterator(); ++entry) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with('.')) {
            entry.disable_recursion_pending();
            continue;
        }
        if (entry->is_regular_file())
            files.push_back(
                file_at(entry->path().string(), entry->path().lexically_relative(folder).string()));
    }
    return files;
}

std::vector<ModelFile> model_files_beside(const std::string& file) {
    const fs::path path(file);
    const std::string name = path.filename().string();
    const auto shard = parse_shard_name(name);
    constexpr std::uint64_t most_parts = 100'000;
    // A number beyond the count is not among the parts, and the file itself would not be looked at.
    if (!shard || shard->number > shard->count || shard->count > most_parts) return {file_at(file, name)};
    std::vector<ModelFile> files;
    for (std::uint64_t number = 1; number <= shard->count; ++number) {
        const fs::path part = path.parent_path() / part_name(*shard, number);
        if (fs::is_regular_file(part)) files.push_back(file_at(part.string(), part.filename().string()));
    }
    if (files.empty()) return {file_at(file, name)}; // which says what is wrong with it
    return files;
}

std::vector<ModelFile> model_files_of(const runtime::Bundle& bundle) {
    std::vector<ModelFile> files;
    for (const manifests::BundleFile& file : bundle.document().files) {
        if (!is_of_model(file.role) && !is_side_config_name(file.path.name())) continue;
        files.push_back({file.path.text(), file.size_bytes, file.role == Role::weights,
                         [&bundle, &file] { return bundle.locate(file); }});
    }
    return files;
}

std::vector<ModelFile> model_files_of(const Inputs& inputs) {
    std::vector<ModelFile> files;
    for (std::size_t i = 0; i < inputs.files.size(); ++i) {
        const manifests::BundleFile& file = inputs.files[i];
        const bool is_side = is_side_config_name(file.path.name());
        if (!is_of_model(file.role) && !is_side) continue;
        // There may be 100,000 others.
        if (!inputs.sources[i].begins_as_weights && !is_model_file_name(file.path.name()) && !is_side)
            continue;
        files.push_back({file.path.text(), file.size_bytes, file.role == Role::weights,
                         [&inputs, &file, i] { return open_source(inputs, i, file); }});
    }
    return files;
}

ReadBytes reader_of(const runtime::BlobAt& blob) {
    return [blob](std::uint64_t offset, std::size_t length) {
        std::string bytes(length, '\0');
        bytes.resize(runtime::read_at(*blob.file, bytes.data(), length, blob.offset + offset, blob.where));
        return bytes;
    };
}

} // namespace packager
