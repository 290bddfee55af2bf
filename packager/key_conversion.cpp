#include "packager/key_conversion.hpp"

#include <algorithm>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::KeyType;
using manifests::SpelledKey;

std::string name_of(KeyTarget target) {
    return key_target_names().at(static_cast<std::size_t>(target));
}

void refuse_unused(const std::optional<std::string>& given, const char* option, bool is_used,
                   const char* user) {
    if (given && !is_used)
        throw Error(Fault::usage, std::string(option) + " is given, which only --to " + user + " uses");
}

std::string minisign_text(const SpelledKey& key, const KeyNames& names) {
    manifests::MinisignNumber number = key.number.value_or(minisign_number_of(key.key));
    if (names.number) number = manifests::minisign_number_from(*names.number);
    return manifests::MinisignKey{key.key, number}.encode();
}

std::string vkey_text(const SpelledKey& key, const KeyNames& names) {
    if (!names.name && key.name.empty())
        throw Error(Fault::usage, "a key of signed notes has a name, and none is given")
            .hint("give --name NAME, such as: --name example.org/line-7");
    return manifests::VerifierKey{names.name.value_or(key.name), key.key}.encode();
}

} // namespace

const std::vector<std::string>& key_target_names() {
    static const std::vector<std::string> names{"pem", "der", "minisign", "openssh", "vkey"};
    return names;
}

KeyTarget key_target_named(std::string_view name) {
    const auto& names = key_target_names();
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        throw Error(Fault::usage, manifests::in_quotes(name) + " is no form of public keys");
    return static_cast<KeyTarget>(found - names.begin());
}

bool can_spell(KeyTarget target, KeyType type) {
    switch (target) {
    case KeyTarget::pem:
    case KeyTarget::der:
        return true;
    case KeyTarget::openssh:
        return type != KeyType::sm2;
    case KeyTarget::minisign:
    case KeyTarget::vkey:
        return type == KeyType::ed25519;
    }
    return false;
}

std::string spell_key(const SpelledKey& key, KeyTarget target, const KeyNames& names) {
    refuse_unused(names.name, "--name", target == KeyTarget::vkey, "vkey");
    refuse_unused(names.comment, "--comment", target == KeyTarget::openssh, "openssh");
    refuse_unused(names.number, "--key-number", target == KeyTarget::minisign, "minisign");
    if (!can_spell(target, key.key.type()))
        throw Error(Fault::refused, name_of(target) + " has no keys of type " +
                                        std::string(manifests::name_of(key.key.type())))
            .hint("--to pem and --to der write keys of every type");
    switch (target) {
    case KeyTarget::pem:
        return key.key.pem();
    case KeyTarget::der:
        return key.key.spki();
    case KeyTarget::minisign:
        return minisign_text(key, names);
    case KeyTarget::openssh:
        return manifests::write_openssh_key(key.key, names.comment.value_or(""));
    case KeyTarget::vkey:
        return vkey_text(key, names);
    }
    throw Error(Fault::internal, "a form of keys without a writer");
}

} // namespace packager
