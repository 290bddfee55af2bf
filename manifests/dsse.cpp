#include "manifests/dsse.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "manifests/base64.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"

namespace manifests {
namespace {

constexpr std::string_view may_grow = "DSSE envelope: consumers MUST ignore unrecognized fields";

std::string read_base64(Fields& fields, std::string_view name) {
    try {
        return from_either_base64(fields.text(name));
    } catch (Error& problem) {
        problem.in(name);
        throw;
    }
}

EnvelopeSignature read_signature(const Json& value) {
    Fields fields(value);
    EnvelopeSignature signature;
    signature.key_id = fields.text_or("keyid", "");
    signature.signature = read_base64(fields, "sig");
    if (signature.signature.empty()) refuse_document("sig is empty");
    fields.allow_others(may_grow);
    return signature;
}

Envelope read_envelope(std::string_view text) {
    JsonRules rules;
    rules.most_bytes = Envelope::most_bytes;
    rules.floats = true; // in members that are ignored
    const Json json = read_json(text, rules);
    Fields fields(json);
    Envelope envelope;
    envelope.payload_type = fields.text("payloadType");
    if (envelope.payload_type.empty()) refuse_document("payloadType is empty");
    envelope.payload = read_base64(fields, "payload");
    const Json& signatures = fields.array("signatures");
    if (signatures.empty()) refuse_document("there is no signature");
    if (signatures.size() > Envelope::most_signatures) {
        refuse_document("there are " + std::to_string(signatures.size()) + " signatures, at most " +
                        std::to_string(Envelope::most_signatures) + " are allowed");
    }
    for (const Json& signature : signatures)
        envelope.signatures.push_back(read_signature(signature));
    fields.allow_others(may_grow);
    return envelope;
}

} // namespace

Envelope Envelope::parse(std::string_view text) {
    try {
        return read_envelope(text);
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        throw Error(Fault::damaged, Code::trust_envelope, std::string("envelope: ") + problem.what());
    }
}

std::string Envelope::encode() const {
    std::vector<EnvelopeSignature> sorted = signatures;
    std::sort(sorted.begin(), sorted.end(), [](const EnvelopeSignature& a, const EnvelopeSignature& b) {
        return std::tie(a.key_id, a.signature) < std::tie(b.key_id, b.signature);
    });
    OrderedJson list = OrderedJson::array();
    for (const EnvelopeSignature& signature : sorted) {
        OrderedJson entry;
        entry["keyid"] = signature.key_id;
        entry["sig"] = to_base64(signature.signature);
        list.push_back(std::move(entry));
    }
    OrderedJson json;
    json["payload"] = to_base64(payload);
    json["payloadType"] = payload_type;
    json["signatures"] = std::move(list);
    return write_json(json);
}

std::string pre_authentication_encoding(std::string_view type, std::string_view payload) {
    std::string text = "DSSEv1 " + std::to_string(type.size()) + " ";
    text += type;
    text += " " + std::to_string(payload.size()) + " ";
    text += payload;
    return text;
}

SignatureVerdict check_signatures(const Envelope& envelope, const std::vector<PublicKey>& keys) {
    const std::string message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
    std::set<std::string> good;
    std::set<std::string> bad;
    for (const PublicKey& key : keys) {
        const std::string key_id = key.key_id(); // one to one with the key's bytes
        for (const EnvelopeSignature& signature : envelope.signatures) {
            if (key.verifies(message, signature.signature)) {
                good.insert(key_id);
            } else if (signature.key_id == key_id) {
                bad.insert(key_id);
            }
        }
    }
    SignatureVerdict verdict;
    verdict.signed_by.assign(good.begin(), good.end());
    std::set_difference(bad.begin(), bad.end(), good.begin(), good.end(),
                        std::back_inserter(verdict.bad_signature));
    return verdict;
}

std::vector<std::string> keys_that_signed(const Envelope& envelope, const std::vector<PublicKey>& keys) {
    return check_signatures(envelope, keys).signed_by;
}

} // namespace manifests
