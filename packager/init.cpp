#include "packager/init.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

#include "manifests/argument.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "packager/elf.hpp"
#include "packager/recipe_text.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

using manifests::BundlePath;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Json;
using manifests::Recipe;
using manifests::RecipeFile;
using manifests::Role;

constexpr std::array<std::pair<std::string_view, Role>, 5> folders{{{"weights", Role::weights},
                                                                    {"kernels", Role::kernel},
                                                                    {"engine", Role::engine},
                                                                    {"config", Role::config},
                                                                    {"docs", Role::doc}}};
constexpr std::string_view launch_path = "engine/launch.json";

// What Hugging Face repositories keep beside the weights: papers for people, and files that describe the
// model.
bool is_paper(std::string_view name) {
    return name.ends_with(".md") || name.ends_with(".pdf") || name.starts_with("README") ||
           name.starts_with("LICENSE") || name.starts_with("NOTICE");
}

bool describes_the_model(std::string_view name) {
    constexpr std::array<std::string_view, 6> endings{".json",  ".jinja",    ".txt",
                                                      ".model", ".tiktoken", ".py"};
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return name.ends_with(ending); });
}

// A link to a file is taken as that file: model hubs keep their caches so. A link to a folder could lead
// anywhere, also back to where it stands.
std::vector<std::string> list_files(const std::string& folder) {
    std::vector<std::string> paths;
    for (const auto& [name, role] : folders) {
        const std::filesystem::path root = std::filesystem::path(folder) / name;
        if (!std::filesystem::is_directory(root)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            if (entry.is_directory() && !entry.is_symlink()) continue;
            if (!entry.is_regular_file()) {
                throw Error(Fault::usage, in_quotes(entry.path().string()) +
                                              " is neither a file, nor a link to one, nor a folder")
                    .hint("move it out of the folder, or put real files in its place");
            }
            paths.push_back(entry.path().lexically_relative(folder).string());
        }
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

BundlePath bundle_path(const std::string& text) {
    try {
        return BundlePath::parse(text);
    } catch (Error& error) {
        error.as(Fault::usage).hint("give the file another name");
        throw;
    }
}

// Caches, version control and editors leave these; no engine reads them.
bool is_hidden(const BundlePath& path) {
    return path.text().find("/.") != std::string::npos;
}

Role role_of(const BundlePath& path) {
    for (const auto& [name, role] : folders) {
        if (!path.is_inside(name)) continue;
        if (role != Role::weights) return role;
        if (is_paper(path.name())) return Role::doc;
        return describes_the_model(path.name()) ? Role::model_config : role;
    }
    throw Error(Fault::internal, in_quotes(path.text()) + " is in none of the known folders");
}

// Of several kernel binaries, the one for this profile: the first of its names that is there.
std::optional<BundlePath> choose_kernel(const std::vector<BundlePath>& kernels,
                                        const manifests::Profile& profile) {
    for (const std::string& name : profile.kernels.names) {
        for (const BundlePath& kernel : kernels) {
            if (kernel.name() == name) return kernel;
        }
    }
    return std::nullopt;
}

// "{file:kernels/*}" names the one file of that folder.
std::string resolve_star(const std::string& argument, const std::vector<RecipeFile>& files) {
    std::string out = argument;
    for (std::size_t star = out.find("/*}"); star != std::string::npos; star = out.find("/*}", star + 1)) {
        const std::size_t colon = out.rfind(':', star);
        if (colon == std::string::npos) break;
        const std::string folder = out.substr(colon + 1, star - colon - 1);
        std::vector<std::string> inside;
        for (const RecipeFile& file : files) {
            const bool beside = folder == "weights" && file.role != Role::weights;
            if (file.path.is_inside(folder) && !beside) inside.push_back(file.path.text());
        }
        if (inside.size() != 1) {
            throw Error(Fault::usage, std::string(launch_path) + ": " + in_quotes(argument) +
                                          " wants the one file of " + in_quotes(folder) + ", found " +
                                          std::to_string(inside.size()))
                .hint("name the file instead of '*'");
        }
        out.replace(colon + 1, star + 2 - colon - 1, inside[0]);
    }
    return out;
}

manifests::RuntimeSection read_launch(const std::string& path, const std::vector<RecipeFile>& files) {
    try {
        manifests::RuntimeSection section = manifests::read_runtime_section(
            manifests::read_json(runtime::read_small_file(path), {.comments = true}));
        for (std::string& argument : section.arguments) {
            argument = resolve_star(argument, files);
            manifests::parse_argument(argument);
        }
        return section;
    } catch (Error& error) {
        error.as(Fault::usage).in(path);
        throw;
    }
}

bool is_library(const std::string& path) {
    const runtime::FileDescriptor file = runtime::open_to_read(path);
    const std::uint64_t size_bytes = runtime::facts_of(file, path).size_bytes;
    const auto elf = read_elf(size_bytes, [&](std::uint64_t offset, std::size_t length) {
        std::string bytes(length, '\0');
        bytes.resize(runtime::read_at(file, bytes.data(), length, offset, path));
        return bytes;
    });
    return elf && !elf->is_program();
}

// The few facts that config.json of a Hugging Face model says in so many words; nothing is guessed from
// sizes.
void read_model_config(const std::string& path, manifests::ModelFacts& model) {
    Json value;
    try {
        value = manifests::read_json(runtime::read_small_file(path), {.floats = true});
    } catch (Error& error) {
        error.as(Fault::usage).in(path);
        throw;
    }
    const auto text = [&](const Json& from, const char* name) {
        return from.is_object() && from.contains(name) && from[name].is_string()
                   ? from[name].get<std::string>()
                   : std::string();
    };
    if (value.is_object() && value.contains("architectures") && value["architectures"].is_array() &&
        !value["architectures"].empty() && value["architectures"][0].is_string()) {
        model.architecture = value["architectures"][0].get<std::string>();
    }
    model.family = text(value, "model_type");
    model.precision = text(value, "torch_dtype");
}

void state(manifests::ModelFacts& model, const std::map<std::string, std::string>& stated) {
    const std::map<std::string, std::string*> members{{"name", &model.name},
                                                      {"architecture", &model.architecture},
                                                      {"format", &model.format},
                                                      {"family", &model.family},
                                                      {"parameters", &model.parameters},
                                                      {"precision", &model.precision},
                                                      {"quantization", &model.quantization}};
    for (const auto& [name, text] : stated) {
        const auto member = members.find(name);
        if (member == members.end()) {
            throw Error(Fault::usage, "a model has no " + in_quotes(name))
                .hint("known: name, architecture, format, family, parameters, precision, quantization");
        }
        *member->second = text;
    }
}

manifests::ModelFacts model_facts(const InitRequest& request, const std::string& name,
                                  const std::vector<RecipeFile>& files) {
    manifests::ModelFacts model;
    model.name = name;
    for (const RecipeFile& file : files) {
        if (file.role == Role::weights && file.path.name().ends_with(".gguf")) model.format = "gguf";
        if (file.role == Role::weights && file.path.name().ends_with(".safetensors"))
            model.format = "safetensors";
        if (file.path.text() == "weights/config.json")
            read_model_config(request.folder + "/weights/config.json", model);
    }
    for (const char* key : {"model", "weights"}) {
        const auto license = request.licenses.find(key);
        if (license != request.licenses.end()) model.licenses = {license->second};
    }
    state(model, request.model);
    return model;
}

std::string clean_name(const std::string& text) {
    std::string name;
    for (const char c : text) {
        const bool lower = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (lower || (!name.empty() && (c == '-' || c == '_' || c == '.'))) name += c;
        if (c >= 'A' && c <= 'Z') name += static_cast<char>(c - 'A' + 'a');
    }
    name = name.substr(0, 128);
    while (!name.empty() && (name.back() == '-' || name.back() == '_' || name.back() == '.'))
        name.pop_back();
    return name.empty() ? "model" : name;
}

void check_request(const Recipe& recipe) {
    try {
        manifests::check_name(recipe.name);
        manifests::check_version(recipe.version);
    } catch (Error& error) {
        error.as(Fault::usage);
        throw;
    }
}

std::string folder_name(const std::string& folder) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(folder)).filename().string();
}

bool has_role(const Recipe& recipe, Role role) {
    return std::any_of(recipe.files.begin(), recipe.files.end(),
                       [&](const RecipeFile& file) { return file.role == role; });
}

// Everything in the known folders, by role. @return whether there is a launch.json, which is not packed
bool collect_files(const InitRequest& request, Recipe& recipe, InitResult& result) {
    bool launch = false;
    for (const std::string& text : list_files(request.folder)) {
        if (text == launch_path) {
            launch = true;
            continue;
        }
        const BundlePath path = bundle_path(text);
        if (is_hidden(path)) {
            result.left_out.push_back(text);
        } else {
            recipe.files.push_back({path, role_of(path), request.source_prefix + text, std::nullopt});
        }
    }
    if (!has_role(recipe, Role::weights)) {
        throw Error(Fault::usage, in_quotes(request.folder) + " has no files in weights/")
            .hint("put the model into weights/, kernel binaries into kernels/, the engine into engine/, then "
                  "try again");
    }
    return launch;
}

// Of many kernel binaries the one for this profile stays, tied to the engine libraries that are there. A
// profile that lists no names is of an accelerator whose kernels come by the hundred: all stay.
void keep_kernels(const InitRequest& request, Recipe& recipe, InitResult& result) {
    std::vector<BundlePath> kernels;
    for (const RecipeFile& file : recipe.files) {
        if (file.role == Role::kernel) kernels.push_back(file.path);
    }
    if (kernels.empty()) return;
    const bool keep_all = request.profile.kernels.names.empty() && !request.profile.kernels.formats.empty();
    const auto kernel = keep_all ? std::nullopt : choose_kernel(kernels, request.profile);
    if (!kernel && !keep_all) {
        throw Error(Fault::refused, manifests::Code::fit_kernel,
                    "none of the " + std::to_string(kernels.size()) + " files in kernels/ is for profile " +
                        request.profile.id)
            .hint("the profile takes, best first: " + join(request.profile.kernels.names, ", "));
    }
    std::erase_if(recipe.files, [&](const RecipeFile& file) {
        const bool other = file.role == Role::kernel && !keep_all && file.path != *kernel;
        if (other) result.left_out.push_back(file.path.text());
        return other;
    });
    std::vector<BundlePath> fits;
    for (const RecipeFile& file : recipe.files) {
        if (file.role == Role::engine && is_library(request.folder + "/" + file.path.text()))
            fits.push_back(file.path);
    }
    if (!keep_all) kernels = {*kernel};
    for (const BundlePath& path : kernels)
        recipe.kernels.push_back({path, {}, fits});
}

std::vector<std::string> things_to_say(const Recipe& recipe) {
    std::vector<std::string> things;
    if (has_role(recipe, Role::engine) && !recipe.runtime)
        things.push_back(
            "say in 'runtime' how the engine is started: there is no engine/launch.json to take it from");
    if (recipe.model.architecture.empty())
        things.push_back("say in 'model' what the model is: there is no weights/config.json to take it from");
    if (recipe.licenses.empty()) things.push_back("say in 'licenses' under which licences the parts are");
    return things;
}

} // namespace

InitResult init(const InitRequest& request) {
    if (!std::filesystem::is_directory(request.folder))
        throw Error(Fault::usage, in_quotes(request.folder) + " is not a folder");
    InitResult result;
    Recipe recipe;
    recipe.name = request.name.empty() ? clean_name(folder_name(request.folder)) : request.name;
    recipe.version = request.version.empty() ? "0.1.0" : request.version;
    recipe.profile = request.profile_spelling;
    check_request(recipe);
    const bool launch = collect_files(request, recipe, result);
    keep_kernels(request, recipe, result);
    std::sort(result.left_out.begin(), result.left_out.end());
    if (launch) recipe.runtime = read_launch(request.folder + "/" + std::string(launch_path), recipe.files);
    recipe.model = model_facts(request, recipe.name, recipe.files);
    recipe.licenses = request.licenses;
    if (recipe.licenses.contains("model")) {
        recipe.licenses["weights"] = recipe.licenses["model"];
        recipe.licenses.erase("model");
    }
    result.to_do = things_to_say(recipe);
    result.files = recipe.files.size();
    result.text = recipe_text(recipe, request.profile, result.left_out);
    return result;
}

} // namespace packager
