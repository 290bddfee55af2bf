// sealift keygen: makes a key pair.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/key_file.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

struct KeygenOptions {
    std::string name;
    std::string type = "ed25519";
    std::string passphrase_file;
    bool no_passphrase = false;
    bool force = false;
    runtime::OutputOptions output;
};

void print_key(const manifests::PublicKey& key, const KeyPairPaths& paths, const KeygenOptions& options) {
    if (options.output.format == runtime::Format::json) {
        manifests::OrderedJson result;
        result["schema"] = "sealift.keygen/1";
        result["type"] = std::string(name_of(key.type()));
        result["key_id"] = key.key_id();
        result["fingerprint"] = key.fingerprint();
        result["secret_key"] = paths.secret_key;
        result["public_key"] = paths.public_key;
        result["encrypted"] = !options.no_passphrase;
        runtime::print_json(result);
        return;
    }
    runtime::print("type         " + std::string(name_of(key.type())) + "\nkey id       " + key.key_id() +
                   "\nread aloud   " + key.fingerprint() + "\nsecret key   " +
                   manifests::escaped(paths.secret_key) + "\npublic key   " +
                   manifests::escaped(paths.public_key) + "\n");
}

// By the short name, or by the one that policies and reports have.
manifests::KeyType type_called(const std::string& name) {
    if (name == "p256") return manifests::KeyType::ecdsa_p256;
    if (name == "sm2") return manifests::KeyType::sm2;
    return manifests::key_type_named(name).value();
}

std::vector<std::string> names_of_types() {
    std::vector<std::string> names{"p256", "sm2"};
    for (const manifests::KeyType type : manifests::all_key_types())
        names.emplace_back(name_of(type));
    return names;
}

int run_keygen(const KeygenOptions& options) {
    const KeyPairPaths paths = key_pair_paths(options.name);
    if (!options.force) refuse_existing(paths);
    std::optional<SecretText> passphrase;
    if (!options.no_passphrase) {
        PassphraseSource source;
        if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
        passphrase = passphrase_for(paths.secret_key, source, Ask::twice);
    }
    const std::unique_ptr<StoredKey> key = generate_key(type_called(options.type));
    write_key_pair(paths, *key, passphrase ? &*passphrase : nullptr,
                   options.force ? runtime::Replace::allow : runtime::Replace::refuse);
    if (options.no_passphrase)
        runtime::warning("the secret key is not encrypted: whoever copies " +
                         manifests::in_quotes(paths.secret_key) + " can sign releases");
    print_key(key->public_key(), paths, options);
    return 0;
}

} // namespace

void add_keygen(CLI::App& app, int& status) {
    auto options = std::make_shared<KeygenOptions>();
    auto* command =
        app.add_subcommand("keygen", "Make a key pair: NAME.key to sign with, NAME.pub to give away");
    command->add_option("-o,--output", options->name, "NAME, with its folder")->required()->type_name("NAME");
    command
        ->add_option(
            "--type", options->type,
            "ed25519; p256 (ecdsa-p256-sha256) for what sigstore, OMS and tokens read; sm2 (sm2-sm3), "
            "with signer id 1234567812345678")
        ->check(CLI::IsMember(names_of_types()))
        ->capture_default_str();
    auto* plain =
        command->add_flag("--no-passphrase", options->no_passphrase, "Do not encrypt the secret key");
    command
        ->add_option("--passphrase-file", options->passphrase_file,
                     "Take the passphrase from the first line of FILE, or of stdin if it is -")
        ->type_name("FILE")
        ->excludes(plain);
    command->add_flag("--force", options->force, "Replace key files that are there");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_keygen(*options); });
}

} // namespace packager
