#include "manifests/dsse.hpp"

#include <catch2/catch.hpp>

#include "manifests/base64.hpp"
#include "manifests/error.hpp"
#include "tests/manifests/signer.hpp"
#include "tests/support/faults.hpp"

using manifests::check_signatures;
using manifests::Code;
using manifests::Envelope;
using manifests::Error;
using manifests::Fault;
using manifests::keys_that_signed;
using manifests::pre_authentication_encoding;
using manifests::PublicKey;
using manifests::SignatureVerdict;
using manifests::SigningMessage;
using tests::faults_with;
using tests::Signer;

namespace {

const std::string type = "application/vnd.in-toto+json";
const std::string payload = R"({"a":"\u00fc>>>???"})";

std::string good_signature(const Signer& signer) {
    return signer.sign(pre_authentication_encoding(type, payload));
}

Envelope envelope_of(std::vector<manifests::EnvelopeSignature> signatures) {
    return {type, payload, std::move(signatures)};
}

std::string json_of(const std::string& signatures) {
    return R"({"payload":"aGVsbG8=","payloadType":"t","signatures":[)" + signatures + "]}";
}

} // namespace

TEST_CASE("the pre-authentication encoding is that of the DSSE protocol", "[manifests][dsse]") {
    CHECK(pre_authentication_encoding("http://example.com/HelloWorld", "hello world") ==
          "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    CHECK(pre_authentication_encoding("", "") == "DSSEv1 0  0 ");
    CHECK(pre_authentication_encoding("\u00e9", "\u20ac") ==
          "DSSEv1 2 \u00e9 3 \u20ac"); // bytes, not characters
}

TEST_CASE("the pre-authentication encoding is read back, byte for byte", "[manifests][dsse]") {
    for (const std::string body : {"", "hello world", "\u20ac", "12 x", "{\"a\":1}\n"}) {
        const std::string text = pre_authentication_encoding(type, body);
        const SigningMessage message = SigningMessage::parse(text);
        CHECK(message.payload_type == type);
        CHECK(message.payload == body);
        CHECK(message.encode() == text);
    }
    const std::string zeros(300, '\0');
    CHECK(SigningMessage::parse(pre_authentication_encoding("t", zeros)).payload == zeros);
}

TEST_CASE("what is not exactly a pre-authentication encoding is refused", "[manifests][dsse]") {
    const std::vector<std::pair<std::string, std::string>> refused{
        {"nothing", ""},
        {"an envelope", R"({"payload":"","payloadType":"t","signatures":[]})"},
        {"the payload alone", "{}"},
        {"another version", "DSSEv2 1 t 1 x"},
        {"capitals, as the OMS reference once wrote", "DSSEV1 1 t 1 x"},
        {"a space in front", " DSSEv1 1 t 1 x"},
        {"a byte order mark", "\xef\xbb\xbf"
                              "DSSEv1 1 t 1 x"},
        {"two spaces", "DSSEv1  1 t 1 x"},
        {"a tab", "DSSEv1\t1 t 1 x"},
        {"cut behind the version", "DSSEv1"},
        {"cut behind the type", "DSSEv1 1 t"},
        {"cut behind the second length", "DSSEv1 1 t 1"},
        {"cut before the payload", "DSSEv1 1 t 1 "},
        {"one byte short", "DSSEv1 1 t 2 x"},
        {"a byte behind the end", "DSSEv1 1 t 1 xy"},
        {"a line feed behind the end", "DSSEv1 1 t 1 x\n"},
        {"a second encoding behind it", "DSSEv1 1 t 1 xDSSEv1 1 t 1 x"},
        {"type length with a zero in front", "DSSEv1 01 t 1 x"},
        {"payload length with a zero in front", "DSSEv1 1 t 01 x"},
        {"length in hex", "DSSEv1 0x1 t 1 x"},
        {"length with a sign", "DSSEv1 +1 t 1 x"},
        {"negative length", "DSSEv1 -1 t 1 x"},
        {"no length", "DSSEv1  t 1 x"},
        {"length as bytes, as DSSE 0.x had it", std::string("DSSEv1 \1\0\0\0\0\0\0\0 t", 17)},
        {"type longer than said", "DSSEv1 1 tt 1 x"},
        {"type shorter than said", "DSSEv1 3 t 1 x"},
        {"no type", "DSSEv1 0  1 x"},
        {"length near 2^64", "DSSEv1 1 t 18446744073709551615 x"},
        {"length over 2^64", "DSSEv1 1 t 18446744073709551617 x"},
        {"a long row of digits", "DSSEv1 " + std::string(1000, '1')},
        {"over 1 MiB", pre_authentication_encoding("t", std::string(Envelope::most_bytes, 'x'))},
    };
    for (const auto& [reason, text] : refused) {
        CAPTURE(reason);
        REQUIRE_THROWS_MATCHES(SigningMessage::parse(text), Error,
                               faults_with(Fault::damaged, Code::trust_envelope));
    }
}

TEST_CASE("an envelope is written compactly, its signatures in order of key id", "[manifests][dsse]") {
    const Envelope envelope{"t", "hello", {{"bb", "2"}, {"aa", "1"}, {"bb", "1"}}};
    const std::string text =
        R"({"payload":"aGVsbG8=","payloadType":"t","signatures":[{"keyid":"aa","sig":"MQ=="},)"
        R"({"keyid":"bb","sig":"MQ=="},{"keyid":"bb","sig":"Mg=="}]})";
    CHECK(envelope.encode() == text);
    CHECK(Envelope::parse(text).encode() == text);
}

TEST_CASE("an envelope of another writer is read", "[manifests][dsse]") {
    const Envelope envelope = Envelope::parse(
        R"({ "signatures": [{"sig": "-_-_", "cert": {"x": 1.5}}], "payloadType": "t", "x": [], "payload": "" })");
    CHECK(envelope.payload_type == "t");
    CHECK(envelope.payload.empty());
    REQUIRE(envelope.signatures.size() == 1);
    CHECK(envelope.signatures[0].key_id.empty());
    CHECK(envelope.signatures[0].signature == "\xfb\xff\xbf");
    CHECK(Envelope::parse(json_of(R"({"sig":"+/+/"})")).signatures[0].signature == "\xfb\xff\xbf");
}

TEST_CASE("an envelope that breaks a rule is refused", "[manifests][dsse]") {
    const std::string one = R"({"keyid":"k","sig":"MQ=="})";
    std::string too_many = one;
    for (int i = 0; i < 64; ++i)
        too_many += "," + one;
    const std::string large = std::string(Envelope::most_bytes, ' ');
    const std::vector<std::pair<std::string, std::string>> refused{
        {"nothing", ""},
        {"not an object", "[]"},
        {"no signatures member", R"({"payload":"","payloadType":"t"})"},
        {"no signature", json_of("")},
        {"65 signatures", json_of(too_many)},
        {"over 1 MiB", json_of(one) + large},
        {"signature is text", json_of("\"MQ==\"")},
        {"no sig", json_of(R"({"keyid":"k"})")},
        {"empty sig", json_of(R"({"sig":""})")},
        {"sig is a number", json_of(R"({"sig":1})")},
        {"keyid is a number", json_of(R"({"keyid":1,"sig":"MQ=="})")},
        {"sig without padding", json_of(R"({"sig":"MQ"})")},
        {"sig with half its padding", json_of(R"({"sig":"MQ="})")},
        {"sig with junk", json_of(R"({"sig":"M Q=="})")},
        {"sig with a line feed", json_of(R"({"sig":"MQ==\n"})")},
        {"sig with bits behind its end", json_of(R"({"sig":"MR=="})")},
        {"sig of both alphabets", json_of(R"({"sig":"-/-/"})")},
        {"sig given twice", json_of(R"({"sig":"MQ==","sig":"MQ=="})")},
        {"payload given twice",
         R"({"payload":"","payload":"","payloadType":"t","signatures":[)" + one + "]}"},
        {"no payload", R"({"payloadType":"t","signatures":[)" + one + "]}"},
        {"payload is no base64", R"({"payload":"{}","payloadType":"t","signatures":[)" + one + "]}"},
        {"payload is null", R"({"payload":null,"payloadType":"t","signatures":[)" + one + "]}"},
        {"no payloadType", R"({"payload":"","signatures":[)" + one + "]}"},
        {"empty payloadType", R"({"payload":"","payloadType":"","signatures":[)" + one + "]}"},
        {"names in another case", R"({"Payload":"","payloadType":"t","signatures":[)" + one + "]}"},
        {"two documents", json_of(one) + json_of(one)},
        {"a byte order mark", "\xef\xbb\xbf" + json_of(one)},
        {"NUL in a name", R"({"payload":"","payloadType":"t\u0000","signatures":[)" + one + "]}"},
        {"deep nesting", R"({"payload":"","payloadType":"t","x":)" + std::string(20'000, '[')},
    };
    for (const auto& [reason, text] : refused) {
        CAPTURE(reason);
        REQUIRE_THROWS_MATCHES(Envelope::parse(text), Error,
                               faults_with(Fault::damaged, Code::trust_envelope));
    }
    too_many.erase(0, one.size() + 1); // one fewer
    CHECK(Envelope::parse(json_of(too_many)).signatures.size() == 64);
}

TEST_CASE("keys with a good signature are named once each", "[manifests][dsse]") {
    const Signer first(1);
    const Signer second(2);
    const std::vector<PublicKey> keys{first.key(), second.key(), first.key()};
    const std::string first_id = first.key().key_id();
    const std::string second_id = second.key().key_id();

    CHECK(keys_that_signed(envelope_of({{first_id, good_signature(first)}}), keys) ==
          std::vector<std::string>{first_id});
    const auto both =
        keys_that_signed(envelope_of({{"", good_signature(first)}, {"", good_signature(second)}}), keys);
    CHECK(both.size() == 2);
    CHECK(std::is_sorted(both.begin(), both.end()));
    CHECK(keys_that_signed(envelope_of({{first_id, good_signature(first)}}), {second.key()}).empty());
    CHECK(keys_that_signed(envelope_of({{first_id, good_signature(first)}}), {}).empty());
}

TEST_CASE("one key under two key ids counts once", "[manifests][dsse]") {
    const Signer signer(1);
    const auto envelope = envelope_of({{"alice", good_signature(signer)},
                                       {"bob", good_signature(signer)},
                                       {signer.key().key_id(), good_signature(signer)}});
    CHECK(keys_that_signed(envelope, {signer.key()}) == std::vector<std::string>{signer.key().key_id()});
}

TEST_CASE("a key id decides nothing", "[manifests][dsse]") {
    const Signer first(1);
    const Signer second(2);
    const auto envelope = envelope_of({{second.key().key_id(), good_signature(first)}});
    const SignatureVerdict verdict = check_signatures(envelope, {first.key(), second.key()});
    CHECK(verdict.signed_by == std::vector<std::string>{first.key().key_id()});
    CHECK(verdict.bad_signature == std::vector<std::string>{second.key().key_id()});
}

TEST_CASE("a bad signature does not hide a good one behind it", "[manifests][dsse]") {
    const Signer signer(1);
    const std::string key_id = signer.key().key_id();
    const auto envelope = envelope_of(
        {{key_id, std::string(64, 'x')}, {key_id, std::string(63, 'x')}, {key_id, good_signature(signer)}});
    const SignatureVerdict verdict = check_signatures(envelope, {signer.key()});
    CHECK(verdict.signed_by == std::vector<std::string>{key_id});
    CHECK(verdict.bad_signature.empty());
}

TEST_CASE("a signature that names a given key and is bad is told from one by a stranger",
          "[manifests][dsse]") {
    const Signer signer(1);
    const std::string key_id = signer.key().key_id();
    const std::string good = good_signature(signer);
    std::string flipped = good;
    flipped[0] = static_cast<char>(flipped[0] ^ 1);
    const std::vector<std::pair<std::string, std::string>> bad{
        {"one bit", flipped},
        {"63 bytes", good.substr(0, 63)},
        {"65 bytes", good + "x"},
        {"over the payload alone", signer.sign(payload)},
        {"over another type", signer.sign(pre_authentication_encoding("application/json", payload))},
        {"over an upper-case DSSEV1",
         signer.sign("DSSEV1" + pre_authentication_encoding(type, payload).substr(6))},
    };
    for (const auto& [reason, signature] : bad) {
        CAPTURE(reason);
        const SignatureVerdict named = check_signatures(envelope_of({{key_id, signature}}), {signer.key()});
        CHECK(named.signed_by.empty());
        CHECK(named.bad_signature == std::vector<std::string>{key_id});
        const SignatureVerdict stranger = check_signatures(envelope_of({{"k", signature}}), {signer.key()});
        CHECK(stranger.signed_by.empty());
        CHECK(stranger.bad_signature.empty());
    }
}

TEST_CASE("a changed payload or type leaves no good signature", "[manifests][dsse]") {
    const Signer signer(1);
    auto envelope = envelope_of({{"", good_signature(signer)}});
    REQUIRE(keys_that_signed(envelope, {signer.key()}).size() == 1);
    auto other_payload = envelope;
    other_payload.payload += " ";
    CHECK(keys_that_signed(other_payload, {signer.key()}).empty());
    auto other_type = envelope;
    other_type.payload_type = "application/json";
    CHECK(keys_that_signed(other_type, {signer.key()}).empty());
}
