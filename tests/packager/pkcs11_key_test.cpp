#include "packager/pkcs11_key.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "tests/support/faults.hpp"

using manifests::Error;
using manifests::Fault;
using manifests::from_hex;
using manifests::to_hex;
using packager::ecdsa_der;
using packager::public_key_of_token;
using packager::token_key_type;
using packager::TokenKeyType;
using tests::faults_with;

namespace {
// RFC 8032, 7.1, TEST 2
const std::string raw = from_hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
} // namespace

TEST_CASE("the curve of a token's key is one of those that are known", "[packager][pkcs11]") {
    CHECK(token_key_type(from_hex("06032b6570")) == TokenKeyType::ed25519);
    CHECK(token_key_type(from_hex("130c656477617264733235353139")) == TokenKeyType::ed25519);
    CHECK(token_key_type(from_hex("06092b06010401da470f01")) == TokenKeyType::ed25519);
    CHECK(token_key_type(from_hex("06082a8648ce3d030107")) == TokenKeyType::p256);
    for (const std::string refused :
         {"", "06", "06032b6571", "06032b657000", "130a656477617264733434", "06052b81040022"}) {
        CAPTURE(refused);
        REQUIRE_THROWS_MATCHES(token_key_type(from_hex(refused)), Error, faults_with(Fault::missing));
    }
}

TEST_CASE("an Ed25519 point is read in three forms and in no other", "[packager][pkcs11]") {
    const std::string id = public_key_of_token(TokenKeyType::ed25519, raw).key_id();
    CHECK(public_key_of_token(TokenKeyType::ed25519, from_hex("0420") + raw).key_id() == id);
    CHECK(public_key_of_token(TokenKeyType::ed25519, from_hex("032100") + raw).key_id() == id);
    const std::vector<std::pair<std::string, std::string>> refused{
        {"nothing", ""},
        {"31 bytes", raw.substr(1)},
        {"33 bytes", raw + "x"},
        {"another tag", from_hex("0520") + raw},
        {"another length", from_hex("0421") + raw},
        {"bits left over", from_hex("032101") + raw},
        {"an OCTET STRING in an OCTET STRING", from_hex("04220420") + raw},
        {"a byte behind the end", from_hex("0420") + raw + "x"},
        {"a point of small order", std::string(32, '\0')},
    };
    for (const auto& [reason, point] : refused) {
        CAPTURE(reason);
        REQUIRE_THROWS_MATCHES(public_key_of_token(TokenKeyType::ed25519, point), Error,
                               faults_with(Fault::missing));
    }
}

TEST_CASE("r and s become the one DER that they have", "[packager][pkcs11]") {
    const std::string one = std::string(31, '\0') + "\x01";
    const std::string high = "\x80" + std::string(31, '\0');
    CHECK(to_hex(ecdsa_der(one + one)) == "3006020101020101");
    CHECK(to_hex(ecdsa_der(high + one)) == "302602210080" + std::string(62, '0') + "020101");
    CHECK(to_hex(ecdsa_der(std::string(32, '\x7f') + high)).substr(0, 8) == "30450220");
    CHECK(to_hex(ecdsa_der(std::string(31, '\0') + "\x80" + one)) == "300702020080020101");
    CHECK(to_hex(ecdsa_der(std::string(64, '\0'))) == "3006020100020100"); // which no verifier accepts
    for (const std::size_t size : {0U, 63U, 65U, 72U})
        REQUIRE_THROWS_MATCHES(ecdsa_der(std::string(size, 'x')), Error, faults_with(Fault::io));
}
