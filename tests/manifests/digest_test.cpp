#include "manifests/digest.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "manifests/text.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Code;
using manifests::Digest;
using manifests::Fault;
using manifests::Hasher;
using tests::faults_with;

namespace {

const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

// Bytes that look random and are the same everywhere (xorshift64).
std::string noise(std::size_t length_bytes) {
    std::string bytes;
    std::uint64_t state = 88172645463325252ULL;
    while (bytes.size() < length_bytes) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes += static_cast<char>(state & 0xff);
    }
    return bytes;
}

} // namespace

TEST_CASE("SHA-256 gives the digests of FIPS 180-4 and its example papers", "[manifests][digest]") {
    const auto [message, hex] = GENERATE(table<std::string, std::string>({
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmno"
         "pq"
         "rstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
        {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
        {"\xbd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
        {"\xc9\x8c\x8e\x55", "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"},
        {std::string(55, '\0'), "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"},
        {std::string(56, '\0'), "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"},
        {std::string(57, '\0'), "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"},
        {std::string(64, '\0'), "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"},
        {std::string(1000, '\x41'), "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4"},
    }));
    CAPTURE(message.size());
    REQUIRE(Digest::of(message).hex() == hex);
    REQUIRE(Digest::of(message) == Digest::parse("sha256:" + hex));
}

TEST_CASE("SHA-512 gives the digests of FIPS 180-4", "[manifests][digest]") {
    const auto [message, hex] = GENERATE(table<std::string, std::string>({
        {"", "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
             "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
        {"abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    }));
    Hasher hasher(Hasher::Algorithm::sha512);
    hasher.update(message.data(), message.size());
    REQUIRE(manifests::to_hex(hasher.finish_bytes()) == hex);
}

TEST_CASE("a hash does not depend on how the bytes come in", "[manifests][digest]") {
    const std::string message = noise(100'000);
    const std::size_t step = GENERATE(as<std::size_t>{}, 1, 3, 63, 64, 65, 4096, 65537, 100'000);
    Hasher hasher;
    for (std::size_t at = 0; at < message.size(); at += step)
        hasher.update(message.data() + at, std::min(step, message.size() - at));
    hasher.update(message.data(), 0);
    CAPTURE(step);
    REQUIRE(hasher.finish() == Digest::of(message));
}

TEST_CASE("a SHA-512 hash never becomes a SHA-256 digest", "[manifests][digest]") {
    Hasher hasher(Hasher::Algorithm::sha512);
    REQUIRE_THROWS_MATCHES(hasher.finish(), manifests::Error, faults_with(Fault::internal));
}

TEST_CASE("a moved hasher goes on where the first one was", "[manifests][digest]") {
    Hasher first;
    first.update("a", 1);
    Hasher second(std::move(first));
    second.update("bc", 2);
    REQUIRE(second.finish().hex() == abc);
}

TEST_CASE("openssl and sha256sum find the same digests", "[manifests][digest]") {
    const std::size_t length_bytes =
        GENERATE(as<std::size_t>{}, 0, 1, 63, 64, 65, 4095, 4096, 524'288, 524'289, 3'000'001);
    const std::string message = noise(length_bytes);
    const std::string digest = Digest::of(message).hex();
    CAPTURE(length_bytes);

    const auto openssl =
        tests::run({"openssl", "dgst", "-sha256", "-r"}, {.input = message, .environment = {}, .folder = ""});
    REQUIRE(openssl.status == 0);
    REQUIRE(openssl.out == digest + " *stdin\n");

    const tests::TempDir folder;
    tests::write_file(folder / "noise", message);
    const auto sha256sum = tests::run({"sha256sum", folder / "noise"});
    REQUIRE(sha256sum.status == 0);
    REQUIRE(sha256sum.out == digest + "  " + (folder / "noise") + "\n");
}

TEST_CASE("a digest that is not spelled as we spell it is refused", "[manifests][digest]") {
    const auto [why, text] = GENERATE(table<std::string, std::string>({
        {"empty", ""},
        {"no algorithm", abc},
        {"only the algorithm", "sha256:"},
        {"upper-case algorithm", "SHA256:" + abc},
        {"another algorithm", "sha512:" + abc},
        {"another algorithm of OCI", "blake3:" + abc},
        {"one digit short", "sha256:" + abc.substr(1)},
        {"one digit more", "sha256:" + abc + "0"},
        {"upper-case digit", "sha256:B" + abc.substr(1)},
        {"not a digit", "sha256:g" + abc.substr(1)},
        {"space in front", " sha256:" + abc},
        {"space inside", "sha256: " + abc.substr(1)},
        {"line feed at the end", "sha256:" + abc + "\n"},
        {"line feed instead of a digit", "sha256:" + abc.substr(1) + "\n"},
        {"NUL inside", "sha256:" + std::string(1, '\0') + abc.substr(1)},
        {"path", "sha256:../../../../../../../../etc/passwd\\0000000000000000000000000000"},
        {"full-width digits", "sha256:\uff10" + abc.substr(3)},
        {"hex prefix", "sha256:0x" + abc.substr(2)},
    }));
    CAPTURE(why);
    REQUIRE_THROWS_MATCHES(Digest::parse(text), manifests::Error,
                           faults_with(Fault::damaged, Code::format_document));
}

TEST_CASE("a digest keeps its bytes, its text and its order", "[manifests][digest]") {
    const Digest digest = Digest::parse("sha256:" + abc);
    REQUIRE(digest.text() == "sha256:" + abc);
    REQUIRE(digest.hex() == abc);
    REQUIRE(Digest::from_bytes(digest.bytes()) == digest);
    REQUIRE(digest.bytes().front() == 0xba);
    REQUIRE(Digest::parse("sha256:" + std::string(64, '0')) < digest);
    REQUIRE(Digest::parse("sha256:" + std::string(64, 'f')) > digest);
}
