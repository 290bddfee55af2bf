#include "packager/stored_key.hpp"

#include "packager/ec_secret_key.hpp"
#include "packager/secret_key.hpp"

namespace packager {

using manifests::KeyType;

std::unique_ptr<StoredKey> generate_key(KeyType type) {
    if (type == KeyType::ed25519) return std::make_unique<SecretKey>(SecretKey::generate());
    return std::make_unique<EcSecretKey>(EcSecretKey::generate(type));
}

std::unique_ptr<StoredKey> stored_key_of(KeyType type, std::string_view secret) {
    if (type == KeyType::ed25519) return std::make_unique<SecretKey>(SecretKey::from_seed(secret));
    return std::make_unique<EcSecretKey>(EcSecretKey::from_scalar(type, secret));
}

} // namespace packager
