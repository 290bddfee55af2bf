#include "packager/emit.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include "manifests/base64.hpp"
#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/key_spellings.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"
#include "packager/claims.hpp"
#include "packager/copy_bundle.hpp"
#include "packager/emit_minisign.hpp"
#include "packager/emit_oms.hpp"
#include "packager/emit_sigstore.hpp"
#include "packager/secret_key.hpp"
#include "packager/signing.hpp"
#include "packager/stored_key.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"

using manifests::Code;
using manifests::Digest;
using manifests::Fault;
using manifests::Json;
using manifests::KeyType;
using packager::EmitFormat;
using packager::EmitRequest;
using packager::Signer;
using runtime::Bundle;
using tests::faults_with;
using tests::make_sample;
using tests::TempDir;

namespace {

packager::SecretKey key_of(char letter) {
    return packager::SecretKey::from_seed(std::string(packager::SecretKey::seed_bytes, letter));
}

Json oms_predicate(const Bundle& bundle) {
    return manifests::read_json(packager::oms_statement(bundle)).at("predicate");
}

std::string payload_of(const Json& bundle) {
    return manifests::from_base64(bundle.at("dsseEnvelope").at("payload").get<std::string>());
}

// The one signature of a sigstore bundle, checked over its payload.
bool is_signed_by(const Json& bundle, const manifests::PublicKey& key) {
    const Json& envelope = bundle.at("dsseEnvelope");
    REQUIRE(envelope.at("signatures").size() == 1);
    const std::string signature =
        manifests::from_base64(envelope.at("signatures")[0].at("sig").get<std::string>());
    return key.verifies(manifests::pre_authentication_encoding(envelope.at("payloadType").get<std::string>(),
                                                               payload_of(bundle)),
                        signature);
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines{""};
    for (const char one : text) {
        if (one == '\n') {
            lines.emplace_back();
        } else {
            lines.back() += one;
        }
    }
    return lines;
}

} // namespace

TEST_CASE("an OMS statement names the model files by code point, and their root", "[packager][emit]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder, {.bootable = false}).path);
    const Json statement = manifests::read_json(packager::oms_statement(bundle));
    CHECK(statement.at("_type") == "https://in-toto.io/Statement/v1");
    CHECK(statement.at("predicateType") == "https://model_signing/signature/v1.0");
    const Json& resources = statement.at("predicate").at("resources");
    std::string digests;
    std::vector<std::string> names;
    for (const Json& one : resources) {
        names.push_back(one.at("name").get<std::string>());
        CHECK(one.at("algorithm") == "sha256");
        CHECK(one.size() == 3);
        const auto* file = bundle.document().find(manifests::BundlePath::parse(names.back()));
        REQUIRE(file != nullptr);
        CHECK(one.at("digest") == file->digest.hex());
        digests += manifests::from_hex(one.at("digest").get<std::string>());
    }
    CHECK(std::is_sorted(names.begin(), names.end()));
    std::size_t model_files = 0;
    for (const auto& file : bundle.document().files) {
        const bool is_model = file.role == manifests::Role::weights || file.role == manifests::Role::doc ||
                              file.role == manifests::Role::model_config;
        model_files += is_model ? 1 : 0;
    }
    CHECK(names.size() == model_files);
    CHECK(model_files < bundle.document().files.size()); // kernels and the engine are not the model
    CHECK(statement.at("subject") ==
          Json::array({{{"name", "sample"}, {"digest", {{"sha256", Digest::of(digests).hex()}}}}}));
    CHECK(oms_predicate(bundle).at("serialization") ==
          Json{{"method", "files"},
               {"ignore_paths", {".git", ".gitattributes", ".github", ".gitignore"}},
               {"hash_type", "sha256"},
               {"allow_symlinks", false}});
}

TEST_CASE("a model.sig is a sigstore bundle by a P-256 key", "[packager][emit]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder, {.bootable = false}).path);
    const auto key = packager::generate_key(KeyType::ecdsa_p256);
    const std::string text = packager::oms_signature(bundle, *key);
    const Json file = manifests::read_json(text);
    const std::string hint = Digest::of(key->public_key().pem()).hex();
    CHECK(file.size() == 3);
    CHECK(file.at("mediaType") == "application/vnd.dev.sigstore.bundle.v0.3+json");
    CHECK(file.at("verificationMaterial") ==
          Json{{"publicKey", {{"hint", hint}}}, {"tlogEntries", Json::array()}});
    CHECK(file.at("dsseEnvelope").at("payloadType") == "application/vnd.in-toto+json");
    CHECK(file.at("dsseEnvelope").at("signatures")[0].at("keyid") == hint);
    CHECK(payload_of(file) == packager::oms_statement(bundle));
    CHECK(is_signed_by(file, key->public_key()));
}

TEST_CASE("a model.sig takes no other key", "[packager][emit]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder, {.bootable = false}).path);
    const auto type = GENERATE(KeyType::ed25519, KeyType::sm2);
    const auto key = packager::generate_key(type);
    CHECK_THROWS_MATCHES(packager::oms_signature(bundle, *key), manifests::Error,
                         faults_with(Fault::refused));
}

TEST_CASE("sigstore gets one file for each signer of the release", "[packager][emit]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder, {.signers = "ab", .bootable = false}).path);
    const auto made = packager::sigstore_bundles(bundle.carried().envelopes, bundle.digest(),
                                                 {tests::sample_key('a'), tests::sample_key('b')});
    CHECK(made.notes.empty());
    REQUIRE(made.bundles.size() == 2);
    for (const auto& one : made.bundles) {
        const char letter = one.key_id == tests::sample_key('a').key_id() ? 'a' : 'b';
        const manifests::PublicKey key = tests::sample_key(letter);
        CHECK(one.key_id == key.key_id());
        const Json file = manifests::read_json(one.text);
        const std::string hint = manifests::to_base64(manifests::from_hex(key.key_id()));
        CHECK(file.at("verificationMaterial").at("publicKey") == Json{{"hint", hint}});
        CHECK(file.at("dsseEnvelope").at("signatures")[0].at("keyid") == hint);
        CHECK(is_signed_by(file, key));
    }
}

TEST_CASE("sigstore gets what is known to fit, and hears of the rest", "[packager][emit]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder, {.signers = "", .bootable = false}).path);
    const auto point = packager::generate_key(KeyType::ecdsa_p256);
    const auto sm2 = packager::generate_key(KeyType::sm2);
    const auto ed25519 = key_of('a');
    std::vector<std::string> envelopes{"{", "not JSON"}; // of strangers
    for (const Signer* signer : std::vector<const Signer*>{point.get(), sm2.get(), &ed25519})
        packager::join(envelopes, packager::claims(bundle, packager::ReleaseClaim{}).at(0), *signer);

    SECTION("with no keys, only what can be Ed25519") {
        const auto made = packager::sigstore_bundles(envelopes, bundle.digest(), {});
        REQUIRE(made.bundles.size() == 1);
        CHECK(made.bundles[0].key_id == ed25519.public_key().key_id());
        CHECK(made.notes.size() == 3);
    }
    SECTION("with all keys, all but SM2") {
        const auto made = packager::sigstore_bundles(
            envelopes, bundle.digest(), {point->public_key(), sm2->public_key(), ed25519.public_key()});
        CHECK(made.bundles.size() == 2);
        REQUIRE(made.notes.size() == 1);
        CHECK(made.notes[0].find("SM2") != std::string::npos);
    }
    SECTION("nothing about another bundle") {
        const auto made = packager::sigstore_bundles(envelopes, Digest::of("another"), {});
        CHECK(made.bundles.empty());
        CHECK(made.notes.empty());
    }
    SECTION("and no signature that names a known key and is not by it") {
        manifests::Envelope envelope = manifests::Envelope::parse(envelopes.back());
        for (auto& signature : envelope.signatures)
            signature.signature[8] = static_cast<char>(signature.signature[8] ^ 1);
        CHECK_THROWS_MATCHES(
            packager::sigstore_bundles({envelope.encode()}, bundle.digest(), {ed25519.public_key()}),
            manifests::Error, faults_with(Fault::damaged, Code::trust_signature));
    }
}

TEST_CASE("a minisign signature is over the hash, and its comment is signed too", "[packager][emit]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder, {.release_counter = 42, .bootable = false}).path);
    const auto key = key_of('m');
    const std::string comment = packager::minisign_trusted_comment(bundle);
    CHECK(comment == "manifest:" + bundle.digest().text() + " counter:42");
    const std::string bytes = tests::read_file(bundle.path());
    std::string hash(64, '\0');
    crypto_generichash(reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), nullptr, 0);
    std::uint64_t seen_bytes = 0;
    CHECK(packager::minisign_hash(bundle, [&](std::uint64_t more) { seen_bytes += more; }) == hash);
    CHECK(seen_bytes == bytes.size());

    const auto lines = lines_of(packager::minisign_signature(hash, comment, key));
    REQUIRE(lines.size() == 5);
    CHECK(lines[0].starts_with("untrusted comment: "));
    CHECK(lines[2] == "trusted comment: " + comment);
    CHECK(lines[4].empty());
    const std::string signature = manifests::from_base64(lines[1]);
    REQUIRE(signature.size() == 2 + 8 + 64);
    CHECK(signature.substr(0, 2) == "ED");
    const auto number = manifests::minisign_number_of(key.public_key());
    CHECK(signature.substr(2, 8) == std::string(number.begin(), number.end()));
    CHECK(key.public_key().verifies(hash, signature.substr(10)));
    CHECK(key.public_key().verifies(signature.substr(10) + comment, manifests::from_base64(lines[3])));
    CHECK(packager::minisign_key(key.public_key()).number == number);
}

TEST_CASE("files appear beside the bundle, and their own kind is replaced", "[packager][emit]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder, {.bootable = false}).path);
    const auto point = packager::generate_key(KeyType::ecdsa_p256);
    const auto key = key_of('a');
    EmitRequest request{.formats = packager::all_emit_formats(),
                        .folder = {},
                        .signer = &key,
                        .more_signers = {point.get()},
                        .public_keys = {},
                        .envelopes = {},
                        .jobs = 1};
    const auto check_files = [&](const std::string& stem) {
        for (const std::string& ending :
             {std::string(".model.sig"), std::string(".minisig"), std::string(".minisign.pub"),
              "." + key.public_key().key_id().substr(0, 16) + ".sigstore.json",
              "." + point->public_key().key_id().substr(0, 16) + ".sigstore.json"}) {
            CAPTURE(ending);
            CHECK(std::filesystem::is_regular_file(stem + ending));
        }
    };
    const auto first = packager::emit(bundle, request);
    CHECK(first.files.size() == 5);
    CHECK(first.notes.empty());
    CHECK_FALSE(first.model_paths.empty());
    check_files(bundle.path());
    CHECK(packager::emit(bundle, request).files.size() == 5);
    std::filesystem::create_directory(folder / "elsewhere");
    request.folder = folder / "elsewhere";
    packager::emit(bundle, request);
    check_files(folder / "elsewhere/sample.sealift");
    // The bundle itself has one signature as before.
    CHECK(
        manifests::Envelope::parse(Bundle::open(bundle.path()).carried().envelopes.at(0)).signatures.size() ==
        1);
}

TEST_CASE("what is not ours to replace stays", "[packager][emit]") {
    const TempDir folder;
    const Bundle bundle = Bundle::open(make_sample(folder, {.bootable = false}).path);
    const auto point = packager::generate_key(KeyType::ecdsa_p256);
    const auto key = key_of('a');
    const auto [format, ending] = GENERATE(table<EmitFormat, const char*>({
        {EmitFormat::oms, ".model.sig"},
        {EmitFormat::minisign, ".minisig"},
        {EmitFormat::minisign, ".minisign.pub"},
    }));
    CAPTURE(ending);
    const std::string path = bundle.path() + ending;
    const EmitRequest request{.formats = {format},
                              .folder = {},
                              .signer = nullptr,
                              .more_signers = {&key, point.get()},
                              .public_keys = {},
                              .envelopes = {},
                              .jobs = 1};
    tests::write_file(path, "a letter");
    CHECK_THROWS_MATCHES(packager::emit(bundle, request), manifests::Error, faults_with(Fault::usage));
    CHECK(tests::read_file(path) == "a letter");
    std::filesystem::remove(path);
    std::filesystem::create_symlink(bundle.path(), path);
    CHECK_THROWS_MATCHES(packager::emit(bundle, request), manifests::Error, faults_with(Fault::usage));
    std::filesystem::remove(path);
    CHECK_NOTHROW(packager::emit(bundle, request));
}

TEST_CASE("nobody emits a signature over what is damaged", "[packager][emit]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const auto point = packager::generate_key(KeyType::ecdsa_p256);
    const auto key = key_of('b');
    const auto format = GENERATE(EmitFormat::oms, EmitFormat::sigstore, EmitFormat::minisign);
    CAPTURE(packager::name_of(format));
    const Bundle bundle = Bundle::open(sample.path);
    const auto* file = bundle.document().find(manifests::BundlePath::parse("weights/model-00003.gguf"));
    REQUIRE(file != nullptr);
    tests::flip_bit(sample.path, bundle.locate(*file).offset + 700'000);
    const EmitRequest request{.formats = {format},
                              .folder = {},
                              .signer = nullptr,
                              .more_signers = {&key, point.get()},
                              .public_keys = {},
                              .envelopes = {},
                              .jobs = 1};
    CHECK_THROWS_MATCHES(packager::emit(bundle, request), manifests::Error,
                         faults_with(Fault::damaged, Code::content_digest));
    for (const auto& entry :
         std::filesystem::directory_iterator(std::filesystem::path(sample.path).parent_path())) {
        CAPTURE(entry.path());
        const std::string name = entry.path().filename().string();
        if (name != "sample.sealift.inputs") CHECK(name.find(".sealift.") == std::string::npos);
    }
}

TEST_CASE("formats, keys and forms that do not go together are refused early", "[packager][emit]") {
    const TempDir folder;
    const auto form = GENERATE(tests::SampleOptions::Form::file, tests::SampleOptions::Form::folder);
    const Bundle bundle = Bundle::open(make_sample(folder, {.form = form, .bootable = false}).path);
    const auto key = key_of('a');
    const auto point = packager::generate_key(KeyType::ecdsa_p256);
    const auto sm2 = packager::generate_key(KeyType::sm2);
    const auto check = [&](EmitFormat format, std::vector<const Signer*> signers) {
        packager::check_emit(bundle, bundle.path(),
                             {.formats = {format},
                              .folder = {},
                              .signer = nullptr,
                              .more_signers = std::move(signers),
                              .public_keys = {},
                              .envelopes = {}});
    };
    CHECK_THROWS_MATCHES(check(EmitFormat::oms, {}), manifests::Error, faults_with(Fault::usage));
    CHECK_THROWS_MATCHES(check(EmitFormat::oms, {&key}), manifests::Error, faults_with(Fault::refused));
    CHECK_THROWS_MATCHES(check(EmitFormat::sigstore, {sm2.get()}), manifests::Error,
                         faults_with(Fault::refused));
    CHECK_NOTHROW(check(EmitFormat::oms, {&key, point.get()}));
    CHECK_NOTHROW(check(EmitFormat::sigstore, {}));
    if (form == tests::SampleOptions::Form::folder) {
        CHECK_THROWS_MATCHES(check(EmitFormat::minisign, {&key}), manifests::Error,
                             faults_with(Fault::refused));
    } else {
        CHECK_THROWS_MATCHES(check(EmitFormat::minisign, {point.get()}), manifests::Error,
                             faults_with(Fault::refused));
        CHECK_NOTHROW(check(EmitFormat::minisign, {point.get(), &key}));
    }
}
