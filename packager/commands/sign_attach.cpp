// sealift sign attach: signatures that were made elsewhere come into the bundle.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/ceremony.hpp"
#include "packager/commands/sign_ceremony.hpp"
#include "packager/countersign.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"
#include "runtime/trust.hpp"

namespace packager {
namespace {

struct AttachOptions {
    std::string bundle;
    std::vector<std::string> signatures;
    std::string prepared;
    std::vector<std::string> keys;
    std::string bundle_output;
    unsigned jobs = 0;
    runtime::OutputOptions output;
};

void print_attached(const std::vector<ReturnedSignature>& returned, const manifests::Digest& digest,
                    const std::string& output, const AttachOptions& options) {
    if (options.output.format == runtime::Format::json) {
        manifests::OrderedJson signed_by = manifests::OrderedJson::array();
        for (const ReturnedSignature& one : returned)
            signed_by.push_back(one.key.key_id());
        runtime::print_json({{"schema", "sealift.sign.attach/1"},
                             {"output", runtime::json_text(output)},
                             {"digest", digest.text()},
                             {"signed_by", signed_by}});
        return;
    }
    std::string text = runtime::styled(runtime::Style::good, "SIGNED") + "  " +
                       manifests::escaped(output, 4096) + "\ndigest    " + digest.text() + "\n";
    for (const ReturnedSignature& one : returned)
        text += "signed by " + one.key.key_id() + "\n";
    runtime::print(text);
}

manifests::Digest attach_to_policy(const PolicyAtHand& policy, const std::vector<ReturnedSignature>& returned,
                                   const AttachOptions& options) {
    const bool is_draft = policy.envelopes.empty();
    if (is_draft && options.bundle_output.empty())
        throw manifests::Error(manifests::Fault::usage,
                               "-o says where the signed policy goes; the draft stays");
    write_policy_envelope(options.bundle_output.empty() ? options.bundle : options.bundle_output,
                          attach(policy, returned).front());
    return manifests::Digest::of(policy.claim.payload);
}

manifests::Digest attach_to_bundle(const std::vector<ReturnedSignature>& returned,
                                   const AttachOptions& options) {
    const runtime::Bundle bundle = runtime::open_bundle(options.bundle);
    const std::vector<std::string> envelopes = attach(bundle, returned);
    runtime::Progress progress("signing", runtime::content_bytes(bundle), options.output);
    write_with(bundle, options.bundle_output.empty() ? options.bundle : options.bundle_output, envelopes,
               options.jobs, [&](std::uint64_t bytes) { progress.add(bytes); });
    progress.finish();
    return bundle.digest();
}

int run_attach(const AttachOptions& options) {
    const std::vector<manifests::PublicKey> keys = runtime::load_keys(options.keys);
    std::vector<ReturnedSignature> returned;
    for (const std::string& path : options.signatures)
        returned.push_back(read_returned(path, options.prepared, keys));
    const std::optional<PolicyAtHand> policy = PolicyAtHand::read(options.bundle);
    const manifests::Digest digest =
        policy ? attach_to_policy(*policy, returned, options) : attach_to_bundle(returned, options);
    print_attached(returned, digest, options.bundle_output.empty() ? options.bundle : options.bundle_output,
                   options);
    return 0;
}

} // namespace

void add_sign_attach(CLI::App& sign, int& status) {
    auto options = std::make_shared<AttachOptions>();
    auto* command = sign.add_subcommand(
        "attach", "Put signatures that were made elsewhere into the bundle, each checked first");
    command
        ->add_option("bundle", options->bundle,
                     "Bundle file or folder; or a trust policy, as a draft or with signatures")
        ->required();
    command
        ->add_option("signatures", options->signatures,
                     "KEYID.sig for each KEYID.pae: raw bytes, DER, or base64 of either")
        ->required();
    command
        ->add_option("--prepared", options->prepared,
                     "Folder of sign prepare, if the signatures are not in it")
        ->type_name("FOLDER");
    runtime::add_key_option(*command, options->keys)
        ->description(
            "Public key (PEM) whose signature is taken; without, those that sign prepare was given");
    command->add_option("-o,--output", options->bundle_output,
                        "Write the result here instead of replacing what was given");
    command->add_option("-j,--jobs", options->jobs, "Files to read at once; 0 means one for each processor");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_attach(*options); });
}

} // namespace packager
