#include "packager/claims.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"
#include "packager/signing.hpp"
#include "packager/source_date.hpp"
#include "packager/statements.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Envelope;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::ReleaseStatement;
using manifests::Statement;
using runtime::Bundle;

const std::string in_toto(manifests::media::in_toto_payload);

Described described(const Bundle& bundle) {
    return {bundle.document(), bundle.assembly(), source_date()};
}

// Strangers may put anything into a bundle; what cannot be read is left as it is.
template<typename Read>
auto if_readable(const Read& read) -> std::optional<decltype(read())> {
    try {
        return read();
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return std::nullopt;
    }
}

// The statements about this bundle that it carries, read before any signature: for joining, never for trust.
std::vector<std::pair<Statement, std::string>> carried_statements(const Bundle& bundle) {
    std::vector<std::pair<Statement, std::string>> found;
    for (const std::string& bytes : bundle.carried().envelopes) {
        const auto envelope = if_readable([&] { return Envelope::parse(bytes); });
        if (!envelope || envelope->payload_type != in_toto) continue;
        auto statement = if_readable([&] { return Statement::parse(envelope->payload); });
        if (statement && statement->find(bundle.digest()) != nullptr)
            found.emplace_back(std::move(*statement), envelope->payload);
    }
    return found;
}

// Whoever made the statement in the bundle, it must say what we would say: nobody signs another product, a
// higher counter or other terms by adding a name.
void refuse_other_release(const ReleaseStatement& found, ReleaseStatement ours, const ReleaseClaim& claim) {
    ours.issued = found.issued;
    if (!claim.with_sm3) ours.bundle_sm3 = found.bundle_sm3;
    if (!claim.terms) ours.terms = found.terms;
    if (found == ours) return;
    const bool same_terms = found.terms == ours.terms;
    throw Error(Fault::refused, Code::trust_statement,
                "the release statement in the bundle is about " +
                    in_quotes(found.product + " " + found.version) + " number " +
                    std::to_string(found.release_counter) +
                    (same_terms ? ", which is not what the bundle document says"
                                : ", on other terms than those that were given"))
        .hint(same_terms ? "somebody else wrote it; do not sign this copy"
                         : "look at it with sealift inspect; leave the terms out to sign what is there");
}

std::string predicate_payload(const Bundle& bundle, const PredicateClaim& claim) {
    manifests::JsonRules rules;
    rules.most_bytes = Statement::most_bytes;
    rules.floats = true;
    const auto& document = bundle.document();
    const manifests::Json predicate = manifests::read_json(claim.predicate, rules);
    manifests::Fields fields(predicate); // refuses what is no object
    fields.allow_others("the predicate is somebody else's");
    return manifests::encode_statement({{document.name + "@" + document.version, bundle.digest(), {}}},
                                       claim.predicate_type, manifests::OrderedJson::parse(predicate.dump()));
}

template<typename Change>
std::size_t change_envelope(std::vector<std::string>& envelopes, const Claim& claim, const Change& change) {
    for (std::string& bytes : envelopes) {
        auto envelope = if_readable([&] { return Envelope::parse(bytes); });
        if (!envelope || envelope->payload_type != claim.payload_type || envelope->payload != claim.payload)
            continue;
        change(*envelope);
        bytes = envelope->encode();
        return envelope->signatures.size();
    }
    Envelope fresh{claim.payload_type, claim.payload, {}};
    change(fresh);
    envelopes.push_back(fresh.encode());
    return fresh.signatures.size();
}

} // namespace

std::vector<Claim> claims(const Bundle& bundle, const ReleaseClaim& claim) {
    const ReleaseStatement ours =
        release_of(described(bundle), claim.terms.value_or(manifests::ReleaseTerms{}), claim.with_sm3);
    for (const auto& [statement, payload] : carried_statements(bundle)) {
        if (statement.predicate_type != manifests::predicate::release) continue;
        refuse_other_release(ReleaseStatement::from(statement), ours, claim);
        return {{in_toto, payload}};
    }
    return {{in_toto, ours.encode()}};
}

std::vector<Claim> claims(const Bundle& bundle, const BuilderClaim&) {
    std::vector<Claim> list;
    for (const auto& [statement, payload] : carried_statements(bundle)) {
        if (statement.predicate_type == manifests::predicate::provenance ||
            statement.predicate_type == manifests::predicate::reference)
            list.push_back({in_toto, payload});
    }
    if (list.empty()) {
        throw Error(Fault::refused, Code::trust_missing,
                    "the bundle carries no provenance and no BOM statement to be signed")
            .hint("only a build can say how it was made: sealift build ... --builder-key KEY");
    }
    return list;
}

std::vector<Claim> claims(const Bundle& bundle, const ComponentClaim& claim) {
    std::vector<Claim> list;
    for (std::string& payload : component_statements_of(bundle.document(), claim.role))
        list.push_back({in_toto, std::move(payload)});
    return list;
}

std::vector<Claim> claims(const Bundle& bundle, const PredicateClaim& claim) {
    if (claim.predicate_type.starts_with("urn:sealift:"))
        throw Error(Fault::usage, in_quotes(claim.predicate_type) + " is a predicate of Sealift's own")
            .hint("sealift sign writes those itself: see --as");
    try {
        return {{in_toto, predicate_payload(bundle, claim)}};
    } catch (Error& error) {
        if (error.fault() == Fault::damaged) error.as(Fault::usage).in("predicate");
        throw;
    }
}

std::vector<Claim> claims(const Bundle& bundle, const manifests::ReleaseSet& set) {
    const std::string name = bundle.document().name + "@" + bundle.document().version;
    const manifests::ReleaseSetMember* member = set.find(name);
    if (member == nullptr || member->digest != bundle.digest()) {
        throw Error(Fault::usage, "the release set " + in_quotes(set.set) + " does not name this bundle, " +
                                      in_quotes(name) + " with " + bundle.digest().text());
    }
    return {{in_toto, set.encode()}};
}

std::size_t join(std::vector<std::string>& envelopes, const Claim& claim, const Signer& signer) {
    return change_envelope(envelopes, claim, [&](Envelope& envelope) { add_signature(envelope, signer); });
}

std::size_t join(std::vector<std::string>& envelopes, const Claim& claim, const manifests::PublicKey& key,
                 const std::string& signature) {
    return change_envelope(envelopes, claim,
                           [&](Envelope& envelope) { add_signature(envelope, key, signature); });
}

} // namespace packager
