// sealift key convert: a public key in the spelling of another tool.

#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/key_commands.hpp"
#include "packager/key_conversion.hpp"
#include "packager/key_file.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

struct KeyConvertOptions {
    std::string file;
    std::string target;
    std::string passphrase_file;
    std::string output;
    KeyNames names;
};

void put(const std::string& text, KeyTarget target, const KeyConvertOptions& options) {
    if (!options.output.empty()) {
        runtime::write_file_whole(options.output, text);
        return;
    }
    if (target == KeyTarget::der && runtime::is_terminal(runtime::Stream::out))
        throw manifests::Error(manifests::Fault::usage, "DER is no text, and stdout is a terminal")
            .hint("give -o FILE");
    runtime::print(text);
}

int run_key_convert(const KeyConvertOptions& options) {
    const KeyTarget target = key_target_named(options.target);
    PassphraseSource source;
    if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
    const AnyKey file = load_any_key(options.file, source);
    const std::string text = spell_key(file.key, target, options.names);
    if (file.part != KeyPart::public_key)
        runtime::note(manifests::in_quotes(options.file) +
                      " is a secret key: only its public half is converted");
    put(text, target, options);
    return 0;
}

} // namespace

void add_key_convert(CLI::App& key, int& status) {
    auto options = std::make_shared<KeyConvertOptions>();
    auto* command = key.add_subcommand("convert", "Write a public key as another tool reads it");
    command
        ->add_option("file", options->file,
                     "PEM (public or secret), or a public key of minisign, OpenSSH or signed notes")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--to", options->target,
                     "pem, der: any key; openssh: Ed25519 and P-256; minisign, vkey (signed notes): Ed25519")
        ->required()
        ->check(CLI::IsMember(key_target_names()));
    command->add_option("--name", options->names.name, "With vkey: the name of the key")->type_name("NAME");
    command->add_option("--comment", options->names.comment, "With openssh: what stands behind the key")
        ->type_name("TEXT");
    command
        ->add_option(
            "--key-number", options->names.number,
            "With minisign: the key number as minisign shows it, up to 16 hex digits; else the one that FILE "
            "has, or one made from the key")
        ->type_name("HEX");
    command
        ->add_option(
            "--passphrase-file", options->passphrase_file,
            "Take the passphrase of a secret key from the first line of FILE, or of stdin if it is -")
        ->type_name("FILE");
    command
        ->add_option("-o,--output", options->output, "Write to FILE, which must not be there; else to stdout")
        ->type_name("FILE");
    command->callback([options, &status] { status = run_key_convert(*options); });
}

} // namespace packager
