#include "manifests/public_key.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/text.hpp"
#include "tests/manifests/signer.hpp"
#include "tests/support/faults.hpp"

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::from_hex;
using manifests::PublicKey;
using tests::faults_with;
using tests::Signer;

namespace {

// Written by openssl 3.0.22: genpkey -algorithm ed25519, pkey -pubout; the key id by sha256sum over the DER.
const std::string openssl_pem = "-----BEGIN PUBLIC KEY-----\n"
                                "MCowBQYDK2VwAyEAHPe/4T1RvRO2qDLywEIXsNrIOISx1M7CXzWTfJBi01E=\n"
                                "-----END PUBLIC KEY-----\n";
const std::string openssl_key_id = "d7bd6b4d60be9b9a5ca573516393f8da410b73069f9c217d145e5e1515f95586";
const std::string p384_pem = "-----BEGIN PUBLIC KEY-----\n"
                             "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEA4mpUagKurlMIcB7Hw7r0CYwTgmujsdh\n"
                             "d1nsC0WSJvokm+qOyyzYR+v6BGSgdHhpyeqFXqnK44XrokdtngMY+sWWh6ed4aYR\n"
                             "FxQlKmlQji4dLw4Bgg0++HlrTQ46eIpd\n"
                             "-----END PUBLIC KEY-----\n";
// The same P-256 key twice: with its curve spelled out, and with its point compressed.
const std::string explicit_pem = "-----BEGIN PUBLIC KEY-----\n"
                                 "MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA\n"
                                 "AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////\n"
                                 "///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd\n"
                                 "NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5\n"
                                 "RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA\n"
                                 "//////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABIg43GDEEhxD6E6LyZTL52D4\n"
                                 "rSRzCVlq0uIl64Xm4l0jkB4dKu2fglF3RlVa8xRFq3c/5+RqxnXF86JIccPGTyI=\n"
                                 "-----END PUBLIC KEY-----\n";
const std::string compressed_pem = "-----BEGIN PUBLIC KEY-----\n"
                                   "MDkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDIgACiDjcYMQSHEPoTovJlMvnYPitJHMJ\n"
                                   "WWrS4iXrhebiXSM=\n"
                                   "-----END PUBLIC KEY-----\n";
const std::string rsa_pem = "-----BEGIN PUBLIC KEY-----\n"
                            "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlCHJd6SEQ65uyrN582PI\n"
                            "WDt8vr2gs+gVSeCWL0NsDZ0DzQ1GYEpisBXVAonuTJdl3u/tOCd/JrzGM5HoQapH\n"
                            "FHAxeOZkzLxDc585gIJKcsz+Rp4Xufwf66FRDCBFK0cDXbkvmcLwn7osM988GyzB\n"
                            "bl1ngdmL5veBezBGFZNoHBDvuoJ/gBMe35uHqbPjM055hd/IPJZLltFuRlTHu5hM\n"
                            "C2VdMziZMeHafZKRjDQ6HcP00ReAabks6cHNIzDPsLcAta920pISYJUJwHhM/mau\n"
                            "cv7+D7nbYE3KLpk2Mat19FBfH5iorY5FfqlLkPpfq/HFB593t2DjxzTQBpmEwTU7\n"
                            "wQIDAQAB\n"
                            "-----END PUBLIC KEY-----\n";

std::string pem_of(const std::string& der) {
    return manifests::write_pem(der, "PUBLIC KEY");
}

std::string message_of(const std::string& pem) {
    try {
        PublicKey::parse_pem(pem);
    } catch (const Error& error) {
        return std::string(error.what()) + " | " + error.hint();
    }
    return "accepted";
}

// S + L in place of S: the same equation, other bytes.
std::string plus_group_order(std::string signature) {
    const std::string order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    unsigned carry = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
        char& byte = signature[32 + i];
        carry +=
            static_cast<unsigned char>(byte) + static_cast<unsigned>(static_cast<unsigned char>(order[i]));
        byte = static_cast<char>(carry & 0xff);
        carry >>= 8;
    }
    return signature;
}

} // namespace

TEST_CASE("a public key of openssl is read and written back byte for byte", "[manifests][public_key]") {
    const PublicKey key = PublicKey::parse_pem(openssl_pem);
    CHECK(key.pem() == openssl_pem);
    CHECK(key.key_id() == openssl_key_id);
    CHECK(PublicKey::from_spki(key.spki()) == key);
    CHECK(key.spki().size() == 44);
}

TEST_CASE("a fingerprint is the key id in eight groups of eight", "[manifests][public_key]") {
    const PublicKey key = PublicKey::parse_pem(openssl_pem);
    std::string joined;
    std::size_t spaces = 0;
    for (const char c : key.fingerprint()) {
        if (c == ' ') ++spaces;
        if (c != ' ') joined += c;
    }
    CHECK(spaces == 7);
    CHECK(joined == key.key_id());
    CHECK(key.fingerprint().substr(0, 9) == key.key_id().substr(0, 8) + " ");
}

TEST_CASE("white space around the block and CR LF are tolerated", "[manifests][public_key]") {
    std::string windows;
    for (const char c : openssl_pem)
        windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const std::string no_last_line_feed = openssl_pem.substr(0, openssl_pem.size() - 1);
    for (const std::string& text : {"\n \t" + openssl_pem + "\n\n", windows, no_last_line_feed}) {
        CAPTURE(text);
        CHECK(PublicKey::parse_pem(text).pem() == openssl_pem);
    }
}

TEST_CASE("signatures of RFC 8032 verify", "[manifests][public_key]") {
    const auto [key, message, signature] = GENERATE(table<std::string, std::string, std::string>({
        {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
         "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25"
         "bf5"
         "f0595bbe24655141438e7a100b"},
        {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
         "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387"
         "b2e"
         "aeb4302aeeb00d291612bb0c00"},
        {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
         "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7"
         "c15"
         "e9716ed28dc027beceea1ec40a"},
    }));
    const PublicKey public_key = PublicKey::from_raw(from_hex(key));
    CHECK(public_key.verifies(from_hex(message), from_hex(signature)));
    CHECK_FALSE(public_key.verifies(from_hex(message) + "x", from_hex(signature)));
}

TEST_CASE("signatures that are not exactly the signature do not verify", "[manifests][public_key]") {
    const Signer signer(1);
    const PublicKey key = signer.key();
    const std::string good = signer.sign("the message");
    REQUIRE(key.verifies("the message", good));
    std::string flipped = good;
    flipped[40] = static_cast<char>(flipped[40] ^ 1);
    const std::string small_order_r = std::string(1, '\1') + std::string(31, '\0') + good.substr(32);
    CHECK_FALSE(key.verifies("the message", flipped));
    CHECK_FALSE(key.verifies("the messagE", good));
    CHECK_FALSE(key.verifies("the message", good.substr(0, 63)));
    CHECK_FALSE(key.verifies("the message", good + '\0'));
    CHECK_FALSE(key.verifies("the message", ""));
    CHECK_FALSE(key.verifies("the message", plus_group_order(good)));
    CHECK_FALSE(key.verifies("the message", small_order_r));
    CHECK_FALSE(key.verifies("the message", std::string(64, '\0')));
    CHECK_FALSE(Signer(2).key().verifies("the message", good));
}

TEST_CASE("S outside of 0..L-1, and S that is nothing, is refused", "[manifests][public_key]") {
    const Signer signer(1);
    const std::string good = signer.sign("m");
    const std::string r = good.substr(0, 32);
    const std::string s = good.substr(32);
    const auto with_top_bits = [&](unsigned bits) {
        std::string changed = s;
        changed.back() = static_cast<char>(static_cast<unsigned char>(changed.back()) | bits);
        return changed;
    };
    const std::string order = from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    std::string below = order;
    below[0] = '\xec';
    const auto [reason, wrong] = GENERATE_COPY(table<std::string, std::string>({
        {"S = 0", std::string(32, '\0')},
        {"S = 1", '\1' + std::string(31, '\0')},
        {"S = L", order},
        {"S = L - 1", below},
        {"S + L", plus_group_order(good).substr(32)},
        {"S + 2 L", plus_group_order(plus_group_order(good)).substr(32)},
        {"S + 3 L", plus_group_order(plus_group_order(plus_group_order(good))).substr(32)},
        {"the highest bit", with_top_bits(0x80)},
        {"the second bit", with_top_bits(0x40)},
        {"the third bit", with_top_bits(0x20)},
        {"all of them", with_top_bits(0xe0)},
        {"ones", std::string(32, '\xff')},
    }));
    CAPTURE(reason);
    REQUIRE(signer.key().verifies("m", r + s));
    CHECK_FALSE(signer.key().verifies("m", r + wrong));
    CHECK_FALSE(signer.key().verifies("m", wrong + s));
    CHECK_FALSE(signer.key().verifies("m", wrong + wrong));
    CHECK_FALSE(signer.key().verifies("m", s + r));
}

TEST_CASE("a signature of any other length is refused", "[manifests][public_key]") {
    const Signer signer(1);
    const std::string good = signer.sign("m");
    for (std::size_t size = 0; size <= 130; ++size) {
        if (size == good.size()) continue;
        CAPTURE(size);
        CHECK_FALSE(signer.key().verifies("m", (good + good + good).substr(0, size)));
    }
}

TEST_CASE("a sign of R that is another point's, or no point's, is refused", "[manifests][public_key]") {
    const Signer signer(1);
    std::string other_sign = signer.sign("m");
    other_sign[31] = static_cast<char>(static_cast<unsigned char>(other_sign[31]) ^ 0x80U);
    CHECK_FALSE(signer.key().verifies("m", other_sign));
    const std::string good = signer.sign("m");
    for (const char* point :
         {"0200000000000000000000000000000000000000000000000000000000000000",    // on no curve
          "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",    // p + 3
          "0100000000000000000000000000000000000000000000000000000000000080"}) { // -0
        CAPTURE(point);
        CHECK_FALSE(signer.key().verifies("m", from_hex(point) + good.substr(32)));
    }
}

TEST_CASE("the owner of a key cannot make a signature that only a lax verifier takes",
          "[manifests][public_key]") {
    // Each R is one that libcrypto, or a verifier with the cofactored equation, lets pass with S = r + k a.
    const Signer signer(5);
    const auto [reason, r_scalar, torsion] = GENERATE(table<std::string, unsigned char, std::string>({
        {"R of order 1", 0, "0100000000000000000000000000000000000000000000000000000000000000"},
        {"R of order 1, as p + 1", 0, "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"R of order 2", 0, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"R of order 4", 0, "0000000000000000000000000000000000000000000000000000000000000000"},
        {"R of order 4, as p", 0, "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"R of order 8", 0, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
        {"R with order 2 mixed in", 9, "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"R with order 8 mixed in", 9, "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
    }));
    CAPTURE(reason);
    CHECK_FALSE(signer.key().verifies("m", signer.sign_with("m", r_scalar, from_hex(torsion))));
    // The same way of signing is right where nothing is mixed in.
    CHECK(signer.key().verifies("m", signer.sign_with("m", 9, std::string())));
}

TEST_CASE("points that no honest key generation gives are refused", "[manifests][public_key]") {
    const auto [reason, raw] = GENERATE(table<std::string, std::string>({
        {"order 1", "0100000000000000000000000000000000000000000000000000000000000000"},
        {"order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"order 4", "0000000000000000000000000000000000000000000000000000000000000000"},
        {"order 4, other sign", "0000000000000000000000000000000000000000000000000000000000000080"},
        {"order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
        {"order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"},
        {"p for 0", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"p + 1 for 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"p + 3 for 3", "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"-0", "0100000000000000000000000000000000000000000000000000000000000080"},
        {"not on the curve", "0200000000000000000000000000000000000000000000000000000000000000"},
    }));
    CAPTURE(reason);
    REQUIRE_THROWS_MATCHES(PublicKey::from_raw(from_hex(raw)), Error,
                           faults_with(Fault::damaged, Code::trust_key));
    const std::string der = from_hex("302a300506032b6570032100" + raw);
    REQUIRE_THROWS_MATCHES(PublicKey::parse_pem(pem_of(der)), Error, faults_with(Fault::missing));
}

TEST_CASE("a key with a small-order part mixed in is refused", "[manifests][public_key]") {
    const std::string torsion = from_hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    const std::string good = Signer(3).raw();
    std::string mixed(32, '\0');
    REQUIRE(crypto_core_ed25519_add(reinterpret_cast<unsigned char*>(mixed.data()),
                                    reinterpret_cast<const unsigned char*>(good.data()),
                                    reinterpret_cast<const unsigned char*>(torsion.data())) == 0);
    REQUIRE_THROWS_MATCHES(PublicKey::from_raw(mixed), Error, faults_with(Fault::damaged, Code::trust_key));
}

TEST_CASE("a DER key that is not exactly the 44 bytes is refused", "[manifests][public_key]") {
    const std::string der = PublicKey::parse_pem(openssl_pem).spki();
    std::string unused_bits = der;
    unused_bits[11] = '\1';
    const std::string long_length = "\x30\x81\x2a" + der.substr(2);
    std::string with_parameters = from_hex("302c300706032b65700500032100") + der.substr(12);
    for (const std::string& wrong : {der + '\0', der.substr(0, 43), der.substr(1), std::string(), unused_bits,
                                     long_length, with_parameters}) {
        CAPTURE(manifests::to_hex(wrong));
        REQUIRE_THROWS_MATCHES(PublicKey::from_spki(wrong), Error,
                               faults_with(Fault::damaged, Code::trust_key));
        REQUIRE_THROWS_MATCHES(PublicKey::parse_pem(pem_of(wrong)), Error, faults_with(Fault::missing));
    }
}

TEST_CASE("text that is not one PEM block is refused", "[manifests][public_key]") {
    const std::string body = "MCowBQYDK2VwAyEAHPe/4T1RvRO2qDLywEIXsNrIOISx1M7CXzWTfJBi01E=";
    const auto block = [](const std::string& inside) {
        return "-----BEGIN PUBLIC KEY-----\n" + inside + "\n-----END PUBLIC KEY-----\n";
    };
    REQUIRE(PublicKey::parse_pem(block(body)).pem() == openssl_pem);
    const std::vector<std::pair<std::string, std::string>> refused{
        {"empty", ""},
        {"no block", "hello"},
        {"raw DER", PublicKey::parse_pem(openssl_pem).spki()},
        {"cut in the body", openssl_pem.substr(0, 60)},
        {"cut in the end line", openssl_pem.substr(0, openssl_pem.size() - 4)},
        {"two blocks", openssl_pem + openssl_pem},
        {"text in front", "my key\n" + openssl_pem},
        {"text behind", openssl_pem + "my key\n"},
        {"another end", "-----BEGIN PUBLIC KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n"},
        {"no padding", block(body.substr(0, body.size() - 1))},
        {"junk character", block("!" + body.substr(1))},
        {"URL-safe alphabet", block("MCowBQYDK2VwAyEAHPe_4T1RvRO2qDLywEIXsNrIOISx1M7CXzWTfJBi01E=")},
        {"bits behind the end", block("MCowBQYDK2VwAyEAHPe/4T1RvRO2qDLywEIXsNrIOISx1M7CXzWTfJBi01F=")},
        {"space in the body", block(body.substr(0, 20) + " " + body.substr(20))},
        {"an empty line", block(body + "\n")},
        {"a header", block("Proc-Type: 4,ENCRYPTED\n\n" + body)},
        {"body on the first line", "-----BEGIN PUBLIC KEY-----" + body + "\n-----END PUBLIC KEY-----\n"},
        {"NUL behind", openssl_pem + std::string(1, '\0')},
        {"too large", std::string(70'000, '\n') + openssl_pem},
    };
    for (const auto& [reason, text] : refused) {
        CAPTURE(reason, text);
        REQUIRE_THROWS_MATCHES(PublicKey::parse_pem(text), Error, faults_with(Fault::missing));
    }
}

TEST_CASE("a file that is something else is named, with the next step", "[manifests][public_key]") {
    CHECK_THAT(message_of(p384_pem), Catch::Contains("a P-384 key, wanted an Ed25519, P-256 or SM2 key"));
    CHECK_THAT(message_of(explicit_pem), Catch::Contains("one that does not name its curve"));
    CHECK_THAT(message_of(compressed_pem), Catch::Contains("a P-256 key in another form"));
    CHECK_THAT(message_of(rsa_pem), Catch::Contains("RSA"));
    const std::string secret = manifests::write_pem("secret", "ENCRYPTED PRIVATE KEY");
    CHECK_THAT(message_of(secret),
               Catch::Contains("'ENCRYPTED PRIVATE KEY' is given where a public key is wanted") &&
                   Catch::Contains(".pub"));
    CHECK_THAT(message_of(manifests::write_pem("c", "CERTIFICATE")), Catch::Contains("openssl x509 -pubkey"));
    const std::string hostile = message_of("-----BEGIN \x1b[2J-----\n");
    CHECK(hostile.find('\x1b') == std::string::npos);
}
