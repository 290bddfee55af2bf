#include "packager/kernel_files.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/elf_symbols.hpp"
#include "packager/operator_sidecar.hpp"
#include "runtime/content.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
using manifests::BundlePath;
using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::RecipeKernel;
using manifests::Report;
using manifests::Role;

std::optional<std::size_t> find_file(const Inputs& inputs, const std::string& path) {
    const auto file = std::lower_bound(
        inputs.files.begin(), inputs.files.end(), path,
        [](const BundleFile& one, const std::string& wanted) { return one.path.text() < wanted; });
    if (file == inputs.files.end() || file->path.text() != path) return std::nullopt;
    return static_cast<std::size_t>(file - inputs.files.begin());
}

ReadAt reader_of(const runtime::BlobAt& blob) {
    return [&blob](std::uint64_t offset, std::size_t length) {
        std::string bytes(length, '\0');
        bytes.resize(runtime::read_at(*blob.file, bytes.data(), length, offset, blob.where));
        return bytes;
    };
}

Digest digest_of(const Inputs& inputs, std::size_t i) {
    const BundleFile& file = inputs.files[i];
    if (file.size_bytes <= small_file_bytes) return file.digest;
    manifests::Hasher hasher;
    runtime::read_pieces(open_source(inputs, i, file), [&](const char* data, std::size_t length,
                                                           std::uint64_t) { hasher.update(data, length); });
    return hasher.finish();
}

void check_exports(const RecipeKernel& kernel, const Inputs& inputs, Report& report) {
    const auto i = find_file(inputs, kernel.path.text());
    if (!i || kernel.exports.empty()) return; // plan() refuses an entry without a file
    const runtime::BlobAt blob = open_source(inputs, *i, inputs.files[*i]);
    try {
        for (const std::string& name : missing_exports(blob.size_bytes, reader_of(blob), kernel.exports)) {
            report.add({Code::fit_kernel, kernel.path.text(),
                        "it has no entry point " + in_quotes(name) + ", which the recipe wants",
                        "take the build of this file that the engine can load, or correct 'exports'"});
        }
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        report.add({Code::fit_kernel, kernel.path.text(),
                    std::string("its entry points cannot be read: ") + error.what(),
                    "take another copy of the file, or leave out 'exports'"});
    }
}

std::string folder_of(const std::string& path) {
    return path.substr(0, path.rfind('/') + 1);
}

// What the description of an operator says, against the object that it names.
void check_sidecar(const Inputs& inputs, std::size_t i, Report& report) {
    const BundleFile& file = inputs.files[i];
    const std::string& path = file.path.text();
    const auto refuse = [&](const std::string& text, const char* hint) {
        report.add({Code::fit_kernel, path, text, hint});
    };
    const runtime::BlobAt blob = open_source(inputs, i, file);
    const ReadAt read_at = reader_of(blob);
    if (!is_operator_sidecar(FileView(blob.size_bytes, read_at))) return;
    std::optional<OperatorSidecar> sidecar;
    try {
        sidecar = read_operator_sidecar(read_at(0, static_cast<std::size_t>(blob.size_bytes)));
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return refuse(std::string("it is no description of an operator: ") + error.what(),
                      "take another copy of the file");
    }
    const auto object = find_file(inputs, folder_of(path) + sidecar->file_name);
    if (!object)
        return refuse("it describes " + in_quotes(sidecar->file_name) + ", which is not packed beside it",
                      "pack both files of the operator");
    if (sidecar->sha256.empty()) return;
    const std::string found = digest_of(inputs, *object).hex();
    if (found != sidecar->sha256)
        refuse("it describes " + in_quotes(sidecar->file_name) + " with the SHA-256 " + sidecar->sha256 +
                   ", the packed file has " + found,
               "take the object and its description from the same build");
}

bool is_object(const Inputs& inputs, std::size_t i) {
    const KernelFacts* facts = inputs.kernel_facts_of(i);
    return facts != nullptr && facts->format == kernel_format::ascend_object;
}

bool is_sidecar(const Inputs& inputs, std::size_t i) {
    const KernelFacts* facts = inputs.kernel_facts_of(i);
    if (facts != nullptr) return facts->format == kernel_format::ascend_sidecar;
    const std::string& path = inputs.files[i].path.text();
    constexpr std::string_view ending = ".json";
    if (!path.ends_with(ending) || inputs.files[i].role == Role::weights) return false;
    const auto object = find_file(inputs, path.substr(0, path.size() - ending.size()) + ".o");
    return object && is_object(inputs, *object);
}

} // namespace

Report check_kernel_files(const std::vector<RecipeKernel>& kernels, const Inputs& inputs) {
    Report report;
    for (const RecipeKernel& kernel : kernels)
        check_exports(kernel, inputs, report);
    for (std::size_t i = 0; i < inputs.files.size(); ++i)
        if (is_sidecar(inputs, i)) check_sidecar(inputs, i, report);
    return report;
}

Report resolve_fits(std::vector<RecipeKernel>& kernels, const Inputs& inputs) {
    Report report;
    const auto has_digests = [](const RecipeKernel& kernel) { return !kernel.fits_digests.empty(); };
    if (std::none_of(kernels.begin(), kernels.end(), has_digests)) return report;
    std::map<Digest, BundlePath> engines;
    for (std::size_t i = 0; i < inputs.files.size(); ++i)
        if (inputs.files[i].role == Role::engine) engines.emplace(digest_of(inputs, i), inputs.files[i].path);
    for (RecipeKernel& kernel : kernels) {
        for (const Digest& digest : kernel.fits_digests) {
            const auto engine = engines.find(digest);
            if (engine != engines.end()) {
                kernel.fits.push_back(engine->second);
                continue;
            }
            report.add({Code::fit_kernel, kernel.path.text(),
                        "it was made for the engine file " + digest.text() +
                            ", and no engine file of the recipe has this digest",
                        "pack the engine release that the kernel was built for, or build the kernel anew"});
        }
    }
    return report;
}

} // namespace packager
