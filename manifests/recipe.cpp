#include "manifests/recipe.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/read_each.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

RecipeFile read_file(const Json& value) {
    Fields fields(value);
    RecipeFile file{.path = BundlePath::parse(fields.text("path")),
                    .role = parse_role(fields.text("role")),
                    .source = fields.text_or("source", ""),
                    .mode = std::nullopt};
    if (fields.has("mode")) file.mode = parse_mode(fields.text("mode"));
    if (file.source.empty()) file.source = file.path.text();
    fields.refuse_others();
    return file;
}

RecipeKernel read_kernel(const Json& value) {
    Fields fields(value);
    RecipeKernel kernel{.path = BundlePath::parse(fields.text("path")),
                        .requires_features = fields.texts_or_none("requires_features"),
                        .fits = {},
                        .targets = fields.texts_or_none("targets"),
                        .exports = fields.texts_or_none("exports")};
    std::sort(kernel.targets.begin(), kernel.targets.end());
    std::sort(kernel.exports.begin(), kernel.exports.end());
    for (const std::string& text : fields.texts_or_none("fits")) {
        if (text.starts_with("sha256:"))
            kernel.fits_digests.push_back(Digest::parse(text));
        else
            kernel.fits.push_back(BundlePath::parse(text));
    }
    fields.refuse_others();
    std::sort(kernel.requires_features.begin(), kernel.requires_features.end());
    return kernel;
}

EngineFacts read_engine(const Json& value) {
    Fields fields(value);
    EngineFacts engine{fields.text("name"), fields.text("version")};
    fields.refuse_others();
    if (engine.name.empty()) refuse_document("the engine has no name");
    return engine;
}

Deployment read_deployment(const Json& value) {
    Fields fields(value);
    Deployment deployment;
    deployment.tensor_parallel = fields.count_or("tensor_parallel", 1);
    deployment.pipeline_parallel = fields.count_or("pipeline_parallel", 1);
    deployment.data_parallel = fields.count_or("data_parallel", 1);
    deployment.context_tokens = fields.count_or("context_tokens", 0);
    deployment.sequences = fields.count_or("sequences", 1);
    deployment.cache_type = fields.text_or("cache_type", "");
    deployment.overhead_bytes = fields.count_or("overhead_bytes", 0);
    deployment.utilisation_percent = fields.count_or("utilisation_percent", 90);
    fields.refuse_others();
    // The same rules as for what is computed of it.
    check_memory_need({.tensor_parallel = deployment.tensor_parallel,
                       .pipeline_parallel = deployment.pipeline_parallel,
                       .data_parallel = deployment.data_parallel,
                       .context_tokens = deployment.context_tokens,
                       .sequences = deployment.sequences,
                       .weight_bytes = 0,
                       .cache_bytes = 0,
                       .overhead_bytes = deployment.overhead_bytes,
                       .utilisation_percent = deployment.utilisation_percent});
    return deployment;
}

// A list that may be left out.
template<typename Read>
auto read_list(Fields& fields, std::string_view name, Read read) {
    const Json* array = fields.maybe_array(name);
    return read_each(array != nullptr ? *array : Json(Json::array()), name, read);
}

std::map<std::string, std::string> read_licenses(const Json& value) {
    std::map<std::string, std::string> licenses;
    for (const auto& [what, license] : value.items()) {
        if (!license.is_string()) refuse_document("license of " + in_quotes(what) + " is not a string");
        licenses[what] = license.get<std::string>();
    }
    return licenses;
}

Recipe read(std::string_view text, const std::function<bool(const BundlePath&)>& keep) {
    const JsonRules rules{.most_bytes = 64ULL << 20, .comments = true};
    // nlohmann checks strings only, and lets anything pass inside a comment.
    if (!is_utf8(text)) throw Error(Fault::damaged, Code::format_json, "document is not UTF-8");
    std::vector<RecipeFile> files;
    std::size_t listed = 0;
    const Json value = read_json_list(
        [&, rest = text]() mutable { return std::exchange(rest, std::string_view{}); }, "files",
        [&](const Json& element) {
            try {
                RecipeFile file = read_file(element);
                if (!keep || keep(file.path)) files.push_back(std::move(file));
                ++listed;
            } catch (Error& error) {
                error.in("files[" + std::to_string(listed) + "]");
                throw;
            }
        },
        rules);
    Fields fields(value);
    fields.must_be("schema", "sealift.recipe/1");
    Recipe recipe{.name = fields.text("name"),
                  .version = fields.text("version"),
                  .release_counter = fields.count_or("release_counter", 1),
                  .profile = fields.text("profile"),
                  .model = {},
                  .licenses = {},
                  .files = std::move(files),
                  .kernels = read_list(fields, "kernels", read_kernel),
                  .engine = {},
                  .deployment = std::nullopt,
                  .runtime = std::nullopt};
    check_name(recipe.name);
    check_version(recipe.version);
    if (fields.has("model")) recipe.model = read_model_facts(fields.object("model"));
    std::sort(recipe.model.licenses.begin(), recipe.model.licenses.end());
    if (fields.has("licenses")) recipe.licenses = read_licenses(fields.object("licenses"));
    if (fields.has("runtime")) recipe.runtime = read_runtime_section(fields.object("runtime"));
    if (fields.has("engine")) recipe.engine = read_engine(fields.object("engine"));
    if (fields.has("deployment")) recipe.deployment = read_deployment(fields.object("deployment"));
    fields.maybe_array("files"); // its elements are in `files`
    fields.refuse_others();
    if (listed == 0) refuse_document("member 'files' lists nothing to pack");
    return recipe;
}

} // namespace

Recipe Recipe::parse(std::string_view text, const std::function<bool(const BundlePath&)>& keep) {
    try {
        return read(text, keep);
    } catch (Error& error) {
        error.as(Fault::usage);
        throw;
    }
}

} // namespace manifests
