// sealift sign prepare: the bytes that keys somewhere else have to sign.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/ceremony.hpp"
#include "packager/commands/claim_options.hpp"
#include "packager/commands/sign_ceremony.hpp"
#include "packager/rehearsal.hpp"
#include "runtime/content.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"
#include "runtime/trust.hpp"

namespace packager {
namespace {

struct PrepareOptions {
    std::string bundle;
    std::vector<std::string> keys;
    std::string folder;
    std::size_t rehearse = 0;
    ClaimOptions claim;
    unsigned jobs = 0;
    runtime::OutputOptions output;
};

void print_prepared(const std::vector<PreparedMessage>& messages, const PrepareOptions& options) {
    if (options.output.format == runtime::Format::json) {
        manifests::OrderedJson list = manifests::OrderedJson::array();
        for (const PreparedMessage& message : messages) {
            manifests::OrderedJson entry;
            entry["path"] = runtime::json_text(message.path);
            entry["key_id"] = message.key_id;
            entry["message"] = message.summary.json();
            list.push_back(std::move(entry));
        }
        manifests::OrderedJson json;
        json["schema"] = "sealift.sign.prepare/1";
        json["folder"] = runtime::json_text(options.folder);
        json["rehearsal"] = options.rehearse > 0;
        json["messages"] = std::move(list);
        runtime::print_json(json);
        return;
    }
    std::string text = runtime::styled(runtime::Style::good, "PREPARED") + "  " +
                       manifests::escaped(options.folder, 4096) + "\n";
    std::string shown;
    for (const PreparedMessage& message : messages) {
        const std::string summary = message.summary.text();
        if (summary != shown) text += summary;
        shown = summary;
        text += manifests::escaped(message.path, 4096) + "\n";
    }
    if (options.rehearse > 0) text += "REHEARSED with keys that are gone; nothing was changed\n";
    runtime::print(text);
}

// Nobody signs what is damaged, and those who sign elsewhere cannot look.
void prove(const runtime::Bundle& bundle, const PrepareOptions& options) {
    runtime::Progress progress("reading", runtime::content_bytes(bundle), options.output);
    runtime::prove_content(
        bundle, runtime::jobs_of(bundle),
        {.jobs = options.jobs, .on_bytes = [&](std::uint64_t bytes) { progress.add(bytes); }});
    progress.finish();
}

std::vector<PreparedMessage> prepare_bundle(const PrepareOptions& options) {
    const runtime::Bundle bundle = runtime::open_bundle(options.bundle);
    const std::vector<Claim> claims = claims_about(bundle, options.claim);
    prove(bundle, options);
    if (options.rehearse > 0) return rehearse(bundle, claims, options.rehearse, options.folder);
    return prepare_signing(claims, runtime::load_keys(options.keys), options.folder);
}

int run_prepare(const PrepareOptions& options) {
    using manifests::Error;
    using manifests::Fault;
    if (options.keys.empty() == (options.rehearse == 0))
        throw Error(Fault::usage, "either --key or --rehearse says who is to sign");
    const std::optional<PolicyAtHand> policy = PolicyAtHand::read(options.bundle);
    if (policy && options.rehearse > 0)
        throw Error(Fault::usage, "--rehearse is for bundles: a policy names its own root keys");
    print_prepared(policy ? prepare_signing({policy->claim}, runtime::load_keys(options.keys), options.folder)
                          : prepare_bundle(options),
                   options);
    return 0;
}

} // namespace

void add_sign_prepare(CLI::App& sign, int& status) {
    auto options = std::make_shared<PrepareOptions>();
    auto* command = sign.add_subcommand(
        "prepare", "Write the exact bytes that keys elsewhere have to sign, and a summary for people");
    command
        ->add_option("bundle", options->bundle,
                     "Bundle file or folder; or a trust policy, as a draft or with signatures")
        ->required();
    runtime::add_key_option(*command, options->keys);
    command->add_option("-o,--output", options->folder, "New folder to be carried to the keys")
        ->required()
        ->type_name("FOLDER");
    command
        ->add_option("--rehearse", options->rehearse,
                     "Go through the whole ceremony with so many throw-away keys; the bundle stays as it is")
        ->check(CLI::Range(1, 64))
        ->type_name("N");
    add_claim_options(*command, options->claim);
    command->add_option("-j,--jobs", options->jobs, "Files to read at once; 0 means one for each processor");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_prepare(*options); });
}

} // namespace packager
