#include "packager/emit_minisign.hpp"

#include <array>
#include <memory>

#include <sodium.h>

#include "manifests/base64.hpp"
#include "manifests/error.hpp"
#include "manifests/sodium.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

constexpr std::string_view prehashed = "ED"; // "Ed" would be over the file itself

// libsodium wants the state aligned to 64 bytes, which its type says.
class Blake2b {
public:
    Blake2b() {
        manifests::start_sodium();
        crypto_generichash_init(&state_, nullptr, 0, bytes);
    }
    void update(const char* data, std::size_t length_bytes) {
        crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(data), length_bytes);
    }
    std::string finish() {
        std::array<unsigned char, bytes> hash{};
        crypto_generichash_final(&state_, hash.data(), hash.size());
        return {hash.begin(), hash.end()};
    }

private:
    static constexpr std::size_t bytes = 64;
    crypto_generichash_state state_{};
};

} // namespace

void refuse_minisign_form(const runtime::Bundle& bundle) {
    if (bundle.form() == runtime::Bundle::Form::file) return;
    throw Error(Fault::refused,
                "minisign signs one file, and this bundle is a " + std::string(name_of(bundle.form())))
        .hint("build it as a file, or emit oms and sigstore only");
}

void refuse_minisign_key(const manifests::PublicKey& key) {
    if (key.type() == manifests::KeyType::ed25519) return;
    throw Error(Fault::refused,
                "minisign has Ed25519 keys only, and this one is " + std::string(name_of(key.type())))
        .hint("sealift keygen makes one; then --emit-key NAME.key");
}

std::string minisign_hash(const runtime::Bundle& bundle, const runtime::OnBytes& on_bytes) {
    auto file = std::make_shared<const runtime::FileDescriptor>(runtime::open_to_read(bundle.path()));
    const std::uint64_t size_bytes = runtime::facts_of(*file, bundle.path()).size_bytes;
    Blake2b hash;
    runtime::read_pieces({file, 0, size_bytes, bundle.path()},
                         [&](const char* data, std::size_t length_bytes, std::uint64_t) {
                             hash.update(data, length_bytes);
                             if (on_bytes) on_bytes(length_bytes);
                         });
    return hash.finish();
}

std::string minisign_trusted_comment(const runtime::Bundle& bundle) {
    return "manifest:" + bundle.digest().text() +
           " counter:" + std::to_string(bundle.document().release_counter);
}

std::string minisign_signature(std::string_view hash, std::string_view trusted_comment,
                               const Signer& signer) {
    const manifests::PublicKey key = signer.public_key();
    refuse_minisign_key(key);
    const manifests::MinisignNumber number = minisign_key(key).number;
    const std::string signature = signer.sign(hash);
    const std::string global = signer.sign(signature + std::string(trusted_comment));
    return "untrusted comment: signature by minisign key " + manifests::minisign_number_text(number) + "\n" +
           manifests::to_base64(std::string(prehashed) + std::string(number.begin(), number.end()) +
                                signature) +
           "\ntrusted comment: " + std::string(trusted_comment) + "\n" + manifests::to_base64(global) + "\n";
}

manifests::MinisignKey minisign_key(const manifests::PublicKey& key) {
    return {key, manifests::minisign_number_of(key)};
}

} // namespace packager
