#include "packager/attest.hpp"

#include "manifests/dsse.hpp"
#include "manifests/media_types.hpp"

namespace packager {
namespace {

struct Claim {
    std::string payload;
    const Signer* signer;
};

std::vector<Claim> claims_of(const Attested& attested) {
    const Attestations& how = attested.attestations;
    std::vector<Claim> claims;
    if (attested.release != nullptr) {
        claims.push_back({release_of(attested.bundle, how.terms, how.with_sm3).encode(), attested.release});
    }
    const Signer* builder = how.builder != nullptr ? how.builder : attested.release;
    if (builder != nullptr) {
        claims.push_back({provenance_of(attested.bundle, attested.recipe, how.builder_id), builder});
        claims.push_back({bom_statement_of(attested.bundle, how.builder_id), builder});
    }
    return claims;
}

template<typename Sign>
std::vector<std::string> envelopes_of(const Attested& attested, const Sign& sign) {
    const std::string type(manifests::media::in_toto_payload);
    std::vector<std::string> envelopes;
    for (const Claim& claim : claims_of(attested)) {
        const std::string message = manifests::pre_authentication_encoding(type, claim.payload);
        envelopes.push_back(manifests::Envelope{
            type, claim.payload, {{claim.signer->public_key().key_id(), sign(*claim.signer, message)}}}
                                .encode());
    }
    const auto& carried = attested.attestations.carried;
    envelopes.insert(envelopes.end(), carried.begin(), carried.end());
    return envelopes;
}

} // namespace

std::vector<std::string> signed_envelopes(const Attested& attested) {
    return envelopes_of(
        attested, [](const Signer& signer, const std::string& message) { return signer.sign(message); });
}

std::vector<std::string> unsigned_envelopes(const Attested& attested) {
    return envelopes_of(attested, [](const Signer& signer, const std::string&) {
        return std::string(signer.signature_bytes(), '\0');
    });
}

} // namespace packager
