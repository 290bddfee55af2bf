#include "packager/plan_source.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/recipe_at.hpp"
#include "runtime/bundle.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

namespace fs = std::filesystem;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Role;

ModelFile open_file(const std::string& path, bool is_weights) {
    auto file = std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(path));
    const runtime::FileFacts facts = runtime::facts_of(*file, path);
    if (facts.kind != runtime::FileKind::regular)
        throw Error(Fault::usage, in_quotes(path) + " is not a regular file");
    return {path, is_weights, {file, 0, facts.size_bytes, path}};
}

bool is_weight_name(const std::string& name) {
    return name.ends_with(".safetensors") || name.ends_with(".gguf");
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

// "model-00001-of-00163" belongs to "model-of-00163"; any other name is of its own.
std::string split_of(const std::string& name) {
    constexpr std::size_t digits = 5;
    const std::size_t of = name.rfind("-of-");
    if (of == std::string::npos || of < digits + 1 || name[of - digits - 1] != '-') return name;
    const std::string number = name.substr(of - digits, digits);
    if (number.find_first_not_of("0123456789") != std::string::npos) return name;
    return name.substr(0, of - digits - 1) + name.substr(of);
}

// The files that an index names: folders often hold the same weights in another form too.
std::set<std::string> indexed_files(const std::string& folder, const std::string& index) {
    constexpr std::uint64_t most_bytes = 256ULL << 20;
    const std::string path = folder + "/" + index;
    try {
        const manifests::Json value =
            manifests::read_json(runtime::read_small_file(path, most_bytes), {.most_bytes = most_bytes,
                                                                              .most_depth = 32,
                                                                              .most_members = 10'000'000,
                                                                              .comments = false,
                                                                              .floats = true});
        manifests::Fields fields(value);
        std::set<std::string> files;
        for (const auto& [tensor, file] : fields.object("weight_map").items()) {
            if (!file.is_string() || file.get_ref<const std::string&>().find('/') != std::string::npos)
                manifests::refuse_document("weight_map names a file that is no name");
            files.insert(file.get<std::string>());
        }
        fields.allow_others("an index of safetensors may say more");
        return files;
    } catch (Error& error) {
        error.in(path);
        throw;
    }
}

std::set<std::string> weights_in(const std::string& folder, const std::vector<std::string>& names) {
    std::set<std::string> chosen;
    for (const std::string& name : names) {
        if (!name.ends_with(".safetensors.index.json")) continue;
        const std::set<std::string> files = indexed_files(folder, name);
        chosen.insert(files.begin(), files.end());
    }
    if (!chosen.empty()) return chosen;
    std::set<std::string> ggufs;
    for (const std::string& name : names) {
        if (!is_weight_name(name)) continue;
        chosen.insert(name);
        if (name.ends_with(".gguf")) ggufs.insert(split_of(name));
    }
    const bool has_others = std::any_of(chosen.begin(), chosen.end(),
                                        [](const std::string& name) { return !name.ends_with(".gguf"); });
    if (ggufs.size() > 1 || (!ggufs.empty() && has_others)) {
        throw Error(Fault::usage, in_quotes(folder) + " holds several models").hint("give one of the files");
    }
    return chosen;
}

std::vector<ModelFile> files_of_folder(const std::string& folder) {
    const std::vector<std::string> names = names_in(folder);
    std::vector<ModelFile> files;
    for (const std::string& name : weights_in(folder, names))
        files.push_back(open_file(folder + "/" + name, true));
    for (const std::string& name : names)
        if (describes_model(name)) files.push_back(open_file(folder + "/" + name, false));
    if (files.empty()) {
        throw Error(Fault::usage, in_quotes(folder) + " has no config.json and no weights")
            .hint("a model's folder, a weight file, a config.json, a bundle or a recipe is wanted");
    }
    return files;
}

std::vector<ModelFile> files_of_weights(const std::string& path) {
    if (!fs::exists(path)) return {open_file(path, true)}; // which says that it does not
    const fs::path at(path);
    const std::string folder = at.has_parent_path() ? at.parent_path().string() : ".";
    const std::string name = at.filename().string();
    std::vector<ModelFile> files;
    for (const std::string& other : names_in(folder)) {
        const bool same = other == name || (split_of(other) == split_of(name) && split_of(name) != name);
        if (same) files.push_back(open_file(folder + "/" + other, true));
        if (describes_model(other) && name.ends_with(".safetensors"))
            files.push_back(open_file(folder + "/" + other, false));
    }
    return files;
}

void take_needs(PlanSource& source, const manifests::MemoryNeed& need) {
    source.has_deployment = true;
    source.deployment = {.tensor_parallel = need.tensor_parallel,
                         .pipeline_parallel = need.pipeline_parallel,
                         .data_parallel = need.data_parallel,
                         .context_tokens = need.context_tokens,
                         .sequences = need.sequences,
                         .cache_type = "",
                         .overhead_bytes = need.overhead_bytes,
                         .utilisation_percent = need.utilisation_percent};
}

PlanSource of_bundle(const std::string& path) {
    const runtime::Bundle bundle = runtime::open_bundle(path);
    const manifests::BundleDocument& document = bundle.document();
    std::vector<ModelFile> files;
    for (const manifests::BundleFile& file : document.files) {
        const bool is_weights = file.role == Role::weights;
        if (is_weights || describes_model(file.path.text()))
            files.push_back({file.path.text(), is_weights, bundle.locate(file)});
    }
    PlanSource source{.name = document.name + " " + document.version, .read = read_model(files)};
    if (document.needs.memory) take_needs(source, *document.needs.memory);
    const std::string& bytes = bundle.carried().profile;
    source.profile = runtime::StoredProfile{path, bytes, manifests::Profile::parse(bytes)};
    return source;
}

PlanSource of_recipe(const std::string& path, const std::string& profiles_folder) {
    const RecipeAt at = read_recipe(path);
    std::vector<ModelFile> files;
    for (const manifests::RecipeFile& file : at.recipe.files) {
        const bool is_weights = file.role == Role::weights;
        if (!is_weights && !describes_model(file.path.text())) continue;
        const std::string from = file.source.starts_with('/') ? file.source : at.folder + "/" + file.source;
        ModelFile opened = open_file(from, is_weights);
        opened.path = file.path.text();
        files.push_back(std::move(opened));
    }
    PlanSource source{.name = at.recipe.name + " " + at.recipe.version, .read = read_model(files)};
    if (at.recipe.deployment) {
        source.deployment = *at.recipe.deployment;
        source.has_deployment = true;
    }
    source.profile = find_profile(at, profiles_folder);
    return source;
}

} // namespace

PlanSource read_plan_source(const std::string& path, const std::string& profiles_folder) {
    if (fs::is_directory(path)) {
        if (fs::exists(path + "/oci-layout")) return of_bundle(path);
        if (fs::exists(path + "/sealift.json")) return of_recipe(path, profiles_folder);
        return {.name = path, .read = read_model(files_of_folder(path))};
    }
    if (fs::path(path).filename() == "sealift.json") return of_recipe(path, profiles_folder);
    if (is_weight_name(path)) return {.name = path, .read = read_model(files_of_weights(path))};
    if (path.ends_with(".json")) {
        ModelFile config = open_file(path, false);
        config.path = "config.json"; // whatever it is called
        return {.name = path, .read = read_model({std::move(config)})};
    }
    return of_bundle(path);
}

} // namespace packager
