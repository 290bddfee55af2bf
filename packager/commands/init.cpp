#include <filesystem>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/init.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/profiles.hpp"
#include "runtime/program.hpp"

namespace packager {
namespace {

struct InitOptions {
    std::string folder;
    std::string profile;
    std::string profiles_folder;
    std::string output;
    std::string name;
    std::string version;
    std::vector<std::string> licenses;
    std::vector<std::string> model;
    bool yes = false;
    runtime::OutputOptions output_options;
};

// "WHAT=VALUE" texts of an option that may be given again.
std::map<std::string, std::string>
parse_pairs(const std::string& option, const std::vector<std::string>& texts, const std::string& example) {
    std::map<std::string, std::string> pairs;
    for (const std::string& text : texts) {
        const std::size_t equals = text.find('=');
        if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) {
            throw manifests::Error(manifests::Fault::usage,
                                   option + " " + manifests::in_quotes(text) + " is not WHAT=VALUE")
                .hint("for example: " + example);
        }
        pairs[text.substr(0, equals)] = text.substr(equals + 1);
    }
    return pairs;
}

// Paths in a recipe are relative to the recipe's own folder, wherever the command was typed.
std::string way_to(const std::string& target, const std::string& recipe) {
    return std::filesystem::relative(target, std::filesystem::absolute(recipe).parent_path()).string();
}

std::string source_prefix(const std::string& folder, const std::string& recipe) {
    const std::string way = way_to(folder, recipe);
    return way == "." ? "" : way + "/";
}

std::string profile_spelling(const std::string& name_or_path, const std::string& recipe) {
    const bool is_path = name_or_path.find('/') != std::string::npos || name_or_path.ends_with(".json");
    return is_path && !name_or_path.starts_with('/') ? way_to(name_or_path, recipe) : name_or_path;
}

int run_init(const InitOptions& options) {
    const std::string output = options.output.empty() ? options.folder + "/sealift.json" : options.output;
    const auto replace = options.yes ? runtime::Replace::allow : runtime::Replace::refuse;
    const runtime::StoredProfile profile = runtime::load_profile(options.profile, options.profiles_folder);
    const InitResult result =
        init({.folder = options.folder,
              .source_prefix = source_prefix(options.folder, output),
              .name = options.name,
              .version = options.version,
              .profile = profile.profile,
              .profile_spelling = profile_spelling(options.profile, output),
              .licenses = parse_pairs("--license", options.licenses,
                                      "--license model=MIT --license engine=Apache-2.0"),
              .model = parse_pairs("--model", options.model, "--model architecture=DeepseekV3ForCausalLM")});
    try {
        runtime::write_file_whole(output, result.text, 0644, replace);
    } catch (manifests::Error& error) {
        if (error.fault() == manifests::Fault::usage) error.hint("--yes replaces it");
        throw;
    }
    if (options.output_options.format == runtime::Format::json) {
        runtime::print_json({{"schema", "sealift.init/1"},
                             {"recipe", runtime::json_text(output)},
                             {"profile", profile.profile.id},
                             {"files", result.files},
                             {"left_out", result.left_out},
                             {"to_do", result.to_do}});
        return 0;
    }
    runtime::print("wrote     " + manifests::escaped(output, 4096) + "\n" + std::to_string(result.files) +
                   " files for " + profile.profile.id + " (" + manifests::escaped(profile.profile.title) +
                   ")\n");
    if (!result.left_out.empty()) {
        runtime::print("left out  " + std::to_string(result.left_out.size()) +
                       " files that are hidden or for other chips\n");
    }
    for (const std::string& text : result.to_do)
        runtime::note(text);
    return 0;
}

} // namespace

void add_init(CLI::App& app, int& status) {
    auto options = std::make_shared<InitOptions>();
    auto* command =
        app.add_subcommand("init", "Write the recipe for a folder of model, kernel and engine files");
    command
        ->add_option("folder", options->folder,
                     "Folder with weights/ and, as needed, kernels/ engine/ config/ docs/")
        ->required();
    command->add_option("--profile", options->profile, "Target chip: a profile's name or path")->required();
    command->add_option("--profiles", options->profiles_folder, "Folder with profiles (SEALIFT_PROFILES)");
    command->add_option("-o,--output", options->output,
                        "Where the recipe goes; by default FOLDER/sealift.json");
    command->add_option("--name", options->name, "Name of the bundle; by default the folder's");
    command->add_option("--bundle-version", options->version, "Version of the bundle; by default 0.1.0");
    command
        ->add_option("--license", options->licenses,
                     "WHAT=SPDX licence of 'model', a role or a path; may be given again")
        ->allow_extra_args(false)
        ->type_name("WHAT=VALUE");
    command
        ->add_option("--model", options->model,
                     "WHAT=VALUE about the model: architecture, family, parameters, precision, "
                     "quantization; may be given again")
        ->allow_extra_args(false)
        ->type_name("WHAT=VALUE");
    command->add_flag("--yes", options->yes, "Replace a recipe that is there");
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_init(*options); });
}

} // namespace packager
