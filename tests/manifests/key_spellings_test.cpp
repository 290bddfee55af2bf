// Public keys as minisign, OpenSSH and signed notes spell them: what those tools wrote, and near misses.

#include "manifests/key_spellings.hpp"

#include <catch2/catch.hpp>

#include "manifests/base64.hpp"
#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "tests/manifests/ec_signer.hpp"
#include "tests/manifests/signer.hpp"
#include "tests/support/faults.hpp"

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::from_hex;
using manifests::KeySpelling;
using manifests::KeyType;
using manifests::MinisignKey;
using manifests::parse_spelled_key;
using manifests::PublicKey;
using manifests::VerifierKey;
using tests::EcSigner;
using tests::faults_with;
using tests::Signer;

namespace {

// minisign 0.11: minisign -G -W
const std::string minisign_file = "untrusted comment: minisign public key 6BE2048C291FE6E7\n"
                                  "RWTn5h8pjATia/bn/k3HvklVTFMMykj6PC9rPAu83Id/Q59iH71RRBrh\n";
const std::string minisign_line = minisign_file.substr(minisign_file.find('\n') + 1);
const std::string minisign_raw = "f6e7fe4dc7be49554c530cca48fa3c2f6b3c0bbcdc877f439f621fbd51441ae1";
// OpenSSH 9.2: ssh-keygen -t ed25519, -t ecdsa -b 256 with ssh-keygen -e -m PKCS8, -t ecdsa -b 384, -t rsa
const std::string ssh_ed25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJr0r2B+qvRk0aH0g4Bohf5aYkHWDSS9NpiMiJNikuM1 a comment\n";
const std::string ssh_ed25519_raw = "9af4af607eaaf464d1a1f483806885fe5a6241d60d24bd36988c88936292e335";
const std::string ssh_p256 =
    "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKJ1FSEsYUdFSqAx0hmqS9tpxPHS"
    "oqrhEtqcwDybDy/dUWv9iwMwVATmLd0kgjDZ00YVUddzhvrP9CdYB/2msl8= p256\n";
const std::string ssh_p256_pem = "-----BEGIN PUBLIC KEY-----\n"
                                 "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEonUVISxhR0VKoDHSGapL22nE8dKi\n"
                                 "quES2pzAPJsPL91Ra/2LAzBUBOYt3SSCMNnTRhVR13OG+s/0J1gH/aayXw==\n"
                                 "-----END PUBLIC KEY-----\n";
const std::string ssh_p384 =
    "ecdsa-sha2-nistp384 AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBFEb1EtlC92NomWtQEvTOKR9/vwd"
    "jPH5INnWxPqCUc94cRna9xRoxjeoauYs3d2ua/4sWZmTkSOTTkYVTnPbt35kYbic86aOgSiqhaBZ83qTHb3XQDB7l7CCYCX8fBcl"
    "9g== p384\n";
const std::string ssh_rsa =
    "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDFlrc39aen+g6BYdqqddwH99UXROYlnp2MSr6tfOdCjTfR0wGe2+3ZUT8Sfyu/"
    "qyY5K7d0DEP50SEwkUz0xxGq16dLpUaoMKft9iTTjOHxNPPLTSD5VIAmq2sScacTSKfJLuZ04CAGcpy58IG4pmJakLr1JCE9m7Kn"
    "AqyM8swOzQ==\n";
// RFC 8032, 7.1, TEST 1; the spellings by a few lines of Python from the formats' own texts
const std::string rfc_raw = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const std::string rfc_vkey = "example.org/line-7+6e3fa69d+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n";
const std::string rfc_minisign = "RWQh/jHfoVSiYddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n";

std::string ssh_string(const std::string& bytes) {
    return std::string(3, '\0') + static_cast<char>(bytes.size()) + bytes;
}

std::string ssh_line(const std::string& type, const std::string& blob) {
    return type + " " + manifests::to_base64(blob) + "\n";
}

// A verifier key whose hash is right, whatever else is not.
std::string vkey_line(const std::string& name, const std::string& typed_key) {
    const std::string hash = manifests::Digest::of(name + "\n" + typed_key).hex().substr(0, 8);
    return name + "+" + hash + "+" + manifests::to_base64(typed_key) + "\n";
}

std::string minisign_of(const std::string& bytes) {
    return "untrusted comment: x\n" + manifests::to_base64(bytes) + "\n";
}

} // namespace

TEST_CASE("a key of minisign is read, and written back byte for byte", "[manifests][key_spellings]") {
    const MinisignKey key = MinisignKey::parse(minisign_file);
    CHECK(key.key == PublicKey::from_raw(from_hex(minisign_raw)));
    CHECK(manifests::minisign_number_text(key.number) == "6BE2048C291FE6E7");
    CHECK(manifests::minisign_number_from("6BE2048C291FE6E7") == key.number);
    CHECK(manifests::minisign_number_from("6be2048c291fe6e7") == key.number);
    CHECK(key.encode() == minisign_file);
    CHECK(MinisignKey::parse(minisign_line).encode() == minisign_file);
    CHECK(MinisignKey::parse(minisign_line.substr(0, minisign_line.size() - 1)).encode() == minisign_file);
    CHECK(MinisignKey::parse("untrusted comment: \xc3\xa4 b\r\n" + minisign_line).encode() == minisign_file);
}

TEST_CASE("a key without a number of minisign always gets the same one", "[manifests][key_spellings]") {
    const PublicKey key = PublicKey::from_raw(from_hex(rfc_raw));
    CHECK(manifests::minisign_number_text(minisign_number_of(key)) == "61A254A1DF31FE21");
    CHECK(MinisignKey{key, minisign_number_of(key)}.encode() ==
          "untrusted comment: minisign public key 61A254A1DF31FE21\n" + rfc_minisign);
    CHECK_FALSE(minisign_number_of(key) == minisign_number_of(Signer(1).key()));
}

TEST_CASE("a number has no zeros in front, as minisign shows it", "[manifests][key_spellings]") {
    manifests::MinisignNumber number = manifests::minisign_number_from("844ACF10C703CB7");
    CHECK(manifests::minisign_number_text(number) == "844ACF10C703CB7");
    CHECK(manifests::minisign_number_from("0844ACF10C703CB7") == number);
    number.fill(0);
    CHECK(manifests::minisign_number_text(number) == "0");
    CHECK(manifests::minisign_number_from("0") == number);
}

TEST_CASE("text that is no key of minisign is refused", "[manifests][key_spellings]") {
    const std::string raw = from_hex(minisign_raw);
    const std::string number = "12345678";
    REQUIRE(MinisignKey::parse(minisign_of("Ed" + number + raw)).key.raw() == raw);
    const auto [reason, text] = GENERATE_COPY(table<std::string, std::string>({
        {"empty", ""},
        {"a comment alone", "untrusted comment: x"},
        {"a comment and nothing", "untrusted comment: x\n"},
        {"two comments", "untrusted comment: x\n" + minisign_file},
        {"another comment", "trusted comment: x\n" + minisign_line},
        {"no space in the comment", "untrusted comment:x\n" + minisign_line},
        {"a line behind", minisign_file + "x\n"},
        {"an empty line behind", minisign_file + "\n"},
        {"an empty line between", "untrusted comment: x\n\n" + minisign_line},
        {"a carriage return between", "untrusted comment: x\r" + minisign_line},
        {"a carriage return at the end", minisign_line.substr(0, minisign_line.size() - 1) + "\r"},
        {"a space in front", " " + minisign_line},
        {"a space behind", minisign_line.substr(0, minisign_line.size() - 1) + " \n"},
        {"an escape in the comment", "untrusted comment: \x1b[2J\n" + minisign_line},
        {"a NUL in the comment", std::string("untrusted comment: \0\n", 21) + minisign_line},
        {"a tabulator in the comment", "untrusted comment: a\tb\n" + minisign_line},
        {"a NUL behind", minisign_line + std::string(1, '\0')},
        {"no base64", "!" + minisign_line.substr(1)},
        {"URL-safe base64", "RWTn5h8pjATia_bn_k3HvklVTFMMykj6PC9rPAu83Id_Q59iH71RRBrh\n"},
        {"a byte short", minisign_of("Ed" + number + raw.substr(0, 31))},
        {"a byte long", minisign_of("Ed" + number + raw + '\0')},
        {"prehashed type", minisign_of("ED" + number + raw)},
        {"another type", minisign_of("Rd" + number + raw)},
        {"no type", minisign_of(number + raw)},
        {"a point of small order", minisign_of("Ed" + number + std::string(32, '\0'))},
        {"no point", minisign_of("Ed" + number + std::string(1, '\2') + std::string(31, '\0'))},
        {"too long", "untrusted comment: " + std::string(5000, 'x') + "\n" + minisign_line},
    }));
    CAPTURE(reason, text);
    REQUIRE_THROWS_MATCHES(MinisignKey::parse(text), Error, faults_with(Fault::damaged, Code::trust_key));
    REQUIRE_THROWS_MATCHES(parse_spelled_key(text), Error, faults_with(Fault::missing));
}

TEST_CASE("a number of minisign has at most 16 hex digits", "[manifests][key_spellings]") {
    for (const char* wrong :
         {"", "6BE2048C291FE6E70", "0x6BE2048C291FE6", "-6BE2048C291FE6E", "+6BE2048C291FE6E",
          " 6BE2048C291FE6E", "6BE2048C291FE6EG", "6BE2048C291FE6E\n"}) {
        CAPTURE(wrong);
        REQUIRE_THROWS_MATCHES(manifests::minisign_number_from(wrong), Error, faults_with(Fault::usage));
    }
}

TEST_CASE("keys of OpenSSH are read, and written back byte for byte", "[manifests][key_spellings]") {
    const PublicKey ed25519 = manifests::parse_openssh_key(ssh_ed25519);
    CHECK(ed25519 == PublicKey::from_raw(from_hex(ssh_ed25519_raw)));
    CHECK(write_openssh_key(ed25519, "a comment") == ssh_ed25519);
    const PublicKey p256 = manifests::parse_openssh_key(ssh_p256);
    CHECK(p256.pem() == ssh_p256_pem);
    CHECK(write_openssh_key(p256, "p256") == ssh_p256);
    const std::string bare = write_openssh_key(p256, "");
    CHECK(bare == ssh_p256.substr(0, ssh_p256.size() - 6) + "\n");
    CHECK(manifests::parse_openssh_key(bare) == p256);
    CHECK(manifests::parse_openssh_key(bare.substr(0, bare.size() - 1)) == p256);
    CHECK(manifests::parse_openssh_key(bare.substr(0, bare.size() - 1) + " J\xc3\xbcrgen\r\n") == p256);
}

TEST_CASE("text that is no key of OpenSSH is refused", "[manifests][key_spellings]") {
    const std::string raw = from_hex(ssh_ed25519_raw);
    const std::string point(manifests::parse_openssh_key(ssh_p256).raw());
    const std::string ed = ssh_string("ssh-ed25519");
    const std::string ec = ssh_string("ecdsa-sha2-nistp256") + ssh_string("nistp256");
    REQUIRE(manifests::parse_openssh_key(ssh_line("ssh-ed25519", ed + ssh_string(raw))).raw() == raw);
    REQUIRE(manifests::parse_openssh_key(ssh_line("ecdsa-sha2-nistp256", ec + ssh_string(point))).raw() ==
            point);
    const std::string no_end = ssh_ed25519.substr(0, ssh_ed25519.size() - 1);
    const auto [reason, text] = GENERATE_COPY(table<std::string, std::string>({
        {"empty", ""},
        {"a type alone", "ssh-ed25519"},
        {"a type and a space", "ssh-ed25519 \n"},
        {"two spaces", "ssh-ed25519  " + ssh_ed25519.substr(12)},
        {"a tabulator", "ssh-ed25519\t" + ssh_ed25519.substr(12)},
        {"options in front", "no-pty " + ssh_ed25519},
        {"a space in front", " " + ssh_ed25519},
        {"a line in front", "\n" + ssh_ed25519},
        {"two keys", ssh_ed25519 + ssh_p256},
        {"an empty line behind", ssh_ed25519 + "\n"},
        {"a second line in the comment", no_end + "\nssh-rsa AAAA\n"},
        {"a carriage return in the comment", no_end + "\rssh-rsa AAAA\n"},
        {"an escape in the comment", no_end + "\x1b[2J\n"},
        {"a NUL in the comment", no_end + std::string(1, '\0') + "\n"},
        {"a delete in the comment", no_end + "\x7f\n"},
        {"too long", no_end + std::string(5000, 'x') + "\n"},
        {"RSA", ssh_rsa},
        {"P-384", ssh_p384},
        {"a security key", ssh_line("sk-ssh-ed25519@openssh.com", ed + ssh_string(raw))},
        {"a certificate", ssh_line("ssh-ed25519-cert-v01@openssh.com", ed + ssh_string(raw))},
        {"upper case", ssh_line("SSH-ED25519", ed + ssh_string(raw))},
        {"another type inside", ssh_line("ssh-ed25519", ssh_string("ssh-ed25518") + ssh_string(raw))},
        {"P-256 under the name of Ed25519", ssh_line("ssh-ed25519", ec + ssh_string(point))},
        {"Ed25519 under the name of P-256", ssh_line("ecdsa-sha2-nistp256", ed + ssh_string(raw))},
        {"another curve inside",
         ssh_line("ecdsa-sha2-nistp256",
                  ssh_string("ecdsa-sha2-nistp256") + ssh_string("nistp384") + ssh_string(point))},
        {"a compressed point",
         ssh_line("ecdsa-sha2-nistp256", ec + ssh_string("\x03" + point.substr(1, 32)))},
        {"a hybrid point", ssh_line("ecdsa-sha2-nistp256", ec + ssh_string("\x07" + point.substr(1)))},
        {"a point off the curve",
         ssh_line("ecdsa-sha2-nistp256", ec + ssh_string(point.substr(0, 64) + "x"))},
        {"a byte short", ssh_line("ssh-ed25519", ed + ssh_string(raw.substr(1)))},
        {"a byte long", ssh_line("ssh-ed25519", ed + ssh_string(raw + '\0'))},
        {"a byte behind", ssh_line("ssh-ed25519", ed + ssh_string(raw) + '\0')},
        {"a length over the end", ssh_line("ssh-ed25519", ed + std::string("\0\0\0\x21", 4) + raw)},
        {"a length of 4 GiB", ssh_line("ssh-ed25519", ed + std::string("\xff\xff\xff\xff", 4) + raw)},
        {"no length", ssh_line("ssh-ed25519", ed)},
        {"half a length", ssh_line("ssh-ed25519", ed + std::string(3, '\0'))},
        {"an empty blob", ssh_line("ssh-ed25519", "")},
        {"a point of small order", ssh_line("ssh-ed25519", ed + ssh_string(std::string(32, '\0')))},
        {"no base64", "ssh-ed25519 AAAA!3NzaC1lZDI1NTE5AAAAIJr0r2B+qvRk0aH0g4Bohf5aYkHWDSS9NpiMiJNikuM1\n"},
        {"no padding", ssh_p256.substr(0, ssh_p256.size() - 7) + "\n"},
    }));
    CAPTURE(reason, text);
    REQUIRE_THROWS_MATCHES(manifests::parse_openssh_key(text), Error,
                           faults_with(Fault::damaged, Code::trust_key));
    REQUIRE_THROWS_MATCHES(parse_spelled_key(text), Error, faults_with(Fault::missing));
}

TEST_CASE("comments that are not one line of text are not written", "[manifests][key_spellings]") {
    for (const char* comment : {"a\nb", "a\rb", "\t", "\x1b[2J", "\x7f", "\xc3\xa4"}) {
        CAPTURE(comment);
        REQUIRE_THROWS_MATCHES(write_openssh_key(Signer(1).key(), comment), Error, faults_with(Fault::usage));
    }
}

TEST_CASE("a verifier key is read, and written back byte for byte", "[manifests][key_spellings]") {
    const VerifierKey key = VerifierKey::parse(rfc_vkey);
    CHECK(key.name == "example.org/line-7");
    CHECK(key.key == PublicKey::from_raw(from_hex(rfc_raw)));
    CHECK(key.encode() == rfc_vkey);
    // the example key of golang.org/x/mod/sumdb/note
    const std::string example = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\n";
    CHECK(VerifierKey::parse(example).encode() == example);
    CHECK(VerifierKey::parse(example).name == "PeterNeumann");
}

TEST_CASE("text that is no verifier key is refused", "[manifests][key_spellings]") {
    const std::string typed = "\x01" + from_hex(rfc_raw);
    REQUIRE(VerifierKey::parse(vkey_line("a", typed)).name == "a");
    const std::string line = rfc_vkey.substr(0, rfc_vkey.size() - 1);
    const auto [reason, text] = GENERATE_COPY(table<std::string, std::string>({
        {"empty", ""},
        {"one part", "example.org"},
        {"two parts", "example.org+6e3fa69d"},
        {"no name", vkey_line("", typed)},
        {"a space in the name", vkey_line("a b", typed)},
        {"a space of Unicode", vkey_line("a\xc2\xa0"
                                         "b",
                                         typed)},
        {"an override in the name", vkey_line("a\xe2\x80\xae"
                                              "b",
                                              typed)},
        {"an escape in the name", vkey_line("a\x1b[2J", typed)},
        {"a name that is not UTF-8", vkey_line("a\xff", typed)},
        {"a long name", vkey_line(std::string(256, 'a'), typed)},
        {"a plus in the name", vkey_line("a+b", typed)},
        {"a line feed in the name", vkey_line("a\nb", typed)},
        {"another hash", "example.org/line-7+6e3fa69e" + rfc_vkey.substr(27)},
        {"upper-case hash", "example.org/line-7+6E3FA69D" + rfc_vkey.substr(27)},
        {"a short hash", "example.org/line-7+6e3fa69" + rfc_vkey.substr(27)},
        {"a long hash", "example.org/line-7+06e3fa69d" + rfc_vkey.substr(27)},
        {"no hash", "example.org/line-7+" + rfc_vkey.substr(27)},
        {"another name", "example.org/line-8" + rfc_vkey.substr(18)},
        {"a cosignature key", vkey_line("a", "\x04" + typed.substr(1))},
        {"an unknown type", vkey_line("a", "\xff" + typed.substr(1))},
        {"no type", vkey_line("a", typed.substr(1))},
        {"an empty key", vkey_line("a", "")},
        {"a type alone", vkey_line("a", "\x01")},
        {"a byte short", vkey_line("a", typed.substr(0, 32))},
        {"a byte long", vkey_line("a", typed + '\0')},
        {"a point of small order", vkey_line("a", "\x01" + std::string(32, '\0'))},
        {"no base64", line + "!"},
        {"a fourth part", line + "+x"},
        {"a line behind", rfc_vkey + "x\n"},
        {"an empty line behind", rfc_vkey + "\n"},
        {"a carriage return at the end", line + "\r"},
        {"a space behind", line + " \n"},
        {"a secret key", "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz\n"},
    }));
    CAPTURE(reason, text);
    REQUIRE_THROWS_MATCHES(VerifierKey::parse(text), Error, faults_with(Fault::damaged, Code::trust_key));
    REQUIRE_THROWS_MATCHES(parse_spelled_key(text), Error, faults_with(Fault::missing));
}

TEST_CASE("a name that signed notes cannot have is not written", "[manifests][key_spellings]") {
    for (const std::string& name :
         {std::string(), std::string("a b"), std::string("a+b"), std::string("a\n"),
          std::string("\xe2\x80\x8b"), std::string("\xff"), std::string(256, 'a')}) {
        CAPTURE(name);
        REQUIRE_THROWS_MATCHES((VerifierKey{name, Signer(1).key()}.encode()), Error,
                               faults_with(Fault::usage));
    }
    CHECK_FALSE(VerifierKey{std::string(255, 'a'), Signer(1).key()}.encode().empty());
}

TEST_CASE("a type that a spelling does not have is not written", "[manifests][key_spellings]") {
    for (const KeyType type : {KeyType::ecdsa_p256, KeyType::sm2}) {
        CAPTURE(name_of(type));
        const PublicKey key = EcSigner(type).key();
        REQUIRE_THROWS_MATCHES((MinisignKey{key, {}}.encode()), Error, faults_with(Fault::refused));
        REQUIRE_THROWS_MATCHES((VerifierKey{"a", key}.encode()), Error, faults_with(Fault::refused));
    }
    REQUIRE_THROWS_MATCHES(write_openssh_key(EcSigner(KeyType::sm2).key(), ""), Error,
                           faults_with(Fault::refused));
}

TEST_CASE("which spelling it is shows in the text", "[manifests][key_spellings]") {
    CHECK(parse_spelled_key(ssh_p256_pem).spelling == KeySpelling::pem);
    CHECK(parse_spelled_key(ssh_p256).spelling == KeySpelling::openssh);
    CHECK(parse_spelled_key(ssh_p256).key == parse_spelled_key(ssh_p256_pem).key);
    CHECK(parse_spelled_key(ssh_ed25519).spelling == KeySpelling::openssh);
    CHECK(parse_spelled_key(rfc_vkey).spelling == KeySpelling::vkey);
    CHECK(parse_spelled_key(rfc_vkey).name == "example.org/line-7");
    for (const std::string& text : {minisign_file, minisign_line}) {
        CHECK(parse_spelled_key(text).spelling == KeySpelling::minisign);
        CHECK(parse_spelled_key(text).number == manifests::minisign_number_from("6BE2048C291FE6E7"));
    }
    // Base64 with two '+' is still minisign's, and a name that begins like its base64 is still a name.
    CHECK(parse_spelled_key(rfc_minisign).spelling == KeySpelling::minisign);
    CHECK(parse_spelled_key(vkey_line("RWanda", "\x01" + from_hex(rfc_raw))).spelling == KeySpelling::vkey);
    for (const KeyType type : manifests::all_key_types())
        CHECK_FALSE(name_of(type).empty());
}

TEST_CASE("a file that is no public key is told what would be one", "[manifests][key_spellings]") {
    for (const std::string& text :
         {std::string("hello"), std::string(), std::string(16, '\0'),
          std::string("untrusted comment: minisign encrypted secret key\nRWRTY0Iy"),
          std::string("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
          std::string("-----BEGIN \x1b[2J-----\n"), std::string("ssh-\x1b[2J x")}) {
        CAPTURE(text);
        try {
            parse_spelled_key(text);
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.fault() == Fault::missing);
            CHECK(std::string(error.what()).find('\x1b') == std::string::npos);
        }
    }
}
