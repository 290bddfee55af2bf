// sealift policy rotate: the draft of the next version.

#include <algorithm>
#include <charconv>
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
#include "packager/policy_file.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

struct PolicyRotateOptions {
    std::string old;
    std::string output;
    std::vector<std::string> add_root;
    std::vector<std::string> remove_root;
    std::vector<std::string> add;
    std::vector<std::string> remove;
    std::vector<std::string> thresholds;
    std::vector<std::string> distinct_owners;
    std::vector<std::string> revoke;
    std::vector<std::string> revoke_digests;
    std::vector<std::string> floors;
    std::optional<std::uint64_t> counter_epoch;
    Expiry expiry;
    runtime::OutputOptions output_options;
};

// "NAME=VALUE", cut at the first "=".
std::pair<std::string, std::string> split_at_equals(const std::string& option, const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
        throw Error(Fault::usage,
                    option + " " + in_quotes(text) + " has no '=' with something on both sides");
    return {text.substr(0, equals), text.substr(equals + 1)};
}

std::uint64_t number_of(const std::string& option, const std::string& text) {
    std::uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end != text.data() + text.size())
        throw Error(Fault::usage, option + ": " + in_quotes(text) + " is no number");
    return number;
}

std::vector<std::pair<std::string, std::uint64_t>> numbers_of(const std::string& option,
                                                              const std::vector<std::string>& texts) {
    std::vector<std::pair<std::string, std::uint64_t>> numbers;
    for (const std::string& text : texts) {
        const auto [role, number] = split_at_equals(option, text);
        numbers.emplace_back(role, number_of(option, number));
    }
    return numbers;
}

// What is not said of a floor stays as it is.
std::pair<std::string, manifests::Floor> new_floor_of(const std::string& text,
                                                      const manifests::TrustPolicy& old) {
    const auto [product, numbers] = split_at_equals("--floor", text);
    const std::size_t comma = numbers.find(',');
    manifests::Floor floor;
    if (const auto known = old.floors.find(product); known != old.floors.end()) floor = known->second;
    floor.release_counter = number_of("--floor", numbers.substr(0, comma));
    if (comma != std::string::npos) floor.security_epoch = number_of("--floor", numbers.substr(comma + 1));
    return {product, floor};
}

manifests::Digest revoked_digest_of(const std::string& text) {
    try {
        return manifests::Digest::parse(text);
    } catch (Error& error) {
        error.as(Fault::usage).in("--revoke-digest");
        throw;
    }
}

void read_role_changes(const PolicyRotateOptions& options, RotateRequest& request) {
    const std::string root(manifests::root_role);
    for (const std::string& key : options.add_root)
        request.add.emplace_back(root, KeyGrant::read(key));
    for (const std::string& text : options.add) {
        const auto [role, key] = split_at_equals("--add", text);
        request.add.emplace_back(role, KeyGrant::read(key));
    }
    for (const std::string& key_id : options.remove_root)
        request.remove.emplace_back(root, key_id);
    for (const std::string& text : options.remove)
        request.remove.push_back(split_at_equals("--remove", text));
    request.thresholds = numbers_of("--threshold", options.thresholds);
    request.distinct_owners = numbers_of("--distinct-owners", options.distinct_owners);
}

RotateRequest rotate_request_of(const PolicyRotateOptions& options, const manifests::TrustPolicy& old) {
    RotateRequest request;
    read_role_changes(options, request);
    for (const std::string& text : options.revoke)
        request.revoke.push_back(split_at_equals("--revoke", text));
    for (const std::string& text : options.revoke_digests)
        request.revoke_digests.push_back(revoked_digest_of(text));
    for (const std::string& text : options.floors)
        request.floors.push_back(new_floor_of(text, old));
    request.counter_epoch = options.counter_epoch;
    request.issued = issue_time();
    request.expires = options.expiry.time_after(request.issued);
    return request;
}

manifests::SignedPolicy read_old_policy(const std::string& path) {
    std::vector<PolicyText> policies = read_policies({path}); // a chain will do: its newest
    const auto newest = std::max_element(policies.begin(), policies.end(), [](const auto& a, const auto& b) {
        return a.policy.version < b.policy.version;
    });
    try {
        return newest->as_signed();
    } catch (Error& problem) {
        problem.in(path);
        throw;
    }
}

int run_policy_rotate(const PolicyRotateOptions& options) {
    runtime::refuse_existing(options.output);
    const manifests::SignedPolicy old = read_old_policy(options.old);
    const manifests::TrustPolicy policy = rotate(old, rotate_request_of(options, old.policy));
    runtime::write_file_whole(options.output, policy.encode_for_people());
    if (options.output_options.format == runtime::Format::json) {
        runtime::print_json({{"schema", "sealift.policy-rotate/1"},
                             {"output", runtime::json_text(options.output)},
                             {"policy_id", policy.policy_id},
                             {"version", policy.version},
                             {"expires", policy.expires}});
        return 0;
    }
    runtime::print("DRAFT  " + manifests::escaped(options.output, 4096) + "\n" + policy.policy_id +
                   " version " + std::to_string(policy.version) + ", follows version " +
                   std::to_string(old.policy.version) + ", expires " + policy.expires + "\n");
    runtime::note("root keys of both versions have to sign it: `sealift policy sign --previous`");
    return 0;
}

CLI::Option* add_text_list(CLI::App& command, const std::string& name, std::vector<std::string>& list,
                           const std::string& type, const std::string& text) {
    return command.add_option(name, list, text)->type_name(type)->allow_extra_args(false);
}

} // namespace

void add_policy_rotate(CLI::App& policy, int& status) {
    auto options = std::make_shared<PolicyRotateOptions>();
    auto* command = policy.add_subcommand(
        "rotate", "Write the draft of the next version; options may be given again, key ids cut short");
    command
        ->add_option("old", options->old, "The signed policy that it follows, or a chain that ends with it")
        ->required()
        ->type_name("FILE");
    command->add_option("-o,--output", options->output, "The draft, JSON that people edit")
        ->required()
        ->type_name("FILE");
    add_text_list(*command, "--add-root", options->add_root, "KEY.pub[=OWNER]", "A further root key");
    add_text_list(*command, "--remove-root", options->remove_root, "KEYID", "Take a root key out");
    add_text_list(*command, "--add", options->add, "ROLE=KEY.pub[=OWNER]",
                  "A further key of a role, or a new role");
    add_text_list(*command, "--remove", options->remove, "ROLE=KEYID", "Take a key out of a role");
    add_text_list(*command, "--threshold", options->thresholds, "ROLE=N",
                  "How many keys of a role have to sign");
    add_text_list(*command, "--distinct-owners", options->distinct_owners, "ROLE=N", "Of how many owners");
    add_text_list(*command, "--revoke", options->revoke, "KEYID=REASON",
                  "Nothing that this key signed counts any more; it leaves its roles");
    add_text_list(*command, "--revoke-digest", options->revoke_digests, "SHA256",
                  "No site takes this bundle, or a bundle with this file");
    add_text_list(*command, "--floor", options->floors, "PRODUCT=COUNTER[,EPOCH]",
                  "The oldest release that may be installed; only rises");
    command->add_option("--counter-epoch", options->counter_epoch,
                        "Raise it to let release counters start anew");
    auto* expires = command->add_option("--expires", options->expiry.date, "First day without the policy");
    command->add_option("--days", options->expiry.days, "How long it holds; 365 unless given")
        ->excludes(expires);
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_policy_rotate(*options); });
}

} // namespace packager
