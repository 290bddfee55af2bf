// sealift key show: what a key is, and how other tools spell it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "packager/commands/key_commands.hpp"
#include "packager/key_conversion.hpp"
#include "packager/key_file.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

struct KeyShowOptions {
    std::string file;
    std::string name;
    std::string passphrase_file;
    runtime::OutputOptions output;
};

struct Spelling {
    KeyTarget target;
    std::string label;
    std::optional<std::string> text; // nothing: such a key cannot be spelled so
};

std::optional<std::string> spelling_of(const manifests::SpelledKey& key, KeyTarget target,
                                       const KeyShowOptions& options) {
    if (!can_spell(target, key.key.type())) return std::nullopt;
    KeyNames names;
    if (target == KeyTarget::vkey) {
        if (options.name.empty() && key.name.empty()) return std::nullopt;
        if (!options.name.empty()) names.name = options.name;
    }
    return spell_key(key, target, names);
}

std::vector<Spelling> spellings_of(const manifests::SpelledKey& key, const KeyShowOptions& options) {
    std::vector<Spelling> spellings;
    for (const KeyTarget target :
         {KeyTarget::pem, KeyTarget::minisign, KeyTarget::openssh, KeyTarget::vkey}) {
        spellings.push_back({target, key_target_names().at(static_cast<std::size_t>(target)),
                             spelling_of(key, target, options)});
    }
    return spellings;
}

std::string form_of_file(const AnyKey& file) {
    switch (file.part) {
    case KeyPart::public_key:
        return std::string(name_of(file.key.spelling)) + ", public";
    case KeyPart::plain_secret:
        return "pem, secret, not encrypted";
    case KeyPart::encrypted_secret:
        return "pem, secret, encrypted";
    }
    return "";
}

void print_table(const AnyKey& file, const KeyShowOptions& options) {
    const manifests::PublicKey& key = file.key.key;
    std::string text = "type         " + std::string(name_of(key.type())) + "\nkey id       " + key.key_id() +
                       "\nread aloud   " + key.fingerprint() + "\n";
    if (!key.sm2_id().empty()) text += "signer id    " + manifests::escaped(key.sm2_id()) + "\n";
    text += "file         " + form_of_file(file) + "\n";
    for (const Spelling& spelling : spellings_of(file.key, options)) {
        if (spelling.text) text += "\n" + spelling.label + "\n" + *spelling.text;
    }
    runtime::print(text);
}

void print_as_json(const AnyKey& file, const KeyShowOptions& options) {
    const manifests::PublicKey& key = file.key.key;
    manifests::OrderedJson spellings;
    for (const Spelling& spelling : spellings_of(file.key, options)) {
        auto& place = spellings[spelling.label];
        if (spelling.text) place = *spelling.text;
    }
    manifests::OrderedJson result;
    result["schema"] = "sealift.key/1";
    result["file"] = runtime::json_text(options.file);
    result["type"] = std::string(name_of(key.type()));
    result["key_id"] = key.key_id();
    result["fingerprint"] = key.fingerprint();
    result["sm2_id"] = nullptr;
    if (!key.sm2_id().empty()) result["sm2_id"] = key.sm2_id();
    result["form"] = std::string(name_of(file.key.spelling));
    result["secret"] = file.part != KeyPart::public_key;
    result["encrypted"] = file.part == KeyPart::encrypted_secret;
    result["spellings"] = std::move(spellings);
    runtime::print_json(result);
}

int run_key_show(const KeyShowOptions& options) {
    PassphraseSource source;
    if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
    const AnyKey file = load_any_key(options.file, source);
    if (options.output.format == runtime::Format::json) {
        print_as_json(file, options);
    } else {
        print_table(file, options);
    }
    return 0;
}

} // namespace

void add_key_show(CLI::App& key, int& status) {
    auto options = std::make_shared<KeyShowOptions>();
    auto* command =
        key.add_subcommand("show", "Show a key's type, id and spellings; of a secret key, its public half");
    command
        ->add_option("file", options->file,
                     "PEM (public or secret), or a public key of minisign, OpenSSH or signed notes")
        ->required()
        ->type_name("FILE");
    command->add_option("--name", options->name, "Its name in signed notes; without one, no vkey is shown")
        ->type_name("NAME");
    command
        ->add_option(
            "--passphrase-file", options->passphrase_file,
            "Take the passphrase of a secret key from the first line of FILE, or of stdin if it is -")
        ->type_name("FILE");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_key_show(*options); });
}

} // namespace packager
