// Secret keys of P-256 and SM2, with openssl as the peer that must read what we write and write what we read.

#include "packager/ec_secret_key.hpp"

#include <array>

#include <catch2/catch.hpp>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/text.hpp"
#include "packager/key_file.hpp"
#include "packager/pkcs8.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Error;
using manifests::Fault;
using manifests::from_hex;
using manifests::KeyType;
using manifests::PublicKey;
using packager::EcSecretKey;
using packager::SecretText;
using packager::StoredKey;
using tests::faults_with;
using tests::have_tool;
using tests::run;
using tests::TempDir;

namespace {

const std::string passphrase = "correct horse battery staple";

struct Curve {
    KeyType type;
    std::string secret; ///< of a published example
    std::string point;
    std::string n_front;              ///< of the order, 64 digits in all
    std::array<std::string, 4> n_end; ///< of n - 2, n - 1, n and n + 1
    std::vector<std::string> openssl;
    std::string oid; ///< DER, tag and length included

    std::string near_n(int step) const { return n_front + n_end.at(static_cast<std::size_t>(step + 2)); }
};

// RFC 6979, A.2.5; GB/T 32918.5-2017, annex A.2
const std::vector<Curve>& curves() {
    static const std::vector<Curve> all{
        {KeyType::ecdsa_p256,
         "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
         "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
         "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
         "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc6325",
         {"4f", "50", "51", "52"},
         {"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"},
         "06082a8648ce3d030107"},
        {KeyType::sm2,
         "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8",
         "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
         "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
         "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d541",
         {"21", "22", "23", "24"},
         {"-algorithm", "SM2"},
         "06082a811ccf5501822d"},
    };
    return all;
}

EcSecretKey example(const Curve& curve) {
    return EcSecretKey::from_scalar(curve.type, from_hex(curve.secret));
}

std::string tagged(char tag, const std::string& content) {
    REQUIRE(content.size() < 256);
    std::string length(1, static_cast<char>(content.size()));
    if (content.size() >= 128) length.insert(0, 1, '\x81');
    return tag + length + content;
}

// PKCS#8 around what stands in its OCTET STRING.
std::string pkcs8_pem(const std::string& oid_hex, const std::string& ec_key) {
    const std::string algorithm = tagged('\x30', from_hex("06072a8648ce3d0201" + oid_hex));
    return manifests::write_pem(tagged('\x30', from_hex("020100") + algorithm + tagged('\x04', ec_key)),
                                "PRIVATE KEY");
}

std::string ec_key(const std::string& secret_hex, const std::string& rest = "") {
    return tagged('\x30', from_hex("020101") + tagged('\x04', from_hex(secret_hex)) + rest);
}

std::string what_of(const std::string& pem) {
    try {
        packager::read_plain_key(pem);
    } catch (const Error& error) {
        CHECK(error.fault() == Fault::missing);
        return error.what();
    }
    return "accepted";
}

std::string put_private(const std::string& path, const std::string& text) {
    tests::write_file(path, text);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    return path;
}

std::string genpkey(const Curve& curve, std::vector<std::string> more = {}) {
    std::vector<std::string> command{"openssl", "genpkey"};
    command.insert(command.end(), curve.openssl.begin(), curve.openssl.end());
    command.insert(command.end(), more.begin(), more.end());
    const auto made = run(command);
    REQUIRE(made.status == 0);
    return made.out;
}

} // namespace

TEST_CASE("the published secret keys of P-256 and SM2 have the published points",
          "[packager][ec_secret_key]") {
    for (const Curve& curve : curves()) {
        CAPTURE(name_of(curve.type));
        const EcSecretKey key = example(curve);
        CHECK(key.public_key() == PublicKey::from_point(curve.type, from_hex(curve.point)));
        CHECK(manifests::to_hex(key.secret().view()) == curve.secret);
    }
    CHECK(example(curves().at(1)).public_key().sm2_id() == "1234567812345678");
}

TEST_CASE("signatures of P-256 and SM2 verify, have 71 bytes, and differ each time",
          "[packager][ec_secret_key]") {
    for (const Curve& curve : curves()) {
        CAPTURE(name_of(curve.type));
        const EcSecretKey key = EcSecretKey::generate(curve.type);
        const PublicKey stranger = EcSecretKey::generate(curve.type).public_key();
        CHECK(key.signature_bytes() == 71);
        std::string before;
        for (int i = 0; i < 20; ++i) {
            const std::string message(static_cast<std::size_t>(i * i * i), 'm');
            const std::string signature = key.sign(message);
            CHECK(signature.size() == 71);
            CHECK(key.public_key().verifies(message, signature));
            CHECK_FALSE(key.public_key().verifies(message + "m", signature));
            CHECK_FALSE(stranger.verifies(message, signature));
            CHECK(signature != before);
            CHECK(key.sign(message) != signature);
            before = signature;
        }
    }
}

TEST_CASE("an SM2 signature is made with the default id, not with the empty one",
          "[packager][ec_secret_key]") {
    const EcSecretKey key = example(curves().at(1));
    const std::string signature = key.sign("message digest");
    CHECK(key.public_key().verifies("message digest", signature));
    CHECK_FALSE(key.public_key().with_sm2_id("ALICE123@YAHOO.COM").verifies("message digest", signature));
}

TEST_CASE("two new keys differ, and a moved one still signs", "[packager][ec_secret_key]") {
    for (const Curve& curve : curves()) {
        EcSecretKey first = EcSecretKey::generate(curve.type);
        CHECK_FALSE(first.public_key() == EcSecretKey::generate(curve.type).public_key());
        const EcSecretKey moved = std::move(first);
        CHECK(moved.public_key().verifies("m", moved.sign("m")));
    }
}

TEST_CASE("a secret that is no number of its curve is refused", "[packager][ec_secret_key]") {
    for (const Curve& curve : curves()) {
        const std::vector<std::pair<std::string, std::string>> refused{
            {"0", std::string(64, '0')},
            {"n", curve.near_n(0)},
            {"n + 1", curve.near_n(1)},
            {"ones", std::string(64, 'f')},
            {"31 bytes", curve.secret.substr(2)},
            {"33 bytes", "00" + curve.secret},
            {"empty", ""},
        };
        for (const auto& [reason, hex] : refused) {
            CAPTURE(name_of(curve.type), reason, hex);
            REQUIRE_THROWS_MATCHES(EcSecretKey::from_scalar(curve.type, from_hex(hex)), Error,
                                   faults_with(Fault::damaged));
        }
        for (const std::string& hex : {std::string(63, '0') + "1", curve.near_n(-2)}) {
            CAPTURE(name_of(curve.type), hex);
            const EcSecretKey key = EcSecretKey::from_scalar(curve.type, from_hex(hex));
            CHECK(key.public_key().verifies("m", key.sign("m")));
        }
        // 1 + d has no inverse.
        const std::string last = curve.near_n(-1);
        CAPTURE(name_of(curve.type), last);
        if (curve.type == KeyType::sm2) {
            REQUIRE_THROWS_MATCHES(EcSecretKey::from_scalar(curve.type, from_hex(last)), Error,
                                   faults_with(Fault::damaged));
        } else {
            CHECK_NOTHROW(EcSecretKey::from_scalar(curve.type, from_hex(last)));
        }
    }
    REQUIRE_THROWS_MATCHES(EcSecretKey::generate(KeyType::ed25519), Error, faults_with(Fault::internal));
}

TEST_CASE("plain keys of openssl are read and written back byte for byte",
          "[packager][ec_secret_key][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    for (const Curve& curve : curves()) {
        CAPTURE(name_of(curve.type));
        const std::string path = put_private(folder / "theirs.key", genpkey(curve));
        const auto key = packager::load_key(path, {});
        CHECK(key->public_key().type() == curve.type);
        CHECK(key->public_key().pem() == run({"openssl", "pkey", "-in", path, "-pubout"}).out);
        CHECK(packager::write_plain_key(*key).view() == tests::read_file(path));
        REQUIRE_THROWS_MATCHES(packager::load_secret_key(path, {}), Error, faults_with(Fault::missing));
    }
}

TEST_CASE("encrypted keys of openssl are read, and not with another passphrase",
          "[packager][ec_secret_key][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    for (const Curve& curve : curves()) {
        const std::string plain = put_private(folder / "plain.key", genpkey(curve));
        const std::string public_pem = run({"openssl", "pkey", "-in", plain, "-pubout"}).out;
        const std::vector<std::vector<std::string>> ways{{"-v2", "aes-256-cbc"}, {"-scrypt"}};
        for (const auto& way : ways) {
            CAPTURE(name_of(curve.type), way);
            std::vector<std::string> command{"openssl",           "pkcs8", "-topk8", "-in", plain, "-passout",
                                             "pass:" + passphrase};
            command.insert(command.end(), way.begin(), way.end());
            const std::string path = put_private(folder / "encrypted.key", run(command).out);
            tests::write_file(folder / "right", passphrase + "\n");
            tests::write_file(folder / "wrong", passphrase + ".\n");
            CHECK(packager::load_key(path, {folder / "right"})->public_key().pem() == public_pem);
            REQUIRE_THROWS_WITH(packager::load_key(path, {folder / "wrong"}), path + ": wrong passphrase");
        }
    }
}

TEST_CASE("openssl reads both forms of our keys", "[packager][ec_secret_key][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    const SecretText text = SecretText::copy_of(passphrase);
    for (const Curve& curve : curves()) {
        CAPTURE(name_of(curve.type));
        const EcSecretKey key = EcSecretKey::generate(curve.type);
        for (const bool encrypted : {false, true}) {
            const auto paths = packager::key_pair_paths(folder / "ours");
            packager::write_key_pair(paths, key, encrypted ? &text : nullptr, runtime::Replace::allow);
            const auto shown =
                run({"openssl", "pkey", "-in", paths.secret_key, "-passin", "pass:" + passphrase, "-pubout"});
            CHECK(shown.out == key.public_key().pem());
            CHECK(shown.out == tests::read_file(paths.public_key));
            const auto check = run({"openssl", "pkey", "-in", paths.secret_key, "-passin",
                                    "pass:" + passphrase, "-check", "-noout"});
            CHECK(check.status == 0);
        }
    }
}

TEST_CASE("an EC key may name its curve again and leave its public part out, and nothing else",
          "[packager][ec_secret_key]") {
    for (const Curve& curve : curves()) {
        CAPTURE(name_of(curve.type));
        const std::string name = "\xa0\x0a" + from_hex(curve.oid);
        const std::string point = from_hex("a144034200" + curve.point);
        for (const std::string& rest : {std::string(), name, point, name + point}) {
            const std::string body = ec_key(curve.secret, rest);
            CAPTURE(manifests::to_hex(rest));
            CHECK(packager::read_plain_key(pkcs8_pem(curve.oid, body))->public_key() ==
                  example(curve).public_key());
        }
        CHECK(packager::read_plain_key(packager::write_plain_key(example(curve)).view())->public_key() ==
              example(curve).public_key());
        const Curve& other = curves().at(curve.type == KeyType::sm2 ? 0 : 1);
        const std::string zero(64, '0');
        const std::vector<std::pair<std::string, std::string>> refused{
            {"the other curve inside",
             pkcs8_pem(curve.oid, ec_key(curve.secret, "\xa0\x0a" + from_hex(other.oid)))},
            {"a byte behind", pkcs8_pem(curve.oid, ec_key(curve.secret) + '\0')},
            {"a byte behind, inside", pkcs8_pem(curve.oid, ec_key(curve.secret, std::string(1, '\0')))},
            {"31 bytes", pkcs8_pem(curve.oid, ec_key(curve.secret.substr(2)))},
            {"33 bytes", pkcs8_pem(curve.oid, ec_key("00" + curve.secret))},
            {"no secret", pkcs8_pem(curve.oid, ec_key(""))},
            {"0", pkcs8_pem(curve.oid, ec_key(zero))},
            {"n", pkcs8_pem(curve.oid, ec_key(curve.near_n(0)))},
            {"empty", pkcs8_pem(curve.oid, "")},
            {"an Ed25519 secret", pkcs8_pem(curve.oid, tagged('\x04', from_hex(curve.secret)))},
            {"no curve", pkcs8_pem("", ec_key(curve.secret))},
            {"implicit curve", pkcs8_pem("0500", ec_key(curve.secret))},
            {"P-384", pkcs8_pem("06052b81040022", ec_key(curve.secret))},
            {"secp256k1", pkcs8_pem("06052b8104000a", ec_key(curve.secret))},
        };
        for (const auto& [reason, pem] : refused) {
            CAPTURE(reason);
            const std::string said = what_of(pem);
            CHECK(said != "accepted");
            CHECK(said.find(curve.secret.substr(0, 8)) == std::string::npos);
        }
    }
}

TEST_CASE("a public part that is another key's is refused", "[packager][ec_secret_key]") {
    for (const Curve& curve : curves()) {
        CAPTURE(name_of(curve.type));
        const SecretText pem = packager::write_plain_key(example(curve));
        std::string der = manifests::parse_pem(pem.view(), "PRIVATE KEY");
        const std::size_t at = der.find(from_hex(curve.point));
        REQUIRE(at != std::string::npos);
        der.replace(at, 65, EcSecretKey::generate(curve.type).public_key().raw());
        CHECK_THAT(what_of(manifests::write_pem(der, "PRIVATE KEY")),
                   Catch::Contains("is not the one of its secret"));
        // The same secret under the other curve's name has another point.
        der.replace(at, 65, from_hex(curve.point));
        const Curve& other = curves().at(curve.type == KeyType::sm2 ? 0 : 1);
        der.replace(der.find(from_hex(curve.oid)), 10, from_hex(other.oid));
        CHECK_THAT(what_of(manifests::write_pem(der, "PRIVATE KEY")),
                   Catch::Contains("is not the one of its secret"));
    }
}

TEST_CASE("keys of openssl that are no named curve of ours are refused and named",
          "[packager][ec_secret_key][peers]") {
    if (!have_tool("openssl")) return;
    const auto made = [](const std::vector<std::string>& options) {
        std::vector<std::string> command{"openssl", "genpkey", "-algorithm", "EC"};
        for (const std::string& option : options) {
            command.emplace_back("-pkeyopt");
            command.push_back(option);
        }
        const auto result = run(command);
        REQUIRE(result.status == 0);
        return result.out;
    };
    CHECK_THAT(what_of(made({"ec_paramgen_curve:P-256", "ec_param_enc:explicit"})),
               Catch::Contains("does not name its curve"));
    CHECK_THAT(what_of(made({"ec_paramgen_curve:P-384"})), Catch::Contains("secp384r1"));
    CHECK_THAT(what_of(made({"ec_paramgen_curve:secp256k1"})), Catch::Contains("secp256k1"));
    CHECK_THAT(what_of(made({"ec_paramgen_curve:brainpoolP256r1"})), Catch::Contains("brainpoolP256r1"));
}
