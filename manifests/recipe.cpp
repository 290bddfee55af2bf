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
                        .fits = {}};
    for (const std::string& path : fields.texts_or_none("fits"))
        kernel.fits.push_back(BundlePath::parse(path));
    fields.refuse_others();
    std::sort(kernel.requires_features.begin(), kernel.requires_features.end());
    return kernel;
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

Recipe read(std::string_view text) {
    const JsonRules rules{.most_bytes = 64ULL << 20, .comments = true};
    // nlohmann checks strings only, and lets anything pass inside a comment.
    if (!is_utf8(text)) throw Error(Fault::damaged, Code::format_json, "document is not UTF-8");
    std::vector<RecipeFile> files;
    const Json value = read_json_list(
        [&, rest = text]() mutable { return std::exchange(rest, std::string_view{}); }, "files",
        [&](const Json& element) {
            try {
                files.push_back(read_file(element));
            } catch (Error& error) {
                error.in("files[" + std::to_string(files.size()) + "]");
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
                  .runtime = std::nullopt};
    check_name(recipe.name);
    check_version(recipe.version);
    if (fields.has("model")) recipe.model = read_model_facts(fields.object("model"));
    std::sort(recipe.model.licenses.begin(), recipe.model.licenses.end());
    if (fields.has("licenses")) recipe.licenses = read_licenses(fields.object("licenses"));
    if (fields.has("runtime")) recipe.runtime = read_runtime_section(fields.object("runtime"));
    fields.maybe_array("files"); // its elements are in `files`
    fields.refuse_others();
    if (recipe.files.empty()) refuse_document("member 'files' lists nothing to pack");
    return recipe;
}

} // namespace

Recipe Recipe::parse(std::string_view text) {
    try {
        return read(text);
    } catch (Error& error) {
        error.as(Fault::usage);
        throw;
    }
}

} // namespace manifests
