#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/claim_options.hpp"
#include "packager/commands/commands.hpp"
#include "packager/commands/emit_options.hpp"
#include "packager/commands/sign_ceremony.hpp"
#include "packager/countersign.hpp"
#include "runtime/envelope_file.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"

namespace packager {
namespace {

struct SignOptions {
    std::string bundle;
    std::string output;
    std::string detached;
    std::string signing_key;
    std::string passphrase_file;
    ClaimOptions claim;
    std::vector<std::string> more;
    EmitOptions emit;
    unsigned jobs = 0;
    runtime::OutputOptions output_options;
};

void print_signed(const SignOptions& options, const std::string& output, const std::string& key_id,
                  const CountersignResult& result, const EmitResult& emitted) {
    const std::string& handed_on = options.detached.empty() ? output : options.bundle;
    if (options.output_options.format == runtime::Format::json) {
        runtime::print_json(
            {{"schema", "sealift.sign/1"},
             {"output", runtime::json_text(output)},
             {"digest", result.digest.text()},
             {"as", options.claim.as},
             {"signed_by", key_id},
             {"statements", result.statements},
             {"signatures", result.signatures},
             {"emitted", emitted_json(emitted)},
             {"model_paths", emitted.model_paths},
             {"notes", emitted.notes},
             {"terms", result.release ? terms_lines(result.release->terms) : std::vector<std::string>{}}});
        return;
    }
    std::string text = runtime::styled(runtime::Style::good, "SIGNED") + "  " +
                       manifests::escaped(output, 4096) + "\nbundle    " + result.digest.text() + "\n";
    if (!key_id.empty()) {
        text += "signed by " + key_id + "\n";
        if (options.claim.as != "release") text += "as        " + options.claim.as + "\n";
        if (result.release)
            for (const std::string& line : terms_lines(result.release->terms))
                text += "terms     " + line + "\n";
        text +=
            std::to_string(result.signatures) + (result.signatures == 1 ? " signature\n" : " signatures\n");
    }
    runtime::print(text + emitted_text(handed_on, emitted));
}

int run_sign(const SignOptions& options) {
    if (options.bundle.empty())
        throw manifests::Error(manifests::Fault::usage, "the bundle is missing").hint("sealift sign --help");
    std::vector<std::string> more;
    for (const std::string& path : options.more)
        runtime::add_envelopes(more, runtime::load_envelopes(path));
    const bool only_emits = options.signing_key.empty() && more.empty();
    if (only_emits && options.emit.formats.empty())
        throw manifests::Error(manifests::Fault::usage, "--signing-key is missing");
    PassphraseSource source;
    if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
    std::unique_ptr<Signer> key;
    if (!options.signing_key.empty()) key = open_signer(options.signing_key, source);
    std::optional<runtime::Progress> progress;
    const std::string output = options.output.empty() ? options.bundle : options.output;
    const Emission emission(options.emit, source, key.get());
    const bool detached = !options.detached.empty();
    const std::string handed_on = detached ? options.bundle : output;
    emission.check(options.bundle, handed_on);
    if (only_emits) {
        if (detached || !options.output.empty())
            throw manifests::Error(manifests::Fault::usage,
                                   "--signing-key is missing: without it the bundle is only read");
        print_emitted(options.bundle, emission.run(options.bundle, {}, options.jobs, options.output_options),
                      options.output_options);
        return 0;
    }
    const CountersignResult result = countersign(
        {.bundle = options.bundle,
         .output = output,
         .signer = key.get(),
         .claims = [&](const runtime::Bundle& bundle) { return claims_about(bundle, options.claim); },
         .more = more,
         .detached = options.detached,
         .jobs = options.jobs,
         .on_start =
             [&](std::uint64_t total_bytes) {
                 progress.emplace("signing", total_bytes, options.output_options);
                 return [&](std::uint64_t bytes) { progress->add(bytes); };
             }});
    if (progress) progress->finish();
    const EmitResult emitted =
        emission.run(handed_on, detached ? runtime::load_envelopes(options.detached) : more, options.jobs,
                     options.output_options);
    print_signed(options, detached ? options.detached : output, key ? key->public_key().key_id() : "", result,
                 emitted);
    return 0;
}

} // namespace

void add_sign(CLI::App& app, int& status) {
    auto options = std::make_shared<SignOptions>();
    auto* command = app.add_subcommand("sign", "Add a signature to a bundle; its digest stays the same");
    command->add_option("bundle", options->bundle, "Bundle file or folder");
    command->add_option("--signing-key", options->signing_key,
                        "Secret key file (PEM), or pkcs11:... for a key in a token");
    command->add_option("--passphrase-file", options->passphrase_file,
                        "File whose first line opens the key; '-' is stdin");
    command->add_option("-o,--output", options->output,
                        "Write the signed bundle here instead of replacing the bundle");
    command->add_option("--detached", options->detached,
                        "Write the envelope into this file (JSON lines) and leave the bundle as it is");
    command
        ->add_option("--attach", options->more,
                     "Put in the envelopes of this file as they are (JSON lines): a policy chain, statements "
                     "of others; may be given again")
        ->allow_extra_args(false);
    add_claim_options(*command, options->claim);
    add_emit_options(*command, options->emit);
    command->add_option("-j,--jobs", options->jobs, "Files to read at once; 0 means one for each processor");
    runtime::add_output_options(*command, options->output_options);
    add_sign_prepare(*command, status);
    add_sign_show(*command, status);
    add_sign_bytes(*command, status);
    add_sign_attach(*command, status);
    command->callback([command, options, &status] {
        if (command->get_subcommands().empty()) status = run_sign(*options);
    });
}

} // namespace packager
