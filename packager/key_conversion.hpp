#pragma once
// A public key, written the way that another tool reads it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/key_spellings.hpp"

namespace packager {

enum class KeyTarget { pem, der, minisign, openssh, vkey };
/// "pem", "der", "minisign", "openssh", "vkey"; in the order of the enum.
const std::vector<std::string>& key_target_names();
/// @throws Error  Fault::usage for a name that is none of them
KeyTarget key_target_named(std::string_view name);

/// What the targets need that is no part of a key.
struct KeyNames {
    std::optional<std::string> name;    ///< vkey; else the one that was read
    std::optional<std::string> comment; ///< openssh; else none
    std::optional<std::string>
        number; ///< minisign, up to 16 hex digits; else the one read, or minisign_number_of()
};

/// Whether `target` has a spelling for keys of this type at all.
bool can_spell(KeyTarget target, manifests::KeyType type);

/// @throws Error  Fault::refused if the target has no keys of this type; Fault::usage for a name that it does
///                not use, or that it needs and nobody gave
std::string spell_key(const manifests::SpelledKey& key, KeyTarget target, const KeyNames& names);

} // namespace packager
