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

void print_attached(const std::vector<ReturnedSignature>& returned, const runtime::Bundle& bundle,
                    const std::string& output, const AttachOptions& options) {
    if (options.output.format == runtime::Format::json) {
        manifests::OrderedJson signed_by = manifests::OrderedJson::array();
        for (const ReturnedSignature& one : returned)
            signed_by.push_back(one.key.key_id());
        runtime::print_json({{"schema", "sealift.sign.attach/1"},
                             {"output", runtime::json_text(output)},
                             {"digest", bundle.digest().text()},
                             {"signed_by", signed_by}});
        return;
    }
    std::string text = runtime::styled(runtime::Style::good, "SIGNED") + "  " +
                       manifests::escaped(output, 4096) + "\nbundle    " + bundle.digest().text() + "\n";
    for (const ReturnedSignature& one : returned)
        text += "signed by " + one.key.key_id() + "\n";
    runtime::print(text);
}

int run_attach(const AttachOptions& options) {
    const std::vector<manifests::PublicKey> keys = runtime::load_keys(options.keys);
    std::vector<ReturnedSignature> returned;
    for (const std::string& path : options.signatures)
        returned.push_back(read_returned(path, options.prepared, keys));
    const runtime::Bundle bundle = runtime::open_bundle(options.bundle);
    const std::vector<std::string> envelopes = attach(bundle, returned);
    const std::string output = options.bundle_output.empty() ? options.bundle : options.bundle_output;
    runtime::Progress progress("signing", runtime::content_bytes(bundle), options.output);
    write_with(bundle, output, envelopes, options.jobs, [&](std::uint64_t bytes) { progress.add(bytes); });
    progress.finish();
    print_attached(returned, bundle, output, options);
    return 0;
}

} // namespace

void add_sign_attach(CLI::App& sign, int& status) {
    auto options = std::make_shared<AttachOptions>();
    auto* command = sign.add_subcommand(
        "attach", "Put signatures that were made elsewhere into the bundle, each checked first");
    command->add_option("bundle", options->bundle, "Bundle file or folder")->required();
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
                        "Write the signed bundle here instead of replacing the bundle");
    command->add_option("-j,--jobs", options->jobs, "Files to read at once; 0 means one for each processor");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_attach(*options); });
}

} // namespace packager
