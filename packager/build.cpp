#include "packager/build.hpp"

#include <algorithm>
#include <filesystem>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"
#include "manifests/version.hpp"
#include "packager/hardware_bom.hpp"
#include "packager/kernel_check.hpp"
#include "packager/signing.hpp"
#include "packager/software_bom.hpp"
#include "packager/source_date.hpp"
#include "runtime/trust.hpp"

namespace packager {
namespace {

using manifests::BundleDocument;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Recipe;

struct RecipeAt {
    Recipe recipe;
    std::string folder;
    std::string path;
};

RecipeAt read_recipe(const std::string& asked) {
    std::filesystem::path path(asked);
    if (std::filesystem::is_directory(path)) {
        path /= "sealift.json";
        if (!std::filesystem::exists(path)) {
            throw Error(Fault::usage, in_quotes(asked) + " has no sealift.json")
                .hint("sealift init " + manifests::escaped(asked) + " --profile NAME writes one");
        }
    }
    try {
        return {Recipe::parse(runtime::read_small_file(path.string())),
                path.has_parent_path() ? path.parent_path().string() : ".", path.string()};
    } catch (Error& error) {
        if (error.fault() == Fault::usage) error.in(path.string());
        throw;
    }
}

runtime::StoredProfile find_profile(const RecipeAt& at, const std::string& profiles_folder) {
    const bool is_path =
        at.recipe.profile.find('/') != std::string::npos || at.recipe.profile.ends_with(".json");
    const bool relative = is_path && !at.recipe.profile.starts_with('/');
    return runtime::load_profile(relative ? at.folder + "/" + at.recipe.profile : at.recipe.profile,
                                 profiles_folder);
}

// `inputs` are sorted by path; there may be 100,000 of them.
const Input* find_input(const std::vector<Input>& inputs, const manifests::BundlePath& path) {
    const auto input =
        std::lower_bound(inputs.begin(), inputs.end(), path,
                         [](const Input& one, const auto& wanted) { return one.file.path < wanted; });
    return input != inputs.end() && input->file.path == path ? &*input : nullptr;
}

std::vector<manifests::KernelEntry> kernel_entries(const Recipe& recipe, const std::vector<Input>& inputs) {
    const auto digest_of = [&](const manifests::BundlePath& path) {
        const Input* input = find_input(inputs, path);
        if (input == nullptr || input->file.role != manifests::Role::engine) {
            throw Error(Fault::usage, "a kernel fits " + in_quotes(path.text()) +
                                          ", which is no engine file of the recipe");
        }
        return input->file.digest;
    };
    std::vector<manifests::KernelEntry> entries;
    for (const manifests::RecipeKernel& kernel : recipe.kernels) {
        const Input* input = find_input(inputs, kernel.path);
        if (input == nullptr || input->file.role != manifests::Role::kernel) {
            throw Error(Fault::usage, in_quotes(kernel.path.text()) +
                                          " stands under 'kernels' and is no kernel file of the recipe");
        }
        manifests::KernelEntry entry{kernel.path, kernel.requires_features, {}};
        for (const manifests::BundlePath& path : kernel.fits)
            entry.fits.push_back(digest_of(path));
        std::sort(entry.fits.begin(), entry.fits.end());
        entry.fits.erase(std::unique(entry.fits.begin(), entry.fits.end()), entry.fits.end());
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return entries;
}

std::string write_software_bom(const Recipe& recipe, const std::vector<Input>& inputs,
                               const runtime::StoredProfile& profile,
                               const std::vector<manifests::KernelEntry>& kernels,
                               const std::string& hardware, std::optional<std::uint64_t> time_s) {
    SoftwareBomInputs bom;
    bom.name = recipe.name;
    bom.version = recipe.version;
    bom.release_counter = recipe.release_counter;
    bom.profile_id = profile.profile.id;
    bom.profile_bytes = profile.bytes;
    bom.model = recipe.model;
    for (const Input& input : inputs)
        bom.files.push_back({input.file, input.sha512.value_or(""), input.elf});
    bom.kernels = kernels;
    if (recipe.runtime) bom.entrypoint = recipe.runtime->entrypoint;
    bom.licences = recipe.licenses;
    bom.hardware_bom = hardware;
    bom.time_s = time_s;
    bom.tool_version = manifests::program_version();
    return software_bom(bom);
}

manifests::DocumentReference refer(const std::string& bytes) {
    return {Digest::of(bytes), bytes.size()};
}

BundleDocument draft_document(const Recipe& recipe, const std::vector<Input>& inputs,
                              std::vector<manifests::KernelEntry> kernels, const std::string& profile_id,
                              const manifests::CarriedDocuments& carried) {
    std::vector<manifests::BundleFile> files;
    for (const Input& input : inputs)
        files.push_back(input.file);
    return {.name = recipe.name,
            .version = recipe.version,
            .release_counter = recipe.release_counter,
            .profile_id = profile_id,
            .profile = refer(carried.profile),
            .model = recipe.model,
            .files = std::move(files),
            .kernels = std::move(kernels),
            .runtime = recipe.runtime,
            .software_bom = refer(carried.software_bom),
            .hardware_bom = refer(carried.hardware_bom),
            .model_manifest = refer("")}; // assemble() fills it in
}

// Every rule of a document that does not depend on what is in the files, before they are read.
void refuse_wrong_recipe(const Recipe& recipe, const std::vector<Input>& glanced,
                         const std::string& profile_id) {
    const BundleDocument draft =
        draft_document(recipe, glanced, kernel_entries(recipe, glanced), profile_id, {});
    BundleDocument::parse(manifests::assemble(draft).document);
}

// Reads back what stands on the disk now, with the reader that sites have.
void reopen(const BuildRequest& request, const BuildPlan& plan) {
    auto bundle = std::make_shared<const runtime::Bundle>(runtime::open_bundle(request.output));
    if (bundle->digest() != plan.assembly.bundle_digest())
        throw Error(Fault::internal, "the bundle on the disk is not the one that was built");
    if (request.signing_key == nullptr) return;
    const auto decision = runtime::TrustDecision::check_trust(bundle, {request.signing_key->public_key()});
    if (!decision.trusted)
        throw Error(Fault::internal,
                    "the signature on the disk is not good: " + decision.report.findings().at(0).text);
}

} // namespace

BuildPlan plan_build(const Recipe& recipe, const std::vector<Input>& inputs,
                     const runtime::StoredProfile& profile, std::optional<std::uint64_t> time_s) {
    manifests::CarriedDocuments carried;
    carried.profile = profile.bytes;
    carried.hardware_bom =
        hardware_bom(HardwareBomInputs{.profile = profile.profile,
                                       .profile_digest = Digest::of(profile.bytes),
                                       .supplier = std::nullopt,
                                       .time_s = time_s,
                                       .tool_version = std::string(manifests::program_version())});
    std::vector<manifests::KernelEntry> kernels = kernel_entries(recipe, inputs);
    carried.software_bom = write_software_bom(recipe, inputs, profile, kernels, carried.hardware_bom, time_s);
    manifests::Assembly assembly =
        manifests::assemble(draft_document(recipe, inputs, std::move(kernels), profile.profile.id, carried));
    // Parsing our own document applies every rule a reader will apply, before a byte is written.
    BundleDocument document = BundleDocument::parse(assembly.document);
    return {std::move(document), std::move(assembly), std::move(carried)};
}

manifests::ReleaseStatement release_of(const BundleDocument& document, const Digest& bundle,
                                       std::optional<std::uint64_t> time_s) {
    return {.product = document.name,
            .version = document.version,
            .release_counter = document.release_counter,
            .profile_id = document.profile_id,
            .profile = document.profile.digest,
            .bundle = bundle,
            .issued = time_s ? std::optional(rfc3339(*time_s)) : std::nullopt};
}

std::string sign_release(const BundleDocument& document, const Digest& bundle,
                         std::optional<std::uint64_t> time_s, const SecretKey& key) {
    const std::string statement = release_of(document, bundle, time_s).encode();
    return sign_payload(manifests::media::in_toto_payload, statement, key).encode();
}

BuildResult build(const BuildRequest& request) {
    const RecipeAt at = read_recipe(request.recipe);
    const runtime::StoredProfile profile = find_profile(at, request.profiles_folder);
    const std::optional<std::uint64_t> time_s = source_date();
    if (!request.dry_run) check_output(request.output, request.form);
    const auto starting = [&](const char* what) {
        return [&request, what](std::uint64_t total_bytes) {
            return request.on_start ? request.on_start(what, total_bytes) : runtime::OnBytes{};
        };
    };
    const std::vector<Input> glanced = glance_at_inputs(at.recipe, at.folder);
    BuildResult result;
    result.report = check_binaries(at.recipe.kernels, glanced, profile.profile);
    result.name = at.recipe.name;
    result.version = at.recipe.version;
    result.profile_id = profile.profile.id;
    result.files = glanced.size();
    if (!result.report.passed()) return result;
    try {
        refuse_wrong_recipe(at.recipe, glanced, profile.profile.id);
    } catch (Error& error) { // a document that breaks the rules comes from a recipe that does
        if (error.fault() == Fault::damaged) error.as(Fault::usage).in(at.path);
        throw;
    }
    const std::vector<Input> inputs = read_inputs(at.recipe, at.folder, request.jobs, starting("reading"));
    BuildPlan plan = plan_build(at.recipe, inputs, profile, time_s);
    result.digest = plan.assembly.bundle_digest();
    if (request.signing_key != nullptr) {
        plan.carried.envelopes.push_back(
            sign_release(plan.document, *result.digest, time_s, *request.signing_key));
        result.signed_by = request.signing_key->public_key().key_id();
    }
    const auto items = manifests::items_of(plan.assembly, plan.document, plan.carried);
    result.size_bytes = manifests::plan_tar(items).total_bytes;
    if (request.dry_run) return result;
    const auto locate = [&](const manifests::BundleFile& file) {
        return open_source(*find_input(inputs, file.path));
    };
    std::uint64_t content_bytes = 0;
    for (const auto& item : items)
        content_bytes += item.file != nullptr ? item.size_bytes : 0;
    write_bundle(
        {request.output, request.form, items, locate, request.jobs, starting("writing")(content_bytes)});
    reopen(request, plan);
    return result;
}

} // namespace packager
