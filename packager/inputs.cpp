#include "packager/inputs.hpp"

#include <algorithm>
#include <filesystem>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "manifests/verity.hpp"
#include "packager/content_look.hpp"
#include "runtime/content.hpp"
#include "runtime/disk_space.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
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

std::string full_path(const std::string& folder, const std::string& source) {
    return source.starts_with('/') ? source : folder + "/" + source;
}

manifests::FileMode mode_of(const manifests::RecipeFile& wanted, const runtime::BlobAt& blob) {
    if (wanted.mode) return *wanted.mode;
    const bool executable =
        wanted.role == Role::engine && runtime::facts_of(*blob.file, blob.where).executable;
    return executable ? manifests::FileMode::executable : manifests::FileMode::plain;
}

// What the headers of a binary say; nothing of files in other roles.
void read_binary(Role role, const runtime::BlobAt& blob, Source& source) {
    if (role != Role::engine && role != Role::kernel) return;
    const ReadAt read_at = [&](std::uint64_t offset, std::size_t length) {
        std::string bytes(length, '\0');
        bytes.resize(runtime::read_at(*blob.file, bytes.data(), length, offset, blob.where));
        return bytes;
    };
    try {
        auto elf = read_elf(blob.size_bytes, read_at);
        if (elf) source.elf = std::make_unique<ElfFacts>(std::move(*elf));
        if (role == Role::engine && source.elf == nullptr) return;
        KernelFacts facts = read_kernel_facts(blob.size_bytes, read_at, source.elf.get());
        if (role == Role::kernel || !facts.targets.empty() || !facts.all_told)
            source.kernel = std::make_unique<KernelFacts>(std::move(facts));
    } catch (Error& error) {
        if (error.fault() == Fault::damaged) error.as(Fault::refused).in(blob.where);
        throw;
    }
}

std::string read_part(const runtime::BlobAt& blob, std::uint64_t offset, std::uint64_t length_bytes) {
    std::string bytes(static_cast<std::size_t>(length_bytes), '\0');
    bytes.resize(runtime::read_at(*blob.file, bytes.data(), bytes.size(), offset, blob.where));
    return bytes;
}

// Whatever its role is: a loader that is handed the file does not ask for it.
void look_inside(const manifests::BundlePath& path, const runtime::BlobAt& blob, Source& source) {
    ContentLook look = look_at_content(blob.size_bytes, [&](std::uint64_t offset, std::size_t length) {
        return read_part(blob, offset, length);
    });
    if (look.danger.empty() && is_pickle_name(path.name()))
        look.danger = "loaders take a file of this name for a pickle";
    if (!look.danger.empty()) source.danger = std::make_unique<std::string>(std::move(look.danger));
    source.begins_as_weights = look.kind == "safetensors" || look.kind == "gguf";
}

// A digest that no bytes have: the file's own, or the one that it shares with all files of its content.
void set_stand_in(BundleFile& file, const std::string& what) {
    file.digest = Digest::of("stand-in for " + what);
    file.fs_verity = Digest::of("stand-in for the tree of " + what);
    if (manifests::has_chunk_table(file.size_bytes))
        file.chunk_table = Digest::of("stand-in for the chunk table of " + what);
}

void look_at(BundleFile& file, const runtime::BlobAt& blob) {
    if (file.size_bytes > small_file_bytes) return set_stand_in(file, file.path.text());
    const std::string bytes = read_part(blob, 0, file.size_bytes);
    file.digest = Digest::of(bytes);
    file.fs_verity =
        manifests::small_verity_digest(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

// Front and back: model files differ in their headers or in their last tensor, or not at all.
Digest ends_of(const runtime::BlobAt& blob) {
    return Digest::of(read_part(blob, 0, small_file_bytes) +
                      read_part(blob, blob.size_bytes - small_file_bytes, small_file_bytes));
}

Digest whole_of(const runtime::BlobAt& blob) {
    Hasher hasher;
    runtime::read_pieces(blob, [&](const char* data, std::size_t length_bytes, std::uint64_t) {
        hasher.update(data, length_bytes);
    });
    return hasher.finish();
}

// Runs of `list` in which `key` is the same, of two and more.
template<typename Key, typename OnRun>
void for_each_run(std::vector<std::size_t>& list, const Key& key, const OnRun& on_run) {
    std::stable_sort(list.begin(), list.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
    for (std::size_t from = 0; from < list.size();) {
        std::size_t to = from + 1;
        while (to < list.size() && key(list[to]) == key(list[from]))
            ++to;
        if (to - from > 1)
            on_run(std::vector<std::size_t>(list.begin() + static_cast<std::ptrdiff_t>(from),
                                            list.begin() + static_cast<std::ptrdiff_t>(to)));
        from = to;
    }
}

// Equal files are stored once, so that they are equal has to be known before places are planned. Only files
// of one size with equal ends are read twice.
void join_twins(Inputs& inputs) {
    std::vector<std::size_t> large;
    for (std::size_t i = 0; i < inputs.files.size(); ++i)
        if (inputs.files[i].size_bytes > small_file_bytes) large.push_back(i);
    const auto size_of = [&](std::size_t i) { return inputs.files[i].size_bytes; };
    std::vector<std::optional<Digest>> ends(inputs.files.size());
    for_each_run(large, size_of, [&](std::vector<std::size_t> same_size) {
        for (const std::size_t i : same_size)
            ends[i] = ends_of(open_source(inputs, i, inputs.files[i]));
        for_each_run(
            same_size, [&](std::size_t i) { return *ends[i]; },
            [&](std::vector<std::size_t> alike) {
                for (const std::size_t i : alike)
                    set_stand_in(inputs.files[i], whole_of(open_source(inputs, i, inputs.files[i])).text());
            });
    });
}

void refuse_twice(const std::vector<manifests::RecipeFile>& files) {
    for (std::size_t i = 1; i < files.size(); ++i) {
        if (files[i].path == files[i - 1].path)
            throw Error(Fault::usage, "the recipe lists " + in_quotes(files[i].path.text()) + " twice");
    }
}

} // namespace

Inputs look_at_inputs(std::vector<manifests::RecipeFile> files, const std::string& folder) {
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    refuse_twice(files);
    Inputs inputs;
    inputs.folder = folder;
    inputs.files.reserve(files.size());
    inputs.sources.reserve(files.size());
    const Digest unknown = Digest::from_bytes({});
    for (manifests::RecipeFile& wanted : files) {
        const runtime::BlobAt blob = open_regular(full_path(folder, wanted.source));
        const bool same_path = wanted.source == wanted.path.text();
        BundleFile file{std::move(wanted.path),
                        wanted.role,
                        mode_of(wanted, blob),
                        blob.size_bytes,
                        unknown,
                        unknown,
                        std::nullopt};
        look_at(file, blob);
        inputs.files.push_back(std::move(file));
        // BSI TR-03183 asks SHA-512 of the software that is deployed; over weights it would take twice the
        // time of everything else.
        inputs.sources.push_back(
            {same_path ? nullptr : std::make_unique<std::string>(std::move(wanted.source)), nullptr});
        inputs.sources.back().hole_bytes = runtime::hole_bytes(blob);
        if (wanted.role != Role::weights) inputs.sources.back().sha512 = std::make_unique<Sha512>();
        read_binary(wanted.role, blob, inputs.sources.back());
        look_inside(inputs.files.back().path, blob, inputs.sources.back());
    }
    join_twins(inputs);
    return inputs;
}

runtime::BlobAt open_source(const Inputs& inputs, std::size_t i, const BundleFile& file) {
    const auto& path = inputs.sources.at(i).path;
    return open_regular(full_path(inputs.folder, path ? *path : file.path.text()));
}

} // namespace packager
