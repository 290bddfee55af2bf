// P-256 and SM2 keys and signatures: published examples, and what must be refused although it is nearly one.
// Points and signatures that are not quoted were computed with a few lines of big-number arithmetic from the
// examples' secret keys.

#include "manifests/ec_key.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/public_key.hpp"
#include "manifests/text.hpp"
#include "tests/manifests/ec_signer.hpp"
#include "tests/manifests/signer.hpp"
#include "tests/support/faults.hpp"

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::from_hex;
using manifests::KeyType;
using manifests::PublicKey;
using tests::EcSigner;
using tests::faults_with;
using tests::Signer;

namespace {

// RFC 6979, A.2.5: the key, and the signature of "sample" with SHA-256
const std::string p256_point = "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                               "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
const std::string p256_r = "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716";
const std::string p256_s = "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
const std::string p256_n = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
// GB/T 32918.5-2017, annex A.2: the recommended curve, id 1234567812345678, message "message digest"
const std::string sm2_point = "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                              "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
const std::string sm2_r = "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
const std::string sm2_s = "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";
const std::string sm2_n = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";

const std::string p256_spki_prefix = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const std::string sm2_spki_prefix = "3059301306072a8648ce3d020106082a811ccf5501822d034200";

PublicKey p256_key() {
    return PublicKey::from_spki(from_hex(p256_spki_prefix + p256_point));
}

PublicKey sm2_key() {
    return PublicKey::from_spki(from_hex(sm2_spki_prefix + sm2_point));
}

std::string tagged(char tag, const std::string& content) {
    return std::string(1, tag) + static_cast<char>(content.size()) + content;
}

std::string integer(const std::string& hex) {
    std::string bytes = from_hex(hex);
    bytes.erase(0, std::min(bytes.find_first_not_of('\0'), bytes.size() - 1));
    if ((static_cast<unsigned char>(bytes[0]) & 0x80U) != 0) bytes.insert(0, 1, '\0');
    return tagged('\x02', bytes);
}

// 33 bytes of two's complement.
std::string minus(const std::string& hex) {
    std::string bytes = '\0' + from_hex(hex);
    unsigned carry = 1;
    for (std::size_t i = bytes.size(); i-- > 0;) {
        carry += static_cast<unsigned char>(~static_cast<unsigned char>(bytes[i]));
        bytes[i] = static_cast<char>(carry & 0xffU);
        carry >>= 8U;
    }
    return manifests::to_hex(bytes);
}

std::string der(const std::string& r, const std::string& s) {
    return tagged('\x30', integer(r) + integer(s));
}

struct Sample {
    KeyType type;
    PublicKey key;
    std::string message;
    std::string r;
    std::string s;
    std::string n;
};

std::vector<Sample> samples() {
    return {{KeyType::ecdsa_p256, p256_key(), "sample", p256_r, p256_s, p256_n},
            {KeyType::sm2, sm2_key(), "message digest", sm2_r, sm2_s, sm2_n}};
}

} // namespace

TEST_CASE("the published signatures of P-256 and SM2 verify", "[manifests][ec_key]") {
    for (const Sample& sample : samples()) {
        CAPTURE(name_of(sample.type));
        const std::string signature = der(sample.r, sample.s);
        CHECK(sample.key.verifies(sample.message, signature));
        CHECK_FALSE(sample.key.verifies(sample.message + "x", signature));
        CHECK_FALSE(sample.key.verifies("", signature));
        for (std::size_t at = 0; at < signature.size(); ++at) {
            CAPTURE(at);
            std::string flipped = signature;
            flipped[at] = static_cast<char>(flipped[at] ^ 1);
            CHECK_FALSE(sample.key.verifies(sample.message, flipped));
        }
    }
}

TEST_CASE("what openssl signs with P-256 and SM2 verifies, but not under the empty id",
          "[manifests][ec_key]") {
    // openssl 3.0.22: genpkey -algorithm EC, pkeyutl -sign -rawin -digest sha256
    const PublicKey p256 =
        PublicKey::parse_pem("-----BEGIN PUBLIC KEY-----\n"
                             "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkFgxo0J+YKhhpsy2voqcV2TiicbE\n"
                             "eEXkScjj9gPKxCr5wUSF0SvXxNYaxkz9t31Ezj9cZhnTtmc9sE9WoxiYuA==\n"
                             "-----END PUBLIC KEY-----\n");
    const std::string p256_signature =
        from_hex("30440220044de928e1c7f59aa588907cb63bcb52e00c62605bad7a725d23d92e1de0795a"
                 "0220734c4e3f4df5deb7879f533deaa4648ecef1abd1eb1f3b5fb76204122f5ec0ca");
    CHECK(p256.verifies("message digest", p256_signature));
    CHECK_FALSE(p256_key().verifies("message digest", p256_signature));
    // genpkey -algorithm SM2, pkeyutl -sign -rawin -digest sm3, with -pkeyopt distid:1234567812345678 and
    // without
    const PublicKey sm2 =
        PublicKey::parse_pem("-----BEGIN PUBLIC KEY-----\n"
                             "MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEWGq5lqPOUe6uOHoeEa0EVNQQ7I8W\n"
                             "Z10rYFJh4qlXvzSke0M2864FrzvPFbCRD5hS2lUAowwPtHmMhD2eoJLTOQ==\n"
                             "-----END PUBLIC KEY-----\n");
    CHECK(sm2.verifies("message digest",
                       from_hex("304402202811d476708526468a04b203ac5b1e67843e689fdccd966e71ad7dc81f857d79"
                                "02206219b725d2abbb16b3993e19b9d51b99e6ca6b416892912ee990189309ddbd50")));
    const std::string without_id =
        from_hex("304502200f6fa89aa08483222b83051bb388b37586cef92ceed62e99538515e25522acd4"
                 "0221008af4ef155b8ea2ead39011c9372be17f9690b0c1a77e2b99db3cf75daca89313");
    CHECK(manifests::ec::is_signature(KeyType::sm2, without_id));
    CHECK_FALSE(sm2.verifies("message digest", without_id));
    // The same bytes under the name of the other curve are no key at all, so no signature crosses over.
    CHECK_FALSE(p256_key().verifies("message digest", der(sm2_r, sm2_s)));
    CHECK_FALSE(sm2_key().verifies("sample", der(p256_r, p256_s)));
}

TEST_CASE("a public key of each curve is read and written back byte for byte", "[manifests][ec_key]") {
    for (const Sample& sample : samples()) {
        CAPTURE(name_of(sample.type));
        CHECK(sample.key.type() == sample.type);
        CHECK(sample.key.spki().size() == 91);
        CHECK(sample.key.raw().size() == manifests::ec::point_bytes);
        CHECK(PublicKey::parse_pem(sample.key.pem()) == sample.key);
    }
    CHECK_FALSE(p256_key() == sm2_key());
    CHECK(p256_key().sm2_id().empty());
    CHECK(sm2_key().sm2_id() == "1234567812345678");
}

TEST_CASE("the names of key types are read back", "[manifests][ec_key]") {
    for (const KeyType type : manifests::all_key_types())
        CHECK(manifests::key_type_named(name_of(type)) == type);
    for (const char* name : {"", "ED25519", "ecdsa", "sm2", "ecdsa-p256-sha256 ", "rsa"}) {
        CAPTURE(name);
        CHECK_FALSE(manifests::key_type_named(name));
    }
}

TEST_CASE("an SM2 signature counts for the id that it was made with only", "[manifests][ec_key]") {
    // The published key and nonce, with other ids.
    const std::string empty_id = der("27f1ba35327863638afce55ea5560734b20dc6f4aa21b74217bcae759f2eb983",
                                     "9815b803017b841ee27bc729b026a72fabdf588d3e7041e03e6a1dd43485497b");
    const std::string alice = der("b0e3e7d4ac2178f833ad73fa9d1191e41c76c8bfedb5ad89040ba2e5184bde58",
                                  "cc8d096578f7dd2669ac1ac42f7e722bcfa42b9e0be0b1b5df7ca0b53fdd5750");
    const PublicKey by_alice = sm2_key().with_sm2_id("ALICE123@YAHOO.COM");
    CHECK(by_alice.verifies("message digest", alice));
    CHECK_FALSE(by_alice.verifies("message digest", der(sm2_r, sm2_s)));
    CHECK_FALSE(sm2_key().verifies("message digest", alice));
    CHECK_FALSE(sm2_key().verifies("message digest", empty_id));
    CHECK_FALSE(by_alice.verifies("message digest", empty_id));
    CHECK_FALSE(by_alice == sm2_key());
    CHECK(by_alice.key_id() == sm2_key().key_id());
    CHECK(by_alice.with_sm2_id(PublicKey::default_sm2_id) == sm2_key());
}

TEST_CASE("an SM2 id that nobody could type is refused", "[manifests][ec_key]") {
    for (const std::string& id : {std::string(), std::string(129, 'a'), std::string("a\0b", 3),
                                  std::string("line\n"), std::string("\xc3\xa4"), std::string("\x7f")}) {
        CAPTURE(id);
        REQUIRE_THROWS_MATCHES(sm2_key().with_sm2_id(id), Error,
                               faults_with(Fault::damaged, Code::trust_key));
    }
    CHECK(sm2_key().with_sm2_id(std::string(128, '~')).sm2_id().size() == 128);
    REQUIRE_THROWS_MATCHES(p256_key().with_sm2_id("x"), Error, faults_with(Fault::damaged, Code::trust_key));
}

TEST_CASE("r and s outside 1..n-1 are refused", "[manifests][ec_key]") {
    for (const Sample& sample : samples()) {
        const std::string above = std::string(64, 'f');
        const std::string n_plus_1 = sample.n.substr(0, 63) + (sample.type == KeyType::sm2 ? "4" : "2");
        const std::string n_minus_1 = sample.n.substr(0, 63) + (sample.type == KeyType::sm2 ? "2" : "0");
        for (const std::string& wrong : {std::string("00"), sample.n, n_plus_1, above, "01" + sample.r}) {
            CAPTURE(name_of(sample.type), wrong);
            CHECK_FALSE(manifests::ec::is_signature(sample.type, der(wrong, sample.s)));
            CHECK_FALSE(manifests::ec::is_signature(sample.type, der(sample.r, wrong)));
            CHECK_FALSE(manifests::ec::is_signature(sample.type, der(wrong, wrong)));
            CHECK_FALSE(sample.key.verifies(sample.message, der(wrong, sample.s)));
            CHECK_FALSE(sample.key.verifies(sample.message, der(sample.r, wrong)));
        }
        for (const std::string& right : {std::string("01"), std::string("7f"), n_minus_1}) {
            CAPTURE(right);
            CHECK(manifests::ec::is_signature(sample.type, der(right, right)));
            CHECK_FALSE(sample.key.verifies(sample.message, der(right, right)));
        }
    }
}

TEST_CASE("a signature has one encoding", "[manifests][ec_key]") {
    for (const Sample& sample : samples()) {
        const std::string r = integer(sample.r);
        const std::string s = integer(sample.s);
        const std::string r_bytes = r.substr(2);
        const std::string both = r + s;
        const std::vector<std::pair<std::string, std::string>> refused{
            {"empty", ""},
            {"a tag alone", "\x30"},
            {"an empty sequence", tagged('\x30', "")},
            {"one integer", tagged('\x30', r)},
            {"three integers", tagged('\x30', both + integer("01"))},
            {"a byte behind", der(sample.r, sample.s) + '\0'},
            {"a byte behind, inside", tagged('\x30', both + '\0')},
            {"cut", der(sample.r, sample.s).substr(0, both.size() + 1)},
            {"long form of the length", "\x30\x81" + tagged('\x30', both).substr(1)},
            {"longer form of the length", std::string("\x30\x82\x00", 3) + tagged('\x30', both).substr(1)},
            {"indefinite length", "\x30\x80" + both + std::string(2, '\0')},
            {"long form of r's length", tagged('\x30', "\x02\x81" + r.substr(1) + s)},
            {"long form of s's length", tagged('\x30', r + "\x02\x81" + s.substr(1))},
            {"a zero byte in front of r", tagged('\x30', tagged('\x02', '\0' + r_bytes) + s)},
            {"a zero byte in front of s", tagged('\x30', r + tagged('\x02', '\0' + s.substr(2)))},
            {"r without its sign byte", tagged('\x30', tagged('\x02', from_hex(sample.r)) + s)},
            {"r is -1", tagged('\x30', tagged('\x02', "\xff") + s)},
            {"r is empty", tagged('\x30', tagged('\x02', "") + s)},
            {"s is empty", tagged('\x30', r + tagged('\x02', ""))},
            {"r is an octet string", tagged('\x30', tagged('\x04', r_bytes) + s)},
            {"r is minus r", tagged('\x30', tagged('\x02', from_hex(minus(sample.r))) + s)},
            {"s is minus s", tagged('\x30', r + tagged('\x02', from_hex(minus(sample.s))))},
            {"r is a constructed integer", tagged('\x30', '\x22' + r.substr(1) + s)},
            {"r is an enumerated value", tagged('\x30', '\x0a' + r.substr(1) + s)},
            {"two bytes of sign",
             tagged('\x30', tagged('\x02', std::string(2, '\0') + from_hex(sample.r)) + s)},
            {"r is null", tagged('\x30', std::string("\x05\x00", 2) + s)},
            {"a sequence in a sequence", tagged('\x30', tagged('\x30', both))},
            {"a context tag", tagged('\xb0', both)},
            {"a tag of two bytes", "\x3f" + tagged('\x30', both)},
            {"a set", tagged('\x31', both)},
            {"bare r and s", from_hex(sample.r + sample.s)},
            {"zeros", std::string(64, '\0')},
            {"a length over the end", "\x30\x7f" + both},
            {"an integer over the end", tagged('\x30', r + "\x02\x21" + s.substr(2, 10))},
            {"text", "not a signature"},
        };
        REQUIRE(manifests::ec::is_signature(sample.type, tagged('\x30', both)));
        for (const auto& [reason, signature] : refused) {
            CAPTURE(name_of(sample.type), reason, manifests::to_hex(signature));
            CHECK_FALSE(manifests::ec::is_signature(sample.type, signature));
            CHECK_FALSE(sample.key.verifies(sample.message, signature));
        }
    }
}

TEST_CASE("a hostile signature whose sum is the point at infinity is just not one", "[manifests][ec_key]") {
    // Only the owner of a key can make these: e + r d = 0, and s + (r + s) d = 0.
    const std::string p256 =
        der("28815b9a52dcc43d91fe0e07a91bb000f5f475306723ba5e6392aee8be90ee9c", "01234567");
    CHECK(manifests::ec::is_signature(KeyType::ecdsa_p256, p256));
    CHECK_FALSE(p256_key().verifies("sample", p256));
    const std::string sm2 =
        der("01234567", "2abcde02af50a809dfb01236d05b03dc47499492fa47cbd791d1de8a408780c3");
    CHECK(manifests::ec::is_signature(KeyType::sm2, sm2));
    CHECK_FALSE(sm2_key().verifies("message digest", sm2));
    const std::string no_sum = der("01", sm2_n.substr(0, 63) + "2"); // r + s = n
    CHECK(manifests::ec::is_signature(KeyType::sm2, no_sum));
    CHECK_FALSE(sm2_key().verifies("message digest", no_sum));
}

TEST_CASE("of a P-256 signature both twins are taken, as openssl makes both", "[manifests][ec_key]") {
    const std::string low_s = "0834e36ad29a83bf2bc9385e491d6099c8fdf9d1ed67aa7ea5f51f93782857a9"; // n - s
    CHECK(p256_key().verifies("sample", der(p256_r, low_s)));
    CHECK_FALSE(p256_key().verifies("sample", der(low_s, p256_r)));
}

TEST_CASE("points that are not on their curve, or not in the one form, are refused", "[manifests][ec_key]") {
    const std::string x = p256_point.substr(2, 64);
    const std::string y = p256_point.substr(66);
    const auto [reason, spki] = GENERATE_COPY(table<std::string, std::string>({
        {"y changed", p256_spki_prefix + "04" + x + y.substr(0, 63) + "8"},
        {"x and y exchanged", p256_spki_prefix + "04" + y + x},
        {"zeros", p256_spki_prefix + "04" + std::string(128, '0')},
        {"ones", p256_spki_prefix + "04" + std::string(128, 'f')},
        {"x = p + 5", p256_spki_prefix + "04ffffffff00000001000000000000000000000001000000000000000000000004"
                                         "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc"},
        {"x = p + 1", sm2_spki_prefix + "04fffffffeffffffffffffffffffffffffffffffff000000010000000000000000"
                                        "9f7a091433a81e3f218f405f792355bf2aa98b5ffa95982f03870800065279a3"},
        {"hybrid form", p256_spki_prefix + "07" + x + y},
        {"hybrid form, other sign", p256_spki_prefix + "06" + x + y},
        {"compressed, as openssl writes it", "3039301306072a8648ce3d020106082a8648ce3d03010703220003" + x},
        {"compressed, in the long form", p256_spki_prefix + "03" + x + std::string(64, '0')},
        {"the point at infinity", p256_spki_prefix + "00"},
        {"infinity in the short form", "3019301306072a8648ce3d020106082a8648ce3d030107030200"
                                       "00"},
        {"a P-256 point under the name of SM2", sm2_spki_prefix + p256_point},
        {"an SM2 point under the name of P-256", p256_spki_prefix + sm2_point},
        {"a byte short", p256_spki_prefix + p256_point.substr(0, 128)},
        {"a byte behind", p256_spki_prefix + p256_point + "00"},
        {"unused bits", "3059301306072a8648ce3d020106082a8648ce3d030107034201" + p256_point},
        {"long form of a length", "308159301306072a8648ce3d020106082a8648ce3d030107034200" + p256_point},
        {"no curve", "304f300906072a8648ce3d0201034200" + p256_point},
        {"implicit curve", "3051300b06072a8648ce3d02010500034200" + p256_point},
        {"secp256k1", "3056301006072a8648ce3d020106052b8104000a034200" + p256_point},
        {"brainpoolP256r1", "305a301406072a8648ce3d020106092b2403030208010107034200" + p256_point},
        {"P-384", "3076301006072a8648ce3d020106052b81040022036200"
                  "04" +
                      std::string(192, '1')},
        {"SM2 as an algorithm of its own",
         "305a301406082a811ccf5501822d06082a811ccf5501822d034200" + sm2_point},
    }));
    CAPTURE(reason, spki);
    REQUIRE_THROWS_MATCHES(PublicKey::from_spki(from_hex(spki)), Error,
                           faults_with(Fault::damaged, Code::trust_key));
    const std::string pem = manifests::write_pem(from_hex(spki), "PUBLIC KEY");
    REQUIRE_THROWS_MATCHES(PublicKey::parse_pem(pem), Error, faults_with(Fault::missing));
}

TEST_CASE("the canonical twins of points past the prime are on their curves", "[manifests][ec_key]") {
    // So that the refusals above are for the form, not for the place.
    CHECK(manifests::ec::is_point(
        KeyType::ecdsa_p256, from_hex("04" + std::string(63, '0') +
                                      "5"
                                      "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc")));
    CHECK(manifests::ec::is_point(
        KeyType::sm2, from_hex("04" + std::string(63, '0') +
                               "1"
                               "9f7a091433a81e3f218f405f792355bf2aa98b5ffa95982f03870800065279a3")));
}

TEST_CASE("an SM2 signature has no twin", "[manifests][ec_key]") {
    const std::string n_minus_s = "4e4955d520ded02789ce7d43f2bde35db673a66e0246c256cfb08a44b4197f79"; // n - s
    const std::string n_minus_r = "0a5fc4f8b72d3b9cf1153aec1e447e5e18bf0532f9f04dea100f755c4aee2070"; // n - r
    REQUIRE(sm2_key().verifies("message digest", der(sm2_r, sm2_s)));
    CHECK_FALSE(sm2_key().verifies("message digest", der(sm2_r, n_minus_s)));
    CHECK_FALSE(sm2_key().verifies("message digest", der(n_minus_r, sm2_s)));
    CHECK_FALSE(sm2_key().verifies("message digest", der(n_minus_r, n_minus_s)));
    CHECK_FALSE(sm2_key().verifies("message digest", der(sm2_s, sm2_r)));
}

TEST_CASE("no type takes the signature of another", "[manifests][ec_key]") {
    const Signer ed25519(1);
    const EcSigner p256(KeyType::ecdsa_p256);
    const EcSigner sm2(KeyType::sm2);
    const std::vector<PublicKey> keys{ed25519.key(), p256.key(), sm2.key()};
    const std::vector<std::string> signatures{ed25519.sign("m"), p256.sign("m"), sm2.sign("m")};
    for (std::size_t key = 0; key < keys.size(); ++key) {
        for (std::size_t signature = 0; signature < signatures.size(); ++signature) {
            CAPTURE(key, signature);
            CHECK(keys[key].verifies("m", signatures[signature]) == (key == signature));
        }
    }
    // The same point under both names would be one secret with two algorithms: it is on one curve only.
    CHECK_FALSE(manifests::ec::is_point(KeyType::sm2, p256.key().raw()));
    CHECK_FALSE(manifests::ec::is_point(KeyType::ecdsa_p256, sm2.key().raw()));
}

TEST_CASE("an SM2 signature under the empty id, made now, is refused", "[manifests][ec_key]") {
    for (const char* id : {"", "1234567812345679", "12345678"}) {
        CAPTURE(id);
        const EcSigner signer(KeyType::sm2, id);
        const std::string signature = signer.sign("m");
        CHECK(manifests::ec::is_signature(KeyType::sm2, signature));
        CHECK_FALSE(signer.key().verifies("m", signature));
        if (*id != '\0') CHECK(signer.key().with_sm2_id(id).verifies("m", signature));
    }
}
