#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/digest.hpp"
#include "manifests/json.hpp"
#include "packager/commands/commands.hpp"
#include "packager/commands/profiles_commands.hpp"
#include "packager/profile_text.hpp"
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
    std::string show_format = "json";
    runtime::OutputOptions output;
};

// Of one device; a profile with several kinds of accelerators shows the first one's.
std::uint64_t device_memory_bytes(const manifests::Profile& profile) {
    return profile.accelerators.empty() ? 0 : profile.accelerators.front().memory_bytes;
}

// What is not stated is left out, as in the profile.
OrderedJson list_entry_of(const StoredProfile& stored) {
    const manifests::Profile& profile = stored.profile;
    OrderedJson entry = {{"id", profile.id}, {"title", profile.title}, {"class", class_of(profile)}};
    entry["vendor"] = profile.vendor;
    entry["architecture"] = profile.cpu.architecture;
    if (const std::uint64_t bytes = device_memory_bytes(profile)) entry["device_memory_bytes"] = bytes;
    if (!profile.accelerators.empty()) {
        const manifests::AcceleratorRequirement& device = profile.accelerators.front();
        if (!device.pci_ids.empty()) entry["pci_ids"] = device.pci_ids;
        if (device.devices_per_node != 0) entry["devices_per_node"] = device.devices_per_node;
    }
    entry["digest"] = manifests::Digest::of(stored.bytes).text();
    return entry;
}

int run_list(const ProfilesOptions& options) {
    const std::vector<StoredProfile> profiles = runtime::all_profiles(options.folder);
    if (options.output.format == runtime::Format::json) {
        OrderedJson list = OrderedJson::array();
        for (const StoredProfile& stored : profiles)
            list.push_back(list_entry_of(stored));
        runtime::print_json({{"schema", "sealift.profiles/1"}, {"profiles", std::move(list)}});
        return 0;
    }
    runtime::Table table({"PROFILE", "CLASS", "VENDOR", "MEMORY", "HOST", "TITLE"});
    table.align_right(3);
    for (const StoredProfile& stored : profiles) {
        const manifests::Profile& profile = stored.profile;
        table.row({profile.id, class_of(profile), profile.vendor, gib_text(device_memory_bytes(profile)),
                   profile.cpu.architecture.empty() ? "any" : profile.cpu.architecture, profile.title});
    }
    runtime::print(table.text());
    return 0;
}

// The stored bytes, for they are what a bundle carries and what its digest is of.
int run_show(const ProfilesOptions& options) {
    const StoredProfile stored = runtime::load_profile(options.id, options.folder);
    runtime::print(options.show_format == "table" ? profile_text(stored.profile) : stored.bytes);
    return 0;
}

} // namespace

void add_profiles(CLI::App& app, int& status) {
    auto options = std::make_shared<ProfilesOptions>();
    auto* command =
        app.add_subcommand("profiles", "List, show and check the target chips that bundles can be built for");
    command->require_subcommand(1);
    auto* list = command->add_subcommand("list", "List the profiles");
    list->add_option("--profiles", options->folder, "Folder of profiles")->type_name("DIR");
    runtime::add_output_options(*list, options->output);
    list->callback([options, &status] { status = run_list(*options); });
    auto* show = command->add_subcommand("show", "Print a profile as it is stored, or as people read it");
    show->add_option("profile", options->id, "Its name, or the path of a file")
        ->required()
        ->type_name("PROFILE");
    show->add_option("--profiles", options->folder, "Folder of profiles")->type_name("DIR");
    show->add_option("--format", options->show_format, "As it is stored, or one line for each figure")
        ->check(CLI::IsMember({"json", "table"}))
        ->default_str("json");
    show->callback([options, &status] { status = run_show(*options); });
    add_profiles_lint(*command, status);
}

} // namespace packager
