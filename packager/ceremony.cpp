#include "packager/ceremony.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "manifests/base64.hpp"
#include "manifests/component.hpp"
#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/predicates.hpp"
#include "manifests/statement.hpp"
#include "manifests/text.hpp"
#include "packager/pkcs11_key.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/trust.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::PublicKey;
using manifests::ReleaseStatement;
using manifests::SigningMessage;
using manifests::Statement;
using runtime::Bundle;

constexpr std::size_t key_id_digits = 64;
constexpr std::uint64_t most_signature_file_bytes = 4096; // a signature has 64 to 72 bytes

// --- prepare

void make_folder(const std::string& folder) {
    std::error_code problem;
    std::filesystem::create_directory(folder, problem);
    if (problem) throw Error(Fault::io, in_quotes(folder) + " cannot be made: " + problem.message());
    const bool empty = std::filesystem::is_empty(folder, problem);
    if (problem || !empty)
        throw Error(Fault::usage, in_quotes(folder) + " is there and not an empty folder")
            .hint("name a new folder for each ceremony: what is left of an old one must not be signed");
}

std::string summary_of(const std::vector<PreparedMessage>& messages, const std::vector<PublicKey>& keys) {
    std::string text =
        "To be signed, as read from the prepared files. Compare it, and the digest of the bytes, with\n"
        "what the machine shows that signs: sealift sign show KEYID.pae, or sha256sum KEYID.pae\n";
    std::set<std::string> shown;
    for (const PreparedMessage& message : messages) {
        if (shown.insert(message.summary.message.text()).second) text += "\n" + message.summary.text();
    }
    text += "\nKeys, and their fingerprints for reading aloud\n";
    for (const PublicKey& key : keys)
        text += key.key_id() + "\n    " + key.fingerprint() + "\n";
    text += "\nSHA256SUMS\n";
    for (const PreparedMessage& message : messages)
        text += message.summary.message.hex() + "  " +
                std::filesystem::path(message.path).filename().string() + "\n";
    return text;
}

PreparedMessage write_message(const std::string& path, const std::string& key_id, const Claim& claim) {
    runtime::write_file_whole(path,
                              manifests::pre_authentication_encoding(claim.payload_type, claim.payload));
    // What people will sign is what is in the file, so that is what they are told about.
    const std::string bytes = runtime::read_small_file(path, manifests::Envelope::most_bytes);
    return {path, key_id, PayloadSummary::of(bytes)};
}

void refuse_twice(const std::vector<PublicKey>& keys) {
    std::set<std::string> seen;
    for (const PublicKey& key : keys) {
        if (!seen.insert(key.key_id()).second)
            throw Error(Fault::usage, "the key " + key.key_id() + " is given twice");
    }
}

// --- attach

// "KEYID.sig", "KEYID-2.sig": the name without its ending.
std::string stem_of(const std::string& path) {
    const std::filesystem::path name = std::filesystem::path(path).filename();
    const std::string stem = name.stem().string();
    const std::string id = stem.substr(0, key_id_digits);
    const std::string rest = stem.substr(id.size());
    const bool is_id =
        id.size() == key_id_digits && id.find_first_not_of("0123456789abcdef") == std::string::npos;
    const bool is_number = rest.empty() || (rest.size() > 1 && rest.size() < 5 && rest[0] == '-' &&
                                            rest.find_first_not_of("0123456789", 1) == std::string::npos);
    if (name.extension() != ".sig" || !is_id || !is_number)
        throw Error(Fault::usage, in_quotes(path) + " is not named after a key")
            .hint("name the signature like the bytes it is over: KEYID.pae gives KEYID.sig");
    return stem;
}

PublicKey key_named(const std::string& key_id, const std::string& folder,
                    const std::vector<PublicKey>& keys) {
    for (const PublicKey& key : keys) {
        if (key.key_id() == key_id) return key;
    }
    const std::string path = folder + key_id + ".pub";
    if (!keys.empty() || !std::filesystem::exists(path))
        throw Error(Fault::missing, "key " + key_id + " was not asked to sign")
            .hint("sign prepare names the keys that are asked; --key names those whose signatures are taken");
    const PublicKey key = runtime::load_keys({path}).front();
    if (key.key_id() != key_id)
        throw Error(Fault::refused, Code::trust_key,
                    in_quotes(path) + " holds another key than its name says: " + key.key_id());
    return key;
}

// The file's bytes in every reading that they allow. Which one is meant need not be guessed: only a good
// signature verifies.
std::vector<std::string> readings_of(const std::string& bytes) {
    std::vector<std::string> readings{bytes};
    std::string text = bytes;
    text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }),
               text.end());
    try {
        readings.push_back(manifests::from_either_base64(text));
    } catch (const Error&) { // then it is not base64
    }
    constexpr std::size_t r_and_s_bytes = 64; // as PKCS#11 gives ECDSA
    for (std::size_t i = 0, count = readings.size(); i < count; ++i) {
        if (readings[i].size() == r_and_s_bytes) readings.push_back(ecdsa_der(readings[i]));
    }
    return readings;
}

std::optional<std::string> good_reading(const std::vector<std::string>& readings, const PublicKey& key,
                                        const std::string& message) {
    for (const std::string& reading : readings) {
        if (key.verifies(message, reading)) return reading;
    }
    return std::nullopt;
}

// Whose it is instead, if that can be told: two files were swapped.
std::string instead(const std::vector<std::string>& readings, const std::string& folder,
                    const std::string& message, const std::vector<PublicKey>& keys) {
    std::vector<PublicKey> candidates = keys;
    if (candidates.empty()) {
        for (const auto& entry : std::filesystem::directory_iterator(folder.empty() ? "." : folder)) {
            if (entry.path().extension() == ".pub")
                candidates.push_back(runtime::load_keys({entry.path().string()}).front());
        }
    }
    for (const PublicKey& key : candidates) {
        if (good_reading(readings, key, message)) return "; it is by key " + key.key_id();
    }
    return "";
}

std::optional<std::string> carried_release(const Bundle& bundle) {
    for (const std::string& bytes : bundle.carried().envelopes) {
        const auto envelope = manifests::Envelope::parse(bytes);
        if (envelope.payload_type != manifests::media::in_toto_payload) continue;
        const Statement statement = Statement::parse(envelope.payload);
        if (statement.predicate_type == manifests::predicate::release &&
            statement.find(bundle.digest()) != nullptr)
            return envelope.payload;
    }
    return std::nullopt;
}

// The release that this bundle would be given on the terms of `found`. When it is issued the bundle does not
// say.
bool is_release_of(const Bundle& bundle, const std::string& payload, const Statement& statement) {
    const auto found = ReleaseStatement::from(statement);
    const std::vector<Claim> wanted = claims(bundle, ReleaseClaim{found.terms, found.bundle_sm3.has_value()});
    if (wanted.front().payload == payload) return true;
    if (carried_release(bundle)) return false;
    auto ours = ReleaseStatement::parse(wanted.front().payload);
    ours.issued = found.issued;
    return ours.encode() == payload;
}

bool has(const std::vector<Claim>& list, const std::string& payload) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Claim& claim) { return claim.payload == payload; });
}

bool is_claim_of(const Bundle& bundle, const std::string& payload) {
    namespace predicate = manifests::predicate;
    const Statement statement = Statement::parse(payload);
    if (statement.predicate_type == predicate::release) return is_release_of(bundle, payload, statement);
    if (statement.predicate_type == predicate::component)
        return has(claims(bundle, ComponentClaim{manifests::ComponentStatement::from(statement).role}),
                   payload);
    if (statement.predicate_type == predicate::release_set)
        return has(claims(bundle, manifests::ReleaseSet::from(statement)), payload);
    return statement.find(bundle.digest()) != nullptr;
}

std::vector<std::string> with_signatures(std::vector<std::string> envelopes,
                                         const std::vector<ReturnedSignature>& returned) {
    std::set<std::string> seen;
    for (const ReturnedSignature& one : returned) {
        if (!seen.insert(one.key.key_id() + one.claim.payload).second)
            throw Error(Fault::usage,
                        in_quotes(one.path) + ": key " + one.key.key_id() +
                            " has signed this statement already in another file that was given");
        join(envelopes, one.claim, one.key, one.signature);
    }
    return envelopes;
}

} // namespace

std::vector<PreparedMessage> prepare_signing(const std::vector<Claim>& claims,
                                             const std::vector<PublicKey>& keys, const std::string& folder) {
    refuse_twice(keys);
    make_folder(folder);
    const std::string front = folder + "/";
    std::vector<PreparedMessage> messages;
    for (const PublicKey& key : keys) {
        const std::string key_id = key.key_id();
        runtime::write_file_whole(front + key_id + ".pub", key.pem());
        for (std::size_t i = 0; i < claims.size(); ++i) {
            const std::string number = i == 0 ? "" : "-" + std::to_string(i + 1);
            messages.push_back(write_message(front + key_id + number + ".pae", key_id, claims[i]));
        }
    }
    runtime::write_file_whole(front + "summary.txt", summary_of(messages, keys));
    return messages;
}

ReturnedSignature read_returned(const std::string& path, const std::string& prepared,
                                const std::vector<PublicKey>& keys) {
    const std::string stem = stem_of(path);
    const std::filesystem::path folder_path =
        prepared.empty() ? std::filesystem::path(path).parent_path() : std::filesystem::path(prepared);
    const std::string folder = folder_path.empty() ? "" : folder_path.string() + "/";
    const PublicKey key = key_named(stem.substr(0, key_id_digits), folder, keys);
    const std::string message =
        runtime::read_small_file(folder + stem + ".pae", manifests::Envelope::most_bytes);
    SigningMessage parsed = SigningMessage::parse(message);
    const std::vector<std::string> readings =
        readings_of(runtime::read_small_file(path, most_signature_file_bytes));
    const std::optional<std::string> signature = good_reading(readings, key, message);
    if (!signature)
        throw Error(Fault::refused, Code::trust_signature,
                    in_quotes(path) + " is not a signature by its key over " +
                        in_quotes(folder + stem + ".pae") + instead(readings, folder, message, keys))
            .hint(
                "nothing was changed; sign exactly the bytes of the .pae file, and do not rename signatures");
    return {path, {std::move(parsed.payload_type), std::move(parsed.payload)}, key, *signature};
}

void demand_claim_of(const Bundle& bundle, const Claim& claim) {
    if (claim.payload_type != manifests::media::in_toto_payload)
        throw Error(Fault::refused, Code::trust_statement,
                    "bytes of type " + in_quotes(claim.payload_type) + " are no statement about a bundle");
    if (!is_claim_of(bundle, claim.payload))
        throw Error(Fault::refused, Code::trust_statement,
                    "the statement that was signed is not one that is made about this bundle, " +
                        bundle.digest().text())
            .hint("the bundle or the prepared bytes have changed since: prepare again");
}

void demand_claim_of(const PolicyAtHand& policy, const Claim& claim) {
    if (claim.payload_type == policy.claim.payload_type && claim.payload == policy.claim.payload) return;
    throw Error(Fault::refused, Code::trust_policy, "what was signed is another trust policy, or none")
        .hint("the policy or the prepared bytes have changed since: prepare again");
}

std::vector<std::string> attach(const Bundle& bundle, const std::vector<ReturnedSignature>& returned) {
    for (const ReturnedSignature& one : returned)
        demand_claim_of(bundle, one.claim);
    return with_signatures(bundle.carried().envelopes, returned);
}

std::vector<std::string> attach(const PolicyAtHand& policy, const std::vector<ReturnedSignature>& returned) {
    for (const ReturnedSignature& one : returned)
        demand_claim_of(policy, one.claim);
    return with_signatures(policy.envelopes, returned);
}

} // namespace packager
