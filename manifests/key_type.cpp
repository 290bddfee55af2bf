#include "manifests/key_type.hpp"

namespace manifests {

std::string_view name_of(KeyType type) {
    switch (type) {
    case KeyType::ed25519:
        return "ed25519";
    case KeyType::ecdsa_p256:
        return "ecdsa-p256-sha256";
    case KeyType::sm2:
        return "sm2-sm3";
    }
    return "";
}

std::optional<KeyType> key_type_named(std::string_view name) {
    for (const KeyType type : all_key_types()) {
        if (name_of(type) == name) return type;
    }
    return std::nullopt;
}

const std::vector<KeyType>& all_key_types() {
    static const std::vector<KeyType> types{KeyType::ed25519, KeyType::ecdsa_p256, KeyType::sm2};
    return types;
}

} // namespace manifests
