#include "packager/signer.hpp"

#include "packager/key_file.hpp"

namespace packager {

std::unique_ptr<Signer> open_signer(const std::string& name, const PassphraseSource& source) {
    return std::make_unique<SecretKey>(load_secret_key(name, source));
}

} // namespace packager
