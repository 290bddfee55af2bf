// sealift sign bytes: the machine that signs, if it has Sealift. Shows what it signs, and needs nothing but
// the file and the key.

#include <filesystem>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/sign_ceremony.hpp"
#include "packager/payload_summary.hpp"
#include "packager/signer.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/program.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

struct BytesOptions {
    std::string file;
    std::string digest;
    std::string signing_key;
    std::string passphrase_file;
    runtime::OutputOptions output;
};

void refuse_other_bytes(const std::string& heard, const PayloadSummary& summary) {
    if (heard.empty() || heard == summary.message.text() || heard == summary.message.hex()) return;
    throw Error(Fault::refused, manifests::Code::trust_statement,
                "the bytes have the digest " + summary.message.text() + ", and another one was given")
        .hint("do not sign them; ask whoever prepared them");
}

// KEYID.pae is for KEYID; a signature by another key would be refused when it comes back.
void refuse_other_key(const std::filesystem::path& file, const std::string& key_id) {
    if (file.filename().string().starts_with(key_id) && file.extension() == ".pae") return;
    throw Error(Fault::usage, manifests::in_quotes(file.string()) + " was not prepared for key " + key_id);
}

int run_bytes(const BytesOptions& options) {
    const std::string bytes = runtime::read_small_file(options.file, manifests::Envelope::most_bytes);
    const PayloadSummary summary = PayloadSummary::of(bytes);
    refuse_other_bytes(options.digest, summary);
    PassphraseSource source;
    if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
    const auto signer = open_signer(options.signing_key, source);
    const std::string key_id = signer->public_key().key_id();
    refuse_other_key(options.file, key_id);
    const std::string output = std::filesystem::path(options.file).replace_extension(".sig").string();
    runtime::write_file_whole(output, signer->sign(bytes));
    if (options.output.format == runtime::Format::json) {
        manifests::OrderedJson json;
        json["schema"] = "sealift.sign.bytes/1";
        json["output"] = runtime::json_text(output);
        json["signed_by"] = key_id;
        json.update(summary.json());
        runtime::print_json(json);
    } else {
        runtime::print(summary.text() + runtime::styled(runtime::Style::good, "SIGNED") + "  " +
                       manifests::escaped(output, 4096) + "\n");
    }
    return 0;
}

} // namespace

void add_sign_bytes(CLI::App& sign, int& status) {
    auto options = std::make_shared<BytesOptions>();
    auto* command =
        sign.add_subcommand("bytes", "Sign KEYID.pae on a machine that has nothing else; gives KEYID.sig");
    command->add_option("file", options->file, "KEYID.pae of sign prepare")->required();
    command
        ->add_option("--signing-key", options->signing_key,
                     "Secret key file (PEM), or pkcs11:... for a key in a token")
        ->required();
    command->add_option("--passphrase-file", options->passphrase_file,
                        "File whose first line opens the key; '-' is stdin");
    command->add_option(
        "--digest", options->digest,
        "SHA-256 of the bytes, as whoever prepared them read it aloud; others are not signed");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_bytes(*options); });
}

} // namespace packager
