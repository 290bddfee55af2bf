// sealift policy sign: one more signature on a policy.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/policy_commands.hpp"
#include "packager/policy_file.hpp"
#include "packager/policy_output.hpp"
#include "packager/policy_signing.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

struct PolicySignOptions {
    std::string policy;
    std::string previous;
    std::string output;
    std::string signing_key;
    std::string passphrase_file;
    runtime::OutputOptions output_options;
};

// An envelope is replaced by itself with one signature more; a draft stays, and gets an envelope beside it.
std::string policy_output_of(const PolicySignOptions& options, bool is_draft) {
    if (!options.output.empty()) return options.output;
    if (!is_draft) return options.policy;
    constexpr std::string_view ending = ".json";
    std::string name = options.policy;
    if (name.ends_with(ending)) name.resize(name.size() - ending.size());
    return name + ".dsse.json";
}

std::optional<manifests::SignedPolicy> read_previous_policy(const std::string& path) {
    if (path.empty()) return std::nullopt;
    try {
        return read_policy(path).as_signed();
    } catch (manifests::Error& problem) {
        if (problem.where_bytes() == 0) problem.in(path);
        throw;
    }
}

void print_signed_policy(const PolicySignOptions& options, const std::string& output, const PolicyText& text,
                         const std::string& key_id, const std::vector<RootSide>& sides) {
    if (options.output_options.format == runtime::Format::json) {
        manifests::OrderedJson list = manifests::OrderedJson::array();
        for (const RootSide& side : sides)
            list.push_back(side_json(side));
        runtime::print_json({{"schema", "sealift.policy-sign/1"},
                             {"output", runtime::json_text(output)},
                             {"digest", text.digest.text()},
                             {"signed_by", key_id},
                             {"sides", std::move(list)}});
        return;
    }
    std::string lines = runtime::styled(runtime::Style::good, "SIGNED") + "  " +
                        manifests::escaped(output, 4096) + "\npolicy    " + text.policy.policy_id +
                        " version " + std::to_string(text.policy.version) + "\ndigest    " +
                        text.digest.text() + "\nsigned by " + key_id + "\n";
    for (const RootSide& side : sides)
        lines += side_line(side) + "\n";
    runtime::print(lines);
}

int run_policy_sign(const PolicySignOptions& options) {
    const PolicyText text = read_policy(options.policy);
    const std::optional<manifests::SignedPolicy> previous = read_previous_policy(options.previous);
    const manifests::SignedPolicy* before = previous ? &*previous : nullptr;
    const std::string output = policy_output_of(options, !text.envelope);
    const bool in_place = text.envelope && output == options.policy;
    if (!in_place) runtime::refuse_existing(output);
    PassphraseSource source;
    if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
    const std::unique_ptr<Signer> key = open_signer(options.signing_key, source);
    const manifests::Envelope envelope = sign_policy(text, before, *key);
    runtime::write_file_whole(output, envelope.encode() + "\n", 0644,
                              in_place ? runtime::Replace::allow : runtime::Replace::refuse);
    print_signed_policy(options, output, text, key->public_key().key_id(),
                        root_sides(text.policy, before, envelope));
    if (text.policy.previous && before == nullptr)
        runtime::note("give version " + std::to_string(text.policy.previous->version) +
                      " with --previous to hear what its root keys still have to sign");
    return 0;
}

} // namespace

void add_policy_sign(CLI::App& policy, int& status) {
    auto options = std::make_shared<PolicySignOptions>();
    auto* command = policy.add_subcommand("sign", "Sign a draft, or add a signature to a signed policy");
    command->add_option("policy", options->policy, "Draft, or envelope that others have signed")
        ->required()
        ->type_name("FILE");
    command->add_option("--signing-key", options->signing_key, "Secret key file (PEM) of a root key")
        ->required();
    command
        ->add_option("--previous", options->previous,
                     "The signed policy before this one, whose root keys have to sign as well")
        ->type_name("FILE");
    command->add_option("--passphrase-file", options->passphrase_file,
                        "File whose first line opens the key; '-' is stdin");
    command->add_option("-o,--output", options->output,
                        "Where the envelope goes; NAME.dsse.json beside a draft NAME.json, else in place");
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_policy_sign(*options); });
}

} // namespace packager
