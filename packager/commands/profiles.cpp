#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/digest.hpp"
#include "manifests/json.hpp"
#include "packager/commands/commands.hpp"
#include "runtime/profiles.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::OrderedJson;
using runtime::StoredProfile;

struct ProfilesOptions {
    std::string folder;
    std::string id;
    runtime::OutputOptions output;
};

int run_list(const ProfilesOptions& options) {
    const std::vector<StoredProfile> profiles = runtime::all_profiles(options.folder);
    if (options.output.format == runtime::Format::json) {
        OrderedJson list = OrderedJson::array();
        for (const StoredProfile& stored : profiles) {
            list.push_back({{"id", stored.profile.id},
                            {"title", stored.profile.title},
                            {"vendor", stored.profile.vendor},
                            {"architecture", stored.profile.cpu.architecture},
                            {"digest", manifests::Digest::of(stored.bytes).text()}});
        }
        runtime::print_json({{"schema", "sealift.profiles/1"}, {"profiles", std::move(list)}});
        return 0;
    }
    runtime::Table table({"PROFILE", "ARCHITECTURE", "TITLE"});
    for (const StoredProfile& stored : profiles)
        table.row({stored.profile.id, stored.profile.cpu.architecture, stored.profile.title});
    runtime::print(table.text());
    return 0;
}

// The stored bytes, for they are what a bundle carries and what its digest is of.
int run_show(const ProfilesOptions& options) {
    runtime::print(runtime::load_profile(options.id, options.folder).bytes);
    return 0;
}

} // namespace

void add_profiles(CLI::App& app, int& status) {
    auto options = std::make_shared<ProfilesOptions>();
    auto* command =
        app.add_subcommand("profiles", "List and show the target chips that bundles can be built for");
    command->require_subcommand(1);
    auto* list = command->add_subcommand("list", "List the profiles");
    list->add_option("--profiles", options->folder, "Folder of profiles")->type_name("DIR");
    runtime::add_output_options(*list, options->output);
    list->callback([options, &status] { status = run_list(*options); });
    auto* show = command->add_subcommand("show", "Print a profile as it is stored (JSON)");
    show->add_option("profile", options->id, "Its name, or the path of a file")
        ->required()
        ->type_name("PROFILE");
    show->add_option("--profiles", options->folder, "Folder of profiles")->type_name("DIR");
    show->callback([options, &status] { status = run_show(*options); });
}

} // namespace packager
