#include "packager/inputs.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/workers.hpp"

namespace packager {
namespace {

using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::Hasher;
using manifests::in_quotes;
using manifests::Role;

// A link to a file is followed: model hubs keep their caches so. The kind is looked at before opening, for
// opening a pipe waits for somebody to write into it.
runtime::BlobAt open_regular(const std::string& source) {
    std::error_code problem;
    const auto status = std::filesystem::status(source, problem);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
        throw Error(Fault::usage, in_quotes(source) + " is not a regular file");
    auto file = std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(source));
    const runtime::FileFacts facts = runtime::facts_of(*file, source);
    if (facts.kind != runtime::FileKind::regular)
        throw Error(Fault::usage, in_quotes(source) + " is not a regular file");
    return {file, 0, facts.size_bytes, source};
}

std::string source_path(const std::string& folder, const std::string& source) {
    return source.starts_with('/') ? source : folder + "/" + source;
}

manifests::FileMode mode_of(const manifests::RecipeFile& wanted, const runtime::BlobAt& blob) {
    if (wanted.mode) return *wanted.mode;
    const bool executable =
        wanted.role == Role::engine && runtime::facts_of(*blob.file, blob.where).executable;
    return executable ? manifests::FileMode::executable : manifests::FileMode::plain;
}

std::optional<ElfFacts> elf_of(Role role, const runtime::BlobAt& blob) {
    if (role != Role::engine && role != Role::kernel) return std::nullopt;
    try {
        return read_elf(blob.size_bytes, [&](std::uint64_t offset, std::size_t length) {
            std::string bytes(length, '\0');
            bytes.resize(runtime::read_at(*blob.file, bytes.data(), length, offset, blob.where));
            return bytes;
        });
    } catch (Error& error) {
        if (error.fault() == Fault::damaged) error.as(Fault::refused).in(blob.where);
        throw;
    }
}

void refuse_twice(const manifests::Recipe& recipe) {
    std::set<std::string> paths;
    for (const manifests::RecipeFile& file : recipe.files) {
        if (!paths.insert(file.path.text()).second)
            throw Error(Fault::usage, "the recipe lists " + in_quotes(file.path.text()) + " twice");
    }
}

Input read_input(const manifests::RecipeFile& wanted, const runtime::BlobAt& blob,
                 const runtime::OnBytes& on_bytes) {
    Hasher sha256;
    std::optional<Hasher> sha512;
    if (wanted.role != Role::weights) sha512.emplace(Hasher::Algorithm::sha512);
    runtime::read_pieces(blob, [&](const char* data, std::size_t length_bytes, std::uint64_t) {
        sha256.update(data, length_bytes);
        if (sha512) sha512->update(data, length_bytes);
        if (on_bytes) on_bytes(length_bytes);
    });
    Input input{.file = {wanted.path, wanted.role, mode_of(wanted, blob), blob.size_bytes, sha256.finish()},
                .source = blob.where,
                .sha512 = std::nullopt,
                .elf = elf_of(wanted.role, blob)};
    if (sha512) input.sha512 = manifests::to_hex(sha512->finish_bytes());
    return input;
}

} // namespace

std::vector<Input> read_inputs(const manifests::Recipe& recipe, const std::string& folder, unsigned jobs,
                               const std::function<runtime::OnBytes(std::uint64_t total_bytes)>& on_start) {
    refuse_twice(recipe);
    std::uint64_t total_bytes = 0;
    for (const manifests::RecipeFile& file : recipe.files) {
        total_bytes += open_regular(source_path(folder, file.source)).size_bytes;
    }
    const runtime::OnBytes on_bytes = on_start ? on_start(total_bytes) : runtime::OnBytes{};
    std::vector<std::optional<Input>> found(recipe.files.size());
    runtime::for_each_index(recipe.files.size(), jobs, [&](std::size_t i) {
        const manifests::RecipeFile& wanted = recipe.files[i];
        found[i] = read_input(wanted, open_regular(source_path(folder, wanted.source)), on_bytes);
    });
    std::vector<Input> inputs;
    for (auto& input : found)
        inputs.push_back(std::move(*input));
    std::sort(inputs.begin(), inputs.end(),
              [](const Input& a, const Input& b) { return a.file.path < b.file.path; });
    return inputs;
}

std::vector<Input> glance_at_inputs(const manifests::Recipe& recipe, const std::string& folder) {
    refuse_twice(recipe);
    std::vector<Input> inputs;
    for (const manifests::RecipeFile& wanted : recipe.files) {
        const runtime::BlobAt blob = open_regular(source_path(folder, wanted.source));
        inputs.push_back(
            {.file = {wanted.path, wanted.role, mode_of(wanted, blob), 0, Digest::of(wanted.path.text())},
             .source = blob.where,
             .sha512 = std::nullopt,
             .elf = elf_of(wanted.role, blob)});
    }
    std::sort(inputs.begin(), inputs.end(),
              [](const Input& a, const Input& b) { return a.file.path < b.file.path; });
    return inputs;
}

runtime::BlobAt open_source(const Input& input) {
    return open_regular(input.source);
}

} // namespace packager
