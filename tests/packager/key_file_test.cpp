// Key files, with openssl as the peer that must read what we write and write what we read.

#include "packager/key_file.hpp"

#include <csignal>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/pkcs8.hpp"
#include "packager/signing.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Error;
using manifests::Fault;
using manifests::from_hex;
using packager::KeyPairPaths;
using packager::load_secret_key;
using packager::PassphraseSource;
using packager::SecretKey;
using packager::SecretText;
using runtime::Replace;
using tests::faults_with;
using tests::have_tool;
using tests::run;
using tests::TempDir;

namespace {

// RFC 8032, 7.1, TEST 2
const std::string seed_hex = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const std::string public_hex = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";

SecretKey sample_key() {
    return SecretKey::from_seed(from_hex(seed_hex));
}

const std::string passphrase = "correct horse battery staple";

// A passphrase file, for the source that all tests use.
PassphraseSource source_of(const TempDir& folder, const std::string& text = passphrase + "\n") {
    tests::write_file(folder / "passphrase", text);
    return {folder / "passphrase"};
}

void put_private(const std::string& path, const std::string& text) {
    tests::write_file(path, text);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

KeyPairPaths write_sample(const TempDir& folder, const std::string& name, bool encrypted) {
    const KeyPairPaths paths = packager::key_pair_paths(folder / name);
    const SecretText text = SecretText::copy_of(passphrase);
    packager::write_key_pair(paths, sample_key(), encrypted ? &text : nullptr, Replace::refuse);
    return paths;
}

Error error_of(const std::string& path, const PassphraseSource& source) {
    try {
        load_secret_key(path, source);
    } catch (const Error& error) {
        return error;
    }
    return {Fault::internal, "accepted"};
}

} // namespace

TEST_CASE("a secret key signs as RFC 8032 says", "[packager][secret_key]") {
    const SecretKey key = sample_key();
    CHECK(key.public_key() == manifests::PublicKey::from_raw(from_hex(public_hex)));
    CHECK(manifests::to_hex(key.sign("r")) == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69"
                                              "da085ac1e43e15996e458f3613d0f11d8c387b2e"
                                              "aeb4302aeeb00d291612bb0c00");
    CHECK(manifests::to_hex(key.secret().view()) == seed_hex);
    REQUIRE_THROWS_MATCHES(SecretKey::from_seed("short"), Error, faults_with(Fault::damaged));
}

TEST_CASE("two new keys differ, and a moved key still signs", "[packager][secret_key]") {
    SecretKey first = SecretKey::generate();
    const SecretKey second = SecretKey::generate();
    CHECK_FALSE(first.public_key() == second.public_key());
    const SecretKey moved = std::move(first);
    CHECK(moved.public_key().verifies("m", moved.sign("m")));
}

TEST_CASE("a key pair is written with its modes, whatever the umask", "[packager][key_file]") {
    const TempDir folder;
    const mode_t before = ::umask(GENERATE(0u, 0077u));
    const KeyPairPaths paths = write_sample(folder, "release", true);
    ::umask(before);
    CHECK(mode_of(paths.secret_key) == 0600);
    CHECK(mode_of(paths.public_key) == 0644);
    CHECK(tests::read_file(paths.public_key) == sample_key().public_key().pem());
    CHECK_THAT(tests::read_file(paths.secret_key),
               Catch::StartsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    CHECK(load_secret_key(paths.secret_key, source_of(folder)).public_key() == sample_key().public_key());
}

TEST_CASE("an ending of the name is not doubled", "[packager][key_file]") {
    CHECK(packager::key_pair_paths("a/b.key").secret_key == "a/b.key");
    CHECK(packager::key_pair_paths("a/b.pub").secret_key == "a/b.key");
    CHECK(packager::key_pair_paths("a/b").public_key == "a/b.pub");
    CHECK(packager::key_pair_paths("a.key.key").public_key == "a.key.pub");
    for (const char* name : {"", ".key", "a/", "a/.pub"}) {
        CAPTURE(name);
        REQUIRE_THROWS_MATCHES(packager::key_pair_paths(name), Error, faults_with(Fault::usage));
    }
}

TEST_CASE("a plain key is the PKCS#8 of RFC 8410", "[packager][key_file]") {
    const SecretKey key =
        SecretKey::from_seed(from_hex("d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842"));
    const std::string example = "-----BEGIN PRIVATE KEY-----\n"
                                "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                                "-----END PRIVATE KEY-----\n"; // RFC 8410, 10.3
    CHECK(packager::write_plain_key(key).view() == example);
    CHECK(packager::read_plain_key(example)->public_key() == key.public_key());
}

TEST_CASE("openssl reads both forms of our secret keys", "[packager][key_file][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    const KeyPairPaths plain = write_sample(folder, "plain", false);
    const KeyPairPaths secret = write_sample(folder, "secret", true);
    const auto from_plain = run({"openssl", "pkey", "-in", plain.secret_key, "-pubout"});
    CHECK(from_plain.out == tests::read_file(plain.public_key));
    const auto from_secret =
        run({"openssl", "pkey", "-in", secret.secret_key, "-passin", "pass:" + passphrase, "-pubout"});
    CHECK(from_secret.out == tests::read_file(secret.public_key));
    CHECK(run({"openssl", "pkey", "-in", secret.secret_key, "-passin", "pass:other", "-pubout"}).status != 0);
    const auto shape = run({"openssl", "asn1parse", "-in", secret.secret_key});
    CHECK_THAT(shape.out, Catch::Contains("PBES2") && Catch::Contains(":scrypt") &&
                              Catch::Contains("aes-256-cbc") && Catch::Contains(":4000") &&
                              !Catch::Contains("ED25519"));
}

TEST_CASE("secret keys of openssl are read", "[packager][key_file][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    const std::string plain = folder / "plain.key";
    REQUIRE(run({"openssl", "genpkey", "-algorithm", "ed25519", "-out", plain}).status == 0);
    REQUIRE(::chmod(plain.c_str(), 0600) == 0);
    const std::string public_pem = run({"openssl", "pkey", "-in", plain, "-pubout"}).out;
    CHECK(load_secret_key(plain, {}).public_key().pem() == public_pem);
    CHECK(packager::write_plain_key(load_secret_key(plain, {})).view() == tests::read_file(plain));
    const std::vector<std::vector<std::string>> ways{
        {"-v2", "aes-256-cbc"}, {"-v2", "aes-128-cbc", "-v2prf", "hmacWithSHA512"}, {"-scrypt"}};
    for (const auto& way : ways) {
        CAPTURE(way);
        const std::string path = folder / "encrypted.key";
        std::vector<std::string> command{
            "openssl", "pkcs8", "-topk8", "-in", plain, "-out", path, "-passout", "pass:" + passphrase};
        command.insert(command.end(), way.begin(), way.end());
        REQUIRE(run(command).status == 0);
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
        CHECK(load_secret_key(path, source_of(folder)).public_key().pem() == public_pem);
        CHECK(error_of(path, source_of(folder, "wrong\n")).what() == path + ": wrong passphrase");
    }
}

TEST_CASE("openssl verifies our signature over the PAE", "[packager][signing][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    const auto envelope = packager::sign_payload("application/vnd.in-toto+json", "{\"a\":1}", sample_key());
    const std::string pae = manifests::pre_authentication_encoding(envelope.payload_type, envelope.payload);
    tests::write_file(folder / "key.pub", sample_key().public_key().pem());
    tests::write_file(folder / "pae", pae);
    tests::write_file(folder / "sig", envelope.signatures.at(0).signature);
    const std::vector<std::string> command{"openssl",      "pkeyutl",  "-verify",          "-rawin",
                                           "-pubin",       "-inkey",   folder / "key.pub", "-in",
                                           folder / "pae", "-sigfile", folder / "sig"};
    CHECK(run(command).status == 0);
    tests::flip_bit(folder / "pae", pae.size() - 1);
    CHECK(run(command).status != 0);
}

TEST_CASE("a countersignature joins the others, and signing again changes nothing", "[packager][signing]") {
    const SecretKey first = sample_key();
    const SecretKey second = SecretKey::generate();
    auto envelope = packager::sign_payload("t", "payload", first);
    const std::string once = envelope.encode();
    packager::add_signature(envelope, first);
    CHECK(envelope.encode() == once);
    packager::add_signature(envelope, second);
    CHECK(manifests::keys_that_signed(envelope, {first.public_key(), second.public_key()}).size() == 2);
    CHECK(manifests::Envelope::parse(envelope.encode()).encode() == envelope.encode());
    // One that claims our key id, and one of ours under another, are replaced.
    envelope.signatures = {{first.public_key().key_id(), "bad"},
                           {"", first.sign(manifests::pre_authentication_encoding("t", "payload"))}};
    packager::add_signature(envelope, first);
    CHECK(envelope.encode() == once);
    envelope.signatures.assign(manifests::Envelope::most_signatures, {"other", "x"});
    REQUIRE_THROWS_MATCHES(packager::add_signature(envelope, first), Error, faults_with(Fault::refused));
}

TEST_CASE("key files that are there are never overwritten unasked", "[packager][key_file]") {
    const TempDir folder;
    const KeyPairPaths paths = packager::key_pair_paths(folder / "release");
    const std::string there = GENERATE(as<std::string>(), "release.key", "release.pub");
    tests::write_file(folder / there, "mine");
    REQUIRE_THROWS_MATCHES(packager::write_key_pair(paths, sample_key(), nullptr, Replace::refuse), Error,
                           faults_with(Fault::usage));
    CHECK(tests::read_file(folder / there) == "mine");
    CHECK(run({"ls", "-A", folder.path()}).out == there + "\n"); // nothing half-written, no other half
    packager::write_key_pair(paths, sample_key(), nullptr, Replace::allow);
    CHECK(mode_of(paths.secret_key) == 0600);
    CHECK(load_secret_key(paths.secret_key, {}).public_key() == sample_key().public_key());
}

TEST_CASE("nothing is left where a key pair could not be written", "[packager][key_file]") {
    const TempDir folder;
    const KeyPairPaths nowhere = packager::key_pair_paths(folder / "no/such/release");
    REQUIRE_THROWS_AS(packager::write_key_pair(nowhere, sample_key(), nullptr, Replace::refuse), Error);
    CHECK(run({"ls", "-A", folder.path()}).out.empty());
}

TEST_CASE("a secret key that others may read is refused", "[packager][key_file]") {
    const TempDir folder;
    const KeyPairPaths paths = write_sample(folder, "release", false);
    for (const mode_t mode : {0640U, 0604U, 0620U, 0601U, 0666U}) {
        CAPTURE(mode);
        REQUIRE(::chmod(paths.secret_key.c_str(), mode) == 0);
        const Error error = error_of(paths.secret_key, {});
        CHECK(error.fault() == Fault::missing);
        CHECK_THAT(error.hint(), Catch::Contains("chmod 600"));
    }
    REQUIRE(::chmod(paths.secret_key.c_str(), 0400) == 0);
    CHECK(load_secret_key(paths.secret_key, {}).public_key() == sample_key().public_key());
}

TEST_CASE("a wrong passphrase is called that", "[packager][key_file]") {
    const TempDir folder;
    const KeyPairPaths paths = write_sample(folder, "release", true);
    for (const char* wrong : {"x", "correct horse battery stapl", "correct horse battery staple "}) {
        CAPTURE(wrong);
        const Error error = error_of(paths.secret_key, source_of(folder, wrong));
        CHECK(error.fault() == Fault::missing);
        CHECK_THAT(error.what(), Catch::EndsWith("release.key: wrong passphrase"));
        CHECK_FALSE(error.hint().empty());
    }
}

TEST_CASE("a secret key file that is something else is named", "[packager][key_file][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    const auto made = [](const std::vector<std::string>& command) { return run(command).out; };
    const std::string good(packager::write_plain_key(sample_key()).view());
    const std::vector<std::pair<std::string, std::string>> files{
        {"RSA", made({"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"})},
        {"wanted an Ed25519 key",
         made({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"})},
        {"secp384r1",
         made({"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"})},
        {"ED448", made({"openssl", "genpkey", "-algorithm", "ed448"})},
        {"'EC PRIVATE KEY'", made({"openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"})},
        {"'PUBLIC KEY'", sample_key().public_key().pem()},
        {"no PEM block", "hello"},
        {"no PEM block", ""},
        {"more than one", good + good},
        {"no end", good.substr(0, good.size() - 4)},
        {"no end", good.substr(0, 60)},
        {"behind", good + "x"},
        {"PKCS#8", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
        {"base64", "-----BEGIN PRIVATE KEY-----\nA!AA\n-----END PRIVATE KEY-----\n"},
        {"encrypted PKCS#8",
         "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"},
        {"too large", std::string(70'000, 'x')},
    };
    for (const auto& [name, text] : files) {
        CAPTURE(name, text);
        put_private(folder / "x.key", text);
        const Error error = error_of(folder / "x.key", source_of(folder));
        CHECK(error.fault() == Fault::missing);
        CHECK_THAT(error.what(), Catch::Contains(name));
        CHECK(std::string(error.what()).find(good.substr(30, 30)) == std::string::npos); // no secret in it
    }
    REQUIRE_THROWS_MATCHES(load_secret_key(folder / "none.key", {}), Error, faults_with(Fault::io));
    REQUIRE_THROWS_MATCHES(load_secret_key(folder.path(), {}), Error, faults_with(Fault::missing));
}

TEST_CASE("bytes behind the DER of a secret key are refused", "[packager][key_file]") {
    // RFC 8410's example with one zero byte behind its 48.
    const std::string pem = "-----BEGIN PRIVATE KEY-----\n"
                            "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\nAA==\n"
                            "-----END PRIVATE KEY-----\n";
    REQUIRE_THROWS_MATCHES(packager::read_plain_key(pem), Error, faults_with(Fault::missing));
}

TEST_CASE("a key encrypted in a way that is switched off is told from a wrong passphrase",
          "[packager][key_file][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    put_private(folder / "plain.key", std::string(packager::write_plain_key(sample_key()).view()));
    const auto made = run({"openssl", "pkcs8", "-topk8", "-in", folder / "plain.key", "-v1", "PBE-MD5-DES",
                           "-provider", "legacy", "-provider", "default", "-passout", "pass:" + passphrase});
    if (made.status != 0) return; // an openssl without its legacy provider cannot make one
    put_private(folder / "old.key", made.out);
    const Error error = error_of(folder / "old.key", source_of(folder));
    CHECK(error.fault() == Fault::missing);
    CHECK_THAT(error.what(), Catch::Contains("encrypted in a way"));
}

TEST_CASE("a key with a cost that would fill the memory is refused", "[packager][key_file][peers]") {
    if (!have_tool("openssl")) return;
    const TempDir folder;
    put_private(folder / "plain.key", std::string(packager::write_plain_key(sample_key()).view()));
    const auto made = run({"openssl", "pkcs8", "-topk8", "-in", folder / "plain.key", "-scrypt", "-passout",
                           "pass:" + passphrase});
    REQUIRE(made.status == 0);
    // In the DER, N = 16384 is 02 02 40 00; 02 02 7f ff is no power of two, which scrypt refuses.
    tests::write_file(folder / "x.pem", made.out);
    REQUIRE(run({"openssl", "pkcs8", "-in", folder / "x.pem", "-passin", "pass:" + passphrase}).status == 0);
    REQUIRE(
        run({"openssl", "asn1parse", "-in", folder / "x.pem", "-noout", "-out", folder / "x.der"}).status ==
        0);
    std::string der = tests::read_file(folder / "x.der");
    const std::size_t at = der.find(std::string("\x02\x02\x40\x00", 4));
    REQUIRE(at != std::string::npos);
    der.replace(at, 4, "\x02\x02\x7f\xff");
    tests::write_file(folder / "y.der", der);
    const auto pem = run({"openssl", "base64", "-in", folder / "y.der"});
    put_private(folder / "x.key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + pem.out +
                                      "-----END ENCRYPTED PRIVATE KEY-----\n");
    const Error error = error_of(folder / "x.key", source_of(folder));
    CHECK(error.fault() == Fault::missing);
    CHECK_THAT(error.what(), Catch::Contains("encrypted in a way"));
}

namespace {

// A secret key file, and what a change of its passphrase must leave as it is.
struct Stored {
    TempDir folder;
    std::string path;
    std::string before;

    Stored() : path(write_sample(folder, "release", true).secret_key), before(tests::read_file(path)) {}
    std::string names() const { return run({"ls", "-A", folder.path()}).out; }
};

} // namespace

TEST_CASE("a key is rewritten with another passphrase or none, and stays private", "[packager][key_file]") {
    for (const auto type : manifests::all_key_types()) {
        CAPTURE(name_of(type));
        const TempDir folder;
        const auto key = packager::generate_key(type);
        const KeyPairPaths paths = packager::key_pair_paths(folder / "release");
        packager::write_key_pair(paths, *key, nullptr, Replace::refuse);
        REQUIRE(::chmod(paths.secret_key.c_str(), 0400) == 0);
        const SecretText text = SecretText::copy_of(passphrase);
        const mode_t before = ::umask(0);
        packager::rewrite_key(paths.secret_key, *packager::load_key(paths.secret_key, {}), &text);
        ::umask(before);
        CHECK(mode_of(paths.secret_key) == 0600);
        CHECK_THAT(tests::read_file(paths.secret_key), Catch::Contains("ENCRYPTED"));
        const auto encrypted = packager::load_key(paths.secret_key, source_of(folder));
        CHECK(encrypted->secret() == key->secret());
        CHECK_THROWS_AS(packager::load_key(paths.secret_key, source_of(folder, "other\n")), Error);
        packager::rewrite_key(paths.secret_key, *encrypted, nullptr);
        CHECK(mode_of(paths.secret_key) == 0600);
        CHECK(packager::load_key(paths.secret_key, {})->secret() == key->secret());
        CHECK(run({"ls", "-A", folder.path()}).out == "passphrase\nrelease.key\nrelease.pub\n");
    }
}

TEST_CASE("a key that cannot be rewritten stays as it is", "[packager][key_file]") {
    const Stored stored;
    const SecretText text = SecretText::copy_of("another");
    SECTION("through a symbolic link") {
        const std::string link = stored.folder / "link.key";
        REQUIRE(::symlink(stored.path.c_str(), link.c_str()) == 0);
        REQUIRE_THROWS_MATCHES(packager::rewrite_key(link, sample_key(), &text), Error,
                               faults_with(Fault::usage));
        CHECK(stored.names() == "link.key\nrelease.key\nrelease.pub\n");
    }
    SECTION("into a folder") {
        REQUIRE_THROWS_MATCHES(packager::rewrite_key(stored.folder.path(), sample_key(), &text), Error,
                               faults_with(Fault::usage));
    }
    SECTION("when it has gone") {
        REQUIRE_THROWS_MATCHES(packager::rewrite_key(stored.folder / "gone.key", sample_key(), &text), Error,
                               faults_with(Fault::io));
        CHECK(stored.names() == "release.key\nrelease.pub\n");
    }
    SECTION("when there is no room") {
        struct rlimit room {};
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &room) == 0);
        const struct rlimit none { 100, room.rlim_max };
        const auto old = std::signal(SIGXFSZ, SIG_IGN);
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &none) == 0);
        CHECK_THROWS_MATCHES(packager::rewrite_key(stored.path, sample_key(), &text), Error,
                             faults_with(Fault::io));
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &room) == 0);
        std::signal(SIGXFSZ, old);
        CHECK(stored.names() == "release.key\nrelease.pub\n");
    }
    SECTION("when it is somebody else's") {
        if (::geteuid() != 0) return; // nobody else can give a file away
        REQUIRE(::chown(stored.path.c_str(), 1, 1) == 0);
        REQUIRE_THROWS_MATCHES(packager::rewrite_key(stored.path, sample_key(), &text), Error,
                               faults_with(Fault::usage));
    }
    CHECK(tests::read_file(stored.path) == stored.before);
}

TEST_CASE("any key file shows its public half", "[packager][key_file]") {
    const TempDir folder;
    const KeyPairPaths plain = write_sample(folder, "plain", false);
    const KeyPairPaths secret = write_sample(folder, "secret", true);
    const auto key = sample_key().public_key();
    using packager::KeyPart;
    const auto expect = [&](const std::string& path, KeyPart part, const PassphraseSource& source) {
        CAPTURE(path);
        const packager::AnyKey found = packager::load_any_key(path, source);
        CHECK(found.part == part);
        CHECK(found.key.key == key);
    };
    expect(plain.public_key, KeyPart::public_key, {});
    expect(plain.secret_key, KeyPart::plain_secret, {});
    expect(secret.secret_key, KeyPart::encrypted_secret, source_of(folder));
    tests::write_file(folder / "ssh", write_openssh_key(key, "x"));
    expect(folder / "ssh", KeyPart::public_key, {});
    // Refused: a secret key by load_key()'s rules, and what is no key at all.
    const auto refuse = [&](const std::string& path, const PassphraseSource& source,
                            const std::string& said) {
        CAPTURE(path);
        REQUIRE_THROWS_WITH(packager::load_any_key(path, source), Catch::Contains(said));
    };
    refuse(secret.secret_key, source_of(folder, "other"), "secret.key: wrong passphrase");
    REQUIRE(::chmod(plain.secret_key.c_str(), 0644) == 0);
    refuse(plain.secret_key, {}, "mode 0644");
    tests::write_file(folder / "text", "hello");
    refuse(folder / "text", {}, "no public key");
    tests::write_file(folder / "large", std::string(70'000, 'x'));
    refuse(folder / "large", {}, "too large");
    refuse(folder.path(), {}, "folder");
    refuse(folder / "none", {}, "none");
    put_private(folder / "ssh-secret", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n");
    refuse(folder / "ssh-secret", {}, "PKCS#8");
}
