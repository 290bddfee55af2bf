#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/countersign.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"

namespace packager {
namespace {

struct SignOptions {
    std::string bundle;
    std::string output;
    std::string signing_key;
    std::string passphrase_file;
    unsigned jobs = 0;
    runtime::OutputOptions output_options;
};

int run_sign(const SignOptions& options) {
    PassphraseSource source;
    if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
    const std::unique_ptr<Signer> key = open_signer(options.signing_key, source);
    std::optional<runtime::Progress> progress;
    const std::string output = options.output.empty() ? options.bundle : options.output;
    const CountersignResult result =
        countersign({.bundle = options.bundle,
                     .output = output,
                     .key = *key,
                     .jobs = options.jobs,
                     .on_start = [&](std::uint64_t total_bytes) {
                         progress.emplace("signing", total_bytes, options.output_options);
                         return [&](std::uint64_t bytes) { progress->add(bytes); };
                     }});
    if (progress) progress->finish();
    const std::string key_id = key->public_key().key_id();
    if (options.output_options.format == runtime::Format::json) {
        runtime::print_json({{"schema", "sealift.sign/1"},
                             {"output", runtime::json_text(output)},
                             {"digest", result.digest.text()},
                             {"signed_by", key_id},
                             {"signatures", result.signatures}});
    } else {
        runtime::print(runtime::styled(runtime::Style::good, "SIGNED") + "  " +
                       manifests::escaped(output, 4096) + "\nbundle    " + result.digest.text() +
                       "\nsigned by " + key_id + "\n" + std::to_string(result.signatures) +
                       (result.signatures == 1 ? " signature\n" : " signatures\n"));
    }
    return 0;
}

} // namespace

void add_sign(CLI::App& app, int& status) {
    auto options = std::make_shared<SignOptions>();
    auto* command = app.add_subcommand("sign", "Add a signature to a bundle; its digest stays the same");
    command->add_option("bundle", options->bundle, "Bundle file or folder")->required();
    command->add_option("--signing-key", options->signing_key, "Secret key file (PEM) to sign with")
        ->required();
    command->add_option("--passphrase-file", options->passphrase_file,
                        "File whose first line opens the key; '-' is stdin");
    command->add_option("-o,--output", options->output,
                        "Write the signed bundle here instead of replacing the bundle");
    command->add_option("-j,--jobs", options->jobs, "Files to read at once; 0 means one for each processor");
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_sign(*options); });
}

} // namespace packager
