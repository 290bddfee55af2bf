// sealift policy new: the draft of version 1 from public key files.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/policy_commands.hpp"
#include "packager/policy_dates.hpp"
#include "packager/policy_draft.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

struct PolicyNewOptions {
    std::string output;
    std::string id;
    std::vector<std::string> root;
    std::vector<std::string> release;
    std::vector<std::string> builder;
    std::vector<std::string> roles;
    std::vector<std::string> products;
    std::vector<std::string> all_of;
    std::uint64_t root_threshold = 0;
    std::uint64_t release_threshold = 0;
    std::uint64_t builder_threshold = 1;
    std::uint64_t distinct_owners = 1;
    std::optional<std::uint64_t> max_offline_days;
    Expiry expiry;
    runtime::OutputOptions output_options;
};

NewRole new_role_of(std::string name, const std::vector<std::string>& keys, std::uint64_t threshold,
                    std::uint64_t distinct_owners) {
    NewRole role{std::move(name), {}, threshold, distinct_owners};
    for (const std::string& key : keys)
        role.keys.push_back(KeyGrant::read(key));
    return role;
}

std::vector<NewRole> new_roles_of(const PolicyNewOptions& options) {
    std::vector<NewRole> roles{
        new_role_of("root", options.root, options.root_threshold, options.distinct_owners),
        new_role_of("release", options.release, options.release_threshold, options.distinct_owners)};
    if (!options.builder.empty())
        roles.push_back(new_role_of("builder", options.builder, options.builder_threshold, 1));
    for (const std::string& role : options.roles)
        roles.push_back(NewRole::read(role));
    return roles;
}

// "ed25519,ecdsa-p256-sha256": any of them.
std::vector<manifests::KeyType> group_of(std::string text) {
    std::vector<manifests::KeyType> group;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string name = text.substr(0, comma);
        const std::optional<manifests::KeyType> type = manifests::key_type_named(name);
        if (!type)
            throw Error(Fault::usage, "key type " + manifests::in_quotes(name) + " is unknown")
                .hint("wanted ed25519, ecdsa-p256-sha256 or sm2-sm3");
        group.push_back(*type);
        text.erase(0, comma + 1);
    }
    return group;
}

int run_policy_new(const PolicyNewOptions& options) {
    runtime::refuse_existing(options.output);
    NewPolicyRequest request;
    request.policy_id = options.id;
    request.roles = new_roles_of(options);
    request.products = options.products;
    request.issued = issue_time();
    request.expires = options.expiry.time_after(request.issued);
    for (const std::string& group : options.all_of)
        request.all_of.push_back(group_of(group));
    request.max_offline_days = options.max_offline_days;
    const manifests::TrustPolicy policy = new_policy(request);
    runtime::write_file_whole(options.output, policy.encode_for_people());
    if (options.output_options.format == runtime::Format::json) {
        runtime::print_json({{"schema", "sealift.policy-new/1"},
                             {"output", runtime::json_text(options.output)},
                             {"policy_id", policy.policy_id},
                             {"version", policy.version},
                             {"expires", policy.expires}});
        return 0;
    }
    runtime::print("DRAFT  " + manifests::escaped(options.output, 4096) + "\n" + policy.policy_id +
                   " version 1, " + std::to_string(policy.roles.size()) + " roles, expires " +
                   policy.expires + "\n");
    runtime::note("edit it as you like, `sealift policy lint` it, and have the root keys sign it");
    return 0;
}

CLI::Option* add_key_list(CLI::App& command, const std::string& name, std::vector<std::string>& keys,
                          const std::string& text) {
    return command.add_option(name, keys, text)->type_name("KEY.pub[=OWNER]")->allow_extra_args(false);
}

} // namespace

void add_policy_new(CLI::App& policy, int& status) {
    auto options = std::make_shared<PolicyNewOptions>();
    auto* command = policy.add_subcommand("new", "Write the draft of a first version from public key files");
    command->add_option("-o,--output", options->output, "The draft, JSON that people edit")
        ->required()
        ->type_name("FILE");
    command->add_option("--id", options->id, "What all versions of the policy are called")
        ->required()
        ->type_name("NAME");
    add_key_list(*command, "--root", options->root, "Key that signs policies; may be given again")
        ->required();
    command->add_option("--root-threshold", options->root_threshold, "How many of them have to sign")
        ->required();
    add_key_list(*command, "--release", options->release, "Key that signs releases; may be given again")
        ->required();
    command->add_option("--release-threshold", options->release_threshold, "How many of them have to sign")
        ->required();
    command->add_option("--distinct-owners", options->distinct_owners,
                        "Of how many owners, for root and release; 1 unless given");
    add_key_list(*command, "--builder", options->builder,
                 "Key of a build machine, which signs provenance and BOM; may be given again");
    command->add_option("--builder-threshold", options->builder_threshold, "How many of them have to sign");
    command
        ->add_option("--role", options->roles,
                     "A further role. One called kernels, weights or engine has to vouch for those files")
        ->type_name("NAME=KEY.pub[=OWNER],...")
        ->allow_extra_args(false);
    command->add_option("--products", options->products, "What may be released; anything unless given")
        ->delimiter(',')
        ->allow_extra_args(false);
    command
        ->add_option("--all-of", options->all_of,
                     "Key types of which each role needs enough signatures; given again, of each group")
        ->type_name("TYPE[,TYPE]")
        ->allow_extra_args(false);
    auto* expires = command->add_option("--expires", options->expiry.date, "First day without the policy");
    command->add_option("--days", options->expiry.days, "How long it holds; 365 unless given")
        ->excludes(expires);
    command->add_option("--max-offline-days", options->max_offline_days,
                        "How long a site may go without a newer version");
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_policy_new(*options); });
}

} // namespace packager
