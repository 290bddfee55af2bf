#pragma once
// The site's own key, and the only code of a site that signs. It signs what a site says about itself and
// nothing else: there is one function for each of those documents, and each takes the document's own type and
// makes its bytes here. No caller can hand over bytes, so a release cannot be signed with it, whatever else
// in the program goes wrong. tests/symbols/check_symbols holds every other file to that.
//
// The key lies unencrypted on the site's disk, for the site has to sign without a person. Who can read it can
// sign states for this site, and for no other.

#include <memory>
#include <string>

#include "manifests/public_key.hpp"
#include "manifests/site_state.hpp"

namespace runtime {

class SiteKey {
public:
    static SiteKey generate();
    /// @param folder  holds site.key: PKCS#8 PEM as write() and openssl write it
    /// @throws Error  Fault::missing if there is none, if it is something else, a symbolic link, or a file
    /// that
    ///                others than its owner may use; Fault::io
    static SiteKey load(const std::string& folder);

    SiteKey(SiteKey&&) noexcept = default;
    SiteKey& operator=(SiteKey&&) noexcept = default;

    const manifests::PublicKey& public_key() const noexcept { return public_key_; }
    /// site.key (mode 0600) and site.pub (0644).
    /// @throws Error  Fault::usage if one of them is there; Fault::io, also where the file system keeps no
    /// modes
    void write(const std::string& folder) const;

    /// A DSSE envelope.
    std::string sign(const manifests::SiteState& state) const;

private:
    struct Free {
        void operator()(unsigned char* memory) const noexcept;
    };
    /// sodium_malloc: guarded, kept out of core dumps, wiped when freed.
    using Secret = std::unique_ptr<unsigned char, Free>;
    static Secret allocate(std::size_t length_bytes);
    static SiteKey from_seed(const unsigned char* seed);
    SiteKey(Secret expanded, const manifests::PublicKey& public_key)
        : expanded_(std::move(expanded)), public_key_(public_key) {}

    Secret expanded_; // seed and public key, as libsodium wants them
    manifests::PublicKey public_key_;
};

std::string site_key_path(const std::string& folder);
std::string site_public_key_path(const std::string& folder);

} // namespace runtime
