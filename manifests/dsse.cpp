#include "manifests/dsse.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <nlohmann/json.hpp>

#include "manifests/base64.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"

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

[[noreturn]] void refuse_encoding(const std::string& text) {
    throw Error(Fault::damaged, Code::trust_envelope, "bytes to be signed (DSSE PAE): " + text);
}

// Front to back; whatever is not there is said with the place where it should be.
class EncodingReader {
public:
    explicit EncodingReader(std::string_view text) : text_(text) {
        if (text.size() > Envelope::most_bytes)
            refuse_encoding(std::to_string(text.size()) + " bytes, at most " +
                            std::to_string(Envelope::most_bytes) + " are allowed");
        take("DSSEv1 ");
    }

    void take(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) != wanted)
            refuse_encoding("no " + in_quotes(wanted) + " at byte " + std::to_string(at_));
        at_ += wanted.size();
    }

    // A length, a space and as many bytes.
    std::string counted(std::string_view what) {
        const std::size_t length_bytes = length();
        if (length_bytes > text_.size() - at_)
            refuse_encoding("the " + std::string(what) + " shall have " + std::to_string(length_bytes) +
                            " bytes, but " + std::to_string(text_.size() - at_) + " follow");
        const std::string_view bytes = text_.substr(at_, length_bytes);
        at_ += length_bytes;
        return std::string(bytes);
    }

    void end() const {
        if (at_ != text_.size())
            refuse_encoding(std::to_string(text_.size() - at_) + " bytes stand behind the payload");
    }

private:
    std::size_t length() {
        constexpr std::size_t most_digits = 7; // of Envelope::most_bytes
        std::size_t digits = 0;
        std::size_t value = 0;
        while (digits <= most_digits && at_ + digits < text_.size() && text_[at_ + digits] >= '0' &&
               text_[at_ + digits] <= '9') {
            value = 10 * value + static_cast<std::size_t>(text_[at_ + digits] - '0');
            ++digits;
        }
        if (digits == 0 || digits > most_digits || (digits > 1 && text_[at_] == '0'))
            refuse_encoding("no plain decimal length at byte " + std::to_string(at_));
        at_ += digits;
        take(" ");
        return value;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

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

SigningMessage SigningMessage::parse(std::string_view encoding) {
    EncodingReader reader(encoding);
    SigningMessage message;
    message.payload_type = reader.counted("payload type");
    if (message.payload_type.empty()) refuse_encoding("the payload type is empty");
    reader.take(" ");
    message.payload = reader.counted("payload");
    reader.end();
    return message;
}

SignatureVerdict check_signatures(const Envelope& envelope, const std::vector<PublicKey>& keys) {
    const std::string message = pre_authentication_encoding(envelope.payload_type, envelope.payload);
    std::vector<std::string> ids; // one to one with the keys' bytes
    for (const PublicKey& key : keys)
        ids.push_back(key.key_id());
    std::set<std::string> good;
    std::set<std::string> bad;
    for (const EnvelopeSignature& signature : envelope.signatures) {
        // The key id says where to begin, and no more: a signature is by one key, whichever it names.
        const auto named =
            static_cast<std::size_t>(std::find(ids.begin(), ids.end(), signature.key_id) - ids.begin());
        const auto is_by = [&](std::size_t key) { return keys[key].verifies(message, signature.signature); };
        if (named < keys.size() && is_by(named)) {
            good.insert(ids[named]);
            continue;
        }
        if (named < keys.size()) bad.insert(ids[named]);
        for (std::size_t key = 0; key < keys.size(); ++key) {
            if (key == named || !is_by(key)) continue;
            good.insert(ids[key]);
            break;
        }
    }
    SignatureVerdict verdict;
    verdict.signed_by.assign(good.begin(), good.end());
    std::set_difference(bad.begin(), bad.end(), good.begin(), good.end(),
                        std::back_inserter(verdict.bad_signature));
    return verdict;
}

std::size_t checks_of(const Envelope& envelope, std::size_t keys) {
    constexpr std::size_t usual_payload_bytes = std::size_t{16} * 1024;
    return envelope.signatures.size() * keys * (1 + envelope.payload.size() / usual_payload_bytes);
}

std::vector<std::string> keys_that_signed(const Envelope& envelope, const std::vector<PublicKey>& keys) {
    return check_signatures(envelope, keys).signed_by;
}

} // namespace manifests
