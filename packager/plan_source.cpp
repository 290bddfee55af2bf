#include "packager/plan_source.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/checkpoint.hpp"
#include "packager/chip_search.hpp"
#include "packager/kv_cache.hpp"
#include "packager/model_source.hpp"
#include "packager/planned_model.hpp"
#include "packager/recipe_at.hpp"
#include "packager/shard_index.hpp"
#include "runtime/bundle.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

namespace fs = std::filesystem;
using manifests::Error;
using manifests::Fault;
using manifests::Finding;
using manifests::in_quotes;
using manifests::Role;

constexpr std::string_view index_ending = ".safetensors.index.json";

runtime::BlobAt open_file(const std::string& path) {
    auto file = std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(path));
    const runtime::FileFacts facts = runtime::facts_of(*file, path);
    if (facts.kind != runtime::FileKind::regular)
        throw Error(Fault::usage, in_quotes(path) + " is not a regular file");
    return {file, 0, facts.size_bytes, path};
}

// Opened once for its size, and again when it is read: there may be hundreds.
ModelFile file_at(const std::string& path, const std::string& name, bool is_weights) {
    return {name, open_file(path).size_bytes, is_weights, [path] { return open_file(path); }};
}

bool is_weight_name(const std::string& name) {
    return name.ends_with(".safetensors") || name.ends_with(".gguf");
}

bool is_index_name(const std::string& name) {
    return name.ends_with(index_ending);
}

// The same for all parts of one model.
std::string set_of(const std::string& name) {
    const auto shard = parse_shard_name(name);
    return shard ? part_name(*shard, shard->count) : name;
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

// Those of one model: folders often hold the same weights in another form too, which an index does not name.
std::set<std::string> weights_in(const std::string& folder, const std::vector<std::string>& names) {
    std::set<std::string> chosen;
    for (const std::string& name : names) {
        if (!is_index_name(name)) continue;
        const std::string path = folder + "/" + name;
        try {
            const ShardIndex index = ShardIndex::parse(runtime::read_small_file(path, most_header_bytes));
            chosen.insert(index.files().begin(), index.files().end());
        } catch (Error& error) {
            error.in(path);
            throw;
        }
    }
    if (!chosen.empty()) return chosen;
    std::set<std::string> models;
    for (const std::string& name : names) {
        if (!is_weight_name(name)) continue;
        chosen.insert(name);
        models.insert(name.ends_with(".gguf") ? set_of(name) : "safetensors");
    }
    if (models.size() > 1)
        throw Error(Fault::usage, in_quotes(folder) + " holds several models").hint("give one of the files");
    return chosen;
}

std::vector<ModelFile> files_of_folder(const std::string& folder) {
    const std::vector<std::string> names = names_in(folder);
    std::vector<ModelFile> files;
    for (const std::string& name : weights_in(folder, names))
        files.push_back(file_at(folder + "/" + name, name, true));
    for (const std::string& name : names)
        if (is_model_file_name(name) && !is_weight_name(name))
            files.push_back(file_at(folder + "/" + name, name, false));
    if (files.empty()) {
        throw Error(Fault::usage, in_quotes(folder) + " has no config.json and no weights")
            .hint("a model's folder, a weight file, a config.json, a bundle or a recipe is wanted");
    }
    return files;
}

// With its other parts, and what describes them beside it; a GGUF file describes itself.
std::vector<ModelFile> files_of_weights(const std::string& path) {
    open_file(path); // or else says why not
    const fs::path at(path);
    const std::string folder = at.has_parent_path() ? at.parent_path().string() : ".";
    const std::string name = at.filename().string();
    std::vector<ModelFile> files = model_files_beside(path);
    if (name.ends_with(".gguf")) return files;
    for (const std::string& other : names_in(folder))
        if (is_model_file_name(other) && !is_weight_name(other) && !is_index_name(other))
            files.push_back(file_at(folder + "/" + other, other, false));
    return files;
}

// A plan of headers that break the rules would rest on nothing.
Checkpoint read_well(std::vector<ModelFile> files) {
    Checkpoint checkpoint = read_checkpoint(std::move(files));
    for (const Finding& finding : checkpoint.report.findings()) {
        if (finding.severity != manifests::Severity::refusal) continue;
        throw Error(Fault::damaged, finding.code, finding.text).in(finding.where).hint(finding.hint);
    }
    return checkpoint;
}

manifests::Deployment deployment_of(const manifests::MemoryNeed& need) {
    return {.tensor_parallel = need.tensor_parallel,
            .pipeline_parallel = need.pipeline_parallel,
            .data_parallel = need.data_parallel,
            .context_tokens = need.context_tokens,
            .sequences = need.sequences,
            .cache_type = "",
            .overhead_bytes = need.overhead_bytes,
            .utilisation_percent = need.utilisation_percent};
}

// What counts of files with roles: weights of any kind, and what describes them.
bool is_of_model(Role role, const manifests::BundlePath& path) {
    return role == Role::weights || (role == Role::model_config && is_model_file_name(path.name()));
}

PlanSource of_bundle(const std::string& path) {
    const runtime::Bundle bundle = runtime::open_bundle(path);
    const manifests::BundleDocument& document = bundle.document();
    std::vector<ModelFile> files;
    std::vector<std::string> weights;
    for (const manifests::BundleFile& file : document.files) {
        if (!is_of_model(file.role, file.path)) continue;
        const bool is_weights = file.role == Role::weights;
        if (is_weights) weights.push_back(file.path.text());
        files.push_back({file.path.text(), file.size_bytes, is_weights,
                         [&bundle, &file] { return bundle.locate(file); }});
    }
    const Checkpoint checkpoint = read_well(std::move(files));
    PlanSource source{.name = document.name + " " + document.version,
                      .read = planned_model(checkpoint, unlisted_weights(checkpoint, weights))};
    if (document.needs.memory) {
        source.has_deployment = true;
        source.deployment = deployment_of(*document.needs.memory);
        source.deployment.cache_type = cache_type_of_need(source.read.model, *document.needs.memory);
    }
    source.has_cache_type = !source.deployment.cache_type.empty();
    const std::string& bytes = bundle.carried().profile;
    source.profile = runtime::StoredProfile{path, bytes, manifests::Profile::parse(bytes)};
    return source;
}

PlanSource of_recipe(const std::string& path, const std::string& profiles_folder) {
    const RecipeAt at = read_recipe(path);
    std::vector<ModelFile> files;
    std::vector<std::string> weights;
    for (const manifests::RecipeFile& file : at.recipe.files) {
        if (!is_of_model(file.role, file.path)) continue;
        const bool is_weights = file.role == Role::weights;
        if (is_weights) weights.push_back(file.path.text());
        const std::string from = file.source.starts_with('/') ? file.source : at.folder + "/" + file.source;
        files.push_back(file_at(from, file.path.text(), is_weights));
    }
    const Checkpoint checkpoint = read_well(std::move(files));
    PlanSource source{.name = at.recipe.name + " " + at.recipe.version,
                      .read = planned_model(checkpoint, unlisted_weights(checkpoint, weights))};
    if (at.recipe.deployment) {
        source.deployment = *at.recipe.deployment;
        source.has_deployment = true;
    }
    source.profile = find_profile(at, profiles_folder);
    return source;
}

PlanSource of_files(const std::string& path, std::vector<ModelFile> files) {
    return {.name = path, .read = planned_model(read_well(std::move(files)))};
}

} // namespace

std::string cache_type_of_need(const PlannedModel& model, const manifests::MemoryNeed& need) {
    if (!model.weights) return "";
    manifests::Deployment deployment = deployment_of(need);
    for (const CacheType type :
         {usual_cache_type(model.shape), CacheType::bf16, CacheType::fp32, CacheType::fp8, CacheType::int8}) {
        deployment.cache_type = name_of(type);
        const auto found = believable_need(model.shape, *model.weights, deployment);
        if (found && found->cache_bytes == need.cache_bytes) return deployment.cache_type;
    }
    return "";
}

PlanSource read_plan_source(const std::string& path, const std::string& profiles_folder) {
    if (fs::is_directory(path)) {
        if (fs::exists(path + "/oci-layout")) return of_bundle(path);
        if (fs::exists(path + "/sealift.json")) return of_recipe(path, profiles_folder);
        return of_files(path, files_of_folder(path));
    }
    if (fs::path(path).filename() == "sealift.json") return of_recipe(path, profiles_folder);
    if (is_weight_name(path)) return of_files(path, files_of_weights(path));
    // Whatever it is called, it is read as the configuration.
    if (path.ends_with(".json")) return of_files(path, {file_at(path, "config.json", false)});
    return of_bundle(path);
}

} // namespace packager
