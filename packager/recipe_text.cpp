#include "packager/recipe_text.hpp"

#include <algorithm>
#include <optional>

#include <nlohmann/json.hpp>

#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::OrderedJson;
using manifests::Recipe;

// `value` indented to stand behind a member name two spaces deep.
std::string nested(const OrderedJson& value) {
    std::string text;
    for (const char c : value.dump(2)) {
        text += c;
        if (c == '\n') text += "  ";
    }
    return text;
}

std::string file_line(const manifests::RecipeFile& file) {
    OrderedJson value = {{"path", file.path.text()}, {"role", manifests::name_of(file.role)}};
    if (file.source != file.path.text()) value["source"] = file.source;
    if (file.mode) value["mode"] = manifests::text_of(*file.mode);
    return "    " + manifests::write_json(value);
}

std::string kernel_line(const manifests::RecipeKernel& kernel) {
    OrderedJson fits = OrderedJson::array();
    for (const auto& path : kernel.fits)
        fits.push_back(path.text());
    for (const auto& digest : kernel.fits_digests)
        fits.push_back(digest.text());
    OrderedJson value = {
        {"path", kernel.path.text()}, {"requires_features", kernel.requires_features}, {"fits", fits}};
    if (!kernel.targets.empty()) value["targets"] = kernel.targets;
    if (!kernel.exports.empty()) value["exports"] = kernel.exports;
    return "    " + manifests::write_json(value);
}

// What it says may be left out is left out.
OrderedJson deployment_json(const manifests::Deployment& deployment) {
    OrderedJson value = {{"tensor_parallel", deployment.tensor_parallel},
                         {"pipeline_parallel", deployment.pipeline_parallel},
                         {"data_parallel", deployment.data_parallel}};
    if (deployment.context_tokens != 0) value["context_tokens"] = deployment.context_tokens;
    value["sequences"] = deployment.sequences;
    if (!deployment.cache_type.empty()) value["cache_type"] = deployment.cache_type;
    value["overhead_bytes"] = deployment.overhead_bytes;
    value["utilisation_percent"] = deployment.utilisation_percent;
    return value;
}

std::string engine_text(const manifests::EngineFacts& engine) {
    const std::string comment =
        "  // Which engine it is, as profiles name those that belong to a driver and a toolkit.\n";
    if (engine == manifests::EngineFacts{})
        return comment + "  // \"engine\": {\"name\": \"vllm-ascend\", \"version\": \"0.23.0\"},\n";
    return comment +
           "  \"engine\": " + manifests::write_json({{"name", engine.name}, {"version", engine.version}}) +
           ",\n";
}

std::string deployment_text(const std::optional<manifests::Deployment>& deployment) {
    const std::string comment =
        "  // How the model is spread over devices: `sealift plan` says what fits. A build, and a site "
        "before\n"
        "  // it copies anything, compare what one device then needs with what it has.\n";
    if (!deployment) {
        return comment +
               "  // \"deployment\": {\"tensor_parallel\": 8, \"context_tokens\": 32768, \"sequences\": 16, "
               "\"overhead_bytes\": 3221225472},\n";
    }
    return comment + "  \"deployment\": " + nested(deployment_json(*deployment)) + ",\n";
}

template<typename List, typename Line>
std::string lines(const List& list, const Line& line) {
    std::string text;
    for (std::size_t i = 0; i < list.size(); ++i)
        text += line(list[i]) + (i + 1 < list.size() ? ",\n" : "\n");
    return text;
}

std::string runtime_text(const Recipe& recipe) {
    if (recipe.runtime) {
        return "  // How the site starts the engine and knows that it is the right one. {file:PATH} is a "
               "path to the\n"
               "  // verified bytes of a bundle file, {fd:PATH} and {offset:PATH} an open descriptor and the "
               "place in it.\n"
               "  \"runtime\": " +
               nested(manifests::write_runtime_section(*recipe.runtime)) + "\n";
    }
    return "  // Without a 'runtime' section the bundle carries a model and nothing to boot. With an engine "
           "it says, e.g.:\n"
           "  // \"runtime\": {\"entrypoint\": \"engine/server\", \"arguments\": [\"--port\", \"{port}\"], "
           "\"port\": 8080,\n"
           "  //             \"ready\": {\"health_path\": \"/health\", \"timeout_s\": 600}},\n"
           "  \"licenses\": " +
           nested(recipe.licenses) + "\n";
}

// A version control folder can have 10,000 hidden files; --format json names them all.
std::string left_out_text(const std::vector<std::string>& left_out) {
    constexpr std::size_t most_named = 40;
    const std::size_t named = std::min(left_out.size(), most_named);
    const std::vector<std::string> first(left_out.begin(),
                                         left_out.begin() + static_cast<std::ptrdiff_t>(named));
    const std::size_t rest = left_out.size() - named;
    return "  // Left out, because they are hidden or for other chips: " + join(first, ", ") +
           (rest > 0 ? " and " + std::to_string(rest) + " more" : "") + "\n";
}

} // namespace

std::string join(const std::vector<std::string>& parts, const std::string& between) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : between) + part;
    return text;
}

std::string recipe_text(const Recipe& recipe, const manifests::Profile& profile,
                        const std::vector<std::string>& left_out) {
    const auto quoted = [](const std::string& text) { return manifests::write_json(text); };
    std::string text =
        "{\n"
        "  // A Sealift recipe: JSON with comments. `sealift build` packs exactly what stands here.\n"
        "  \"schema\": \"sealift.recipe/1\",\n"
        "  \"name\": " +
        quoted(recipe.name) +
        ",\n"
        "  \"version\": " +
        quoted(recipe.version) +
        ",\n"
        "  // Counts up with every release; it is signed, so that a site can tell an older one.\n"
        "  \"release_counter\": " +
        std::to_string(recipe.release_counter) +
        ",\n"
        "  // The target chip: a name that `sealift profiles list` knows, or a path to a profile.\n"
        "  // " +
        manifests::escaped(profile.title) +
        "\n"
        "  \"profile\": " +
        quoted(recipe.profile) +
        ",\n"
        "  // Shown in the bill of material and to other tools. Leave out what you do not know. Members:\n"
        "  // name, architecture, format, family, parameters, precision, quantization, licenses.\n"
        "  \"model\": " +
        nested(manifests::write_model_facts(recipe.model)) + ",\n";
    text += "  // Every file: path in the bundle, what it is for, and 'source' if it is elsewhere. Roles: "
            "weights,\n"
            "  // model-config, kernel, engine, config, doc.\n";
    if (!left_out.empty()) text += left_out_text(left_out);
    text += "  \"files\": [\n" + lines(recipe.files, file_line) + "  ],\n";
    if (!recipe.kernels.empty()) {
        text += "  // 'fits': the engine files that a kernel binary was made for. 'requires_features': "
                "instructions it\n"
                "  // needs, as `sealift profiles show` spells them; a build for a chip without them is "
                "refused.\n"
                "  \"kernels\": [\n" +
                lines(recipe.kernels, kernel_line) + "  ],\n";
    }
    text += engine_text(recipe.engine) + deployment_text(recipe.deployment);
    if (recipe.runtime) {
        text += "  // SPDX licence by role or by path; a path wins.\n"
                "  \"licenses\": " +
                nested(recipe.licenses) + ",\n";
    }
    return text + runtime_text(recipe) + "}\n";
}

} // namespace packager
