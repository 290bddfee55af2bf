// sealift key change-passphrase: the same secret key behind another passphrase, or none.

#include <memory>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/key_commands.hpp"
#include "packager/key_file.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

struct ChangeOptions {
    std::string file;
    std::string passphrase_file;
    std::string new_passphrase_file;
    bool no_passphrase = false;
    runtime::OutputOptions output;
};

// Whether the old one is read at all depends on the key, so of two lines on stdin nobody could say which is
// which.
void refuse_stdin_twice(const ChangeOptions& options) {
    if (options.passphrase_file == "-" && options.new_passphrase_file == "-")
        throw manifests::Error(manifests::Fault::usage, "both passphrases are to come from stdin")
            .hint("put one of them into a file");
}

SecretText new_passphrase(const ChangeOptions& options) {
    if (options.new_passphrase_file.empty()) {
        try {
            return type_passphrase(options.file, Ask::twice);
        } catch (manifests::Error& problem) {
            problem.hint("give --new-passphrase-file FILE, or --no-passphrase for a key without one");
            throw;
        }
    }
    return passphrase_for(options.file, {options.new_passphrase_file}, Ask::twice);
}

void print_change(const manifests::PublicKey& key, const ChangeOptions& options) {
    if (options.output.format == runtime::Format::json) {
        manifests::OrderedJson result;
        result["schema"] = "sealift.key-passphrase/1";
        result["secret_key"] = runtime::json_text(options.file);
        result["type"] = std::string(name_of(key.type()));
        result["key_id"] = key.key_id();
        result["encrypted"] = !options.no_passphrase;
        runtime::print_json(result);
        return;
    }
    runtime::print("key id       " + key.key_id() + "\nsecret key   " + manifests::escaped(options.file) +
                   "\nencrypted    " + (options.no_passphrase ? "no" : "yes") + "\n");
}

int run_change(const ChangeOptions& options) {
    refuse_stdin_twice(options);
    PassphraseSource source;
    if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
    const std::unique_ptr<StoredKey> key = load_key(options.file, source);
    std::optional<SecretText> passphrase;
    if (!options.no_passphrase) passphrase = new_passphrase(options);
    rewrite_key(options.file, *key, passphrase ? &*passphrase : nullptr);
    if (options.no_passphrase)
        runtime::warning("the secret key is not encrypted: whoever copies " +
                         manifests::in_quotes(options.file) + " can sign releases");
    print_change(key->public_key(), options);
    return 0;
}

} // namespace

void add_key_change_passphrase(CLI::App& key, int& status) {
    auto options = std::make_shared<ChangeOptions>();
    auto* command = key.add_subcommand(
        "change-passphrase",
        "Encrypt a secret key with another passphrase; copies of the file keep the old one");
    command->add_option("file", options->file, "Secret key; it stays as it is if anything goes wrong")
        ->required()
        ->type_name("FILE");
    command
        ->add_option("--passphrase-file", options->passphrase_file,
                     "Take the old passphrase from the first line of FILE, or of stdin if it is -")
        ->type_name("FILE");
    auto* plain = command->add_flag("--no-passphrase", options->no_passphrase, "Do not encrypt it any more");
    command
        ->add_option("--new-passphrase-file", options->new_passphrase_file,
                     "Take the new passphrase from the first line of FILE, or of stdin if it is -")
        ->type_name("FILE")
        ->excludes(plain);
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_change(*options); });
}

} // namespace packager
