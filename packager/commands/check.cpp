#include <filesystem>

#include <CLI/CLI.hpp>

#include "packager/build_verdict.hpp"
#include "packager/commands/commands.hpp"
#include "packager/model_check.hpp"
#include "packager/needs_of.hpp"
#include "runtime/check_output.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/fit_options.hpp"
#include "runtime/fit_site.hpp"
#include "runtime/found_machine.hpp"
#include "runtime/install.hpp"
#include "runtime/program.hpp"
#include "runtime/verify.hpp"

namespace packager {
namespace {

namespace fs = std::filesystem;
using runtime::Checked;

struct CheckOptions {
    std::string subject;
    std::string found;
    std::string profiles_folder;
    std::uint64_t nodes = 1;
    runtime::OutputOptions output;
};

// A bundle file begins with the tar header of its entry oci-layout; a recipe is JSON with comments.
bool is_recipe(const std::string& path) {
    if (fs::is_directory(path)) return fs::exists(path + "/sealift.json");
    const runtime::FileDescriptor file = runtime::open_to_read(path);
    std::string start(512, '\0');
    start.resize(runtime::read_at(file, start.data(), start.size(), 0, path));
    const std::size_t first = start.find_first_not_of(" \t\r\n");
    return first != std::string::npos && (start[first] == '{' || start[first] == '/');
}

void check_recipe(const CheckOptions& options, const manifests::Machine& machine, Checked& checked) {
    RecipeAt at = read_recipe(options.subject);
    const runtime::StoredProfile profile = find_profile(at, options.profiles_folder);
    const Inputs inputs = look_at_inputs(std::move(at.recipe.files), at.folder);
    checked.name = at.recipe.name;
    checked.version = at.recipe.version;
    checked.profile_id = profile.profile.id;
    checked.report = check_kernels(at.recipe.kernels, inputs, profile.profile);
    ModelCheck model = check_model(inputs, {}); // as a build without reasons would have it
    checked.report.merge(std::move(model.report));
    if (!checked.report.passed()) return;
    const manifests::Needs needs = needs_of(at.recipe, inputs, model.checkpoint);
    const std::vector<manifests::Profile> known = runtime::profiles_at_hand(options.profiles_folder);
    checked.fit = fit_machine({at.recipe, inputs, needs, profile.profile}, machine,
                              {.nodes = options.nodes, .known = &known});
}

void check_bundle(const CheckOptions& options, const manifests::Machine& machine, Checked& checked) {
    const auto bundle = runtime::open_or_report([&] { return runtime::Bundle::open(options.subject); },
                                                options.subject, checked.report);
    if (!bundle) return;
    checked.name = bundle->document().name;
    checked.version = bundle->document().version;
    checked.profile_id = bundle->document().profile_id;
    checked.digest = bundle->digest();
    checked.fit = runtime::fit_of(*bundle, machine,
                                  {.room = runtime::Room{.wanted_bytes = runtime::install_bytes(*bundle)},
                                   .nodes = options.nodes,
                                   .profiles_folder = options.profiles_folder});
}

int run_check(const CheckOptions& options) {
    const manifests::Machine machine = runtime::load_machine(options.found);
    Checked checked{.subject = options.subject, .machine = options.found};
    if (is_recipe(options.subject))
        check_recipe(options, machine, checked);
    else
        check_bundle(options, machine, checked);
    return runtime::print_checked(checked, options.output);
}

} // namespace

void add_check(CLI::App& app, int& status) {
    auto options = std::make_shared<CheckOptions>();
    auto* command = app.add_subcommand(
        "check", "Say whether a bundle, or what a recipe names, runs on a machine that was probed");
    command->add_option("subject", options->subject, "Bundle file or folder, or a recipe or its folder")
        ->required();
    command
        ->add_option("--found", options->found,
                     "The machine, as sealift-runtime probe --format json printed it there; '-' is stdin")
        ->type_name("FILE")
        ->required();
    command->add_option("--profiles", options->profiles_folder, "Folder with profiles (SEALIFT_PROFILES)");
    runtime::add_nodes_option(*command, options->nodes);
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_check(*options); });
}

} // namespace packager
