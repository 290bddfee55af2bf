#include "packager/countersign.hpp"
#include "packager/secret_key.hpp"

#include <algorithm>
#include <filesystem>

#include <catch2/catch.hpp>

#include "manifests/attestation.hpp"
#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/release.hpp"
#include "packager/build.hpp"
#include "packager/copy_bundle.hpp"
#include "packager/signing.hpp"
#include "packager/statements.hpp"
#include "runtime/trust.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"

using manifests::Fault;
using packager::SecretKey;
using tests::faults_with;
using tests::make_sample;
using tests::sample_key;
using tests::SampleOptions;
using tests::TempDir;

namespace {

packager::CountersignResult sign(const std::string& bundle, char letter, const std::string& output = "") {
    const SecretKey key = SecretKey::from_seed(std::string(SecretKey::seed_bytes, letter));
    return packager::countersign({.bundle = bundle,
                                  .output = output.empty() ? bundle : output,
                                  .signer = &key,
                                  .jobs = 1,
                                  .on_start = {}});
}

bool trusted(const std::string& path, char letter) {
    const auto bundle = std::make_shared<const runtime::Bundle>(runtime::Bundle::open(path));
    return runtime::TrustDecision::check_trust(bundle, std::vector{sample_key(letter)}).trusted.has_value();
}

std::size_t envelopes(const std::string& path) {
    return runtime::Bundle::open(path).carried().envelopes.size();
}

// The bundle again with one more envelope, as an attacker with the file in hand can write it.
void add_envelope(const std::string& path, const std::string& envelope) {
    const runtime::Bundle bundle = runtime::Bundle::open(path);
    std::vector<std::string> envelopes = bundle.carried().envelopes;
    envelopes.push_back(envelope);
    packager::copy_bundle({path, packager::Form::file, bundle, envelopes, 1, {}});
}

} // namespace

TEST_CASE("a second key joins the envelope of the first", "[packager][countersign]") {
    const auto form = GENERATE(SampleOptions::Form::file, SampleOptions::Form::folder);
    const TempDir folder;
    const auto sample = make_sample(folder, {.form = form, .bootable = false});
    CHECK(trusted(sample.path, 'a'));
    CHECK_FALSE(trusted(sample.path, 'b'));
    const auto result = sign(sample.path, 'b');
    CHECK(result.digest == sample.digest);
    CHECK(result.signatures == 2);
    CHECK(runtime::Bundle::open(sample.path).digest() == sample.digest);
    CHECK(envelopes(sample.path) == 3); // release, provenance, BOM reference
    CHECK(trusted(sample.path, 'a'));
    CHECK(trusted(sample.path, 'b'));
    CHECK_FALSE(trusted(sample.path, 'c'));
}

TEST_CASE("the same key signs once, however often it signs", "[packager][countersign]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const std::string before = tests::read_file(sample.path);
    CHECK(sign(sample.path, 'a').signatures == 1);
    CHECK(tests::read_file(sample.path) == before);
}

TEST_CASE("the order in which others sign after the builder does not show", "[packager][countersign]") {
    const TempDir folder;
    const auto one = make_sample(folder, {.signers = "abc", .bootable = false, .output = "one"});
    const auto other = make_sample(folder, {.signers = "acb", .bootable = false, .output = "other"});
    CHECK(tests::read_file(one.path) == tests::read_file(other.path));
}

TEST_CASE("an unsigned bundle gets the release that it would have had at once, and no word of its builder",
          "[packager][countersign]") {
    const TempDir folder;
    const auto bare = make_sample(folder, {.signers = "", .bootable = false, .output = "bare"});
    const auto direct = make_sample(folder, {.signers = "a", .bootable = false, .output = "direct"});
    CHECK(envelopes(bare.path) == 0);
    CHECK(sign(bare.path, 'a').signatures == 1);
    const auto signed_now = runtime::Bundle::open(bare.path).carried().envelopes;
    const auto at_once = runtime::Bundle::open(direct.path).carried().envelopes;
    REQUIRE(signed_now.size() == 1);
    CHECK(std::count(at_once.begin(), at_once.end(), signed_now[0]) == 1);
    CHECK(manifests::attestation_type(signed_now[0]) == "application/vnd.in-toto.release+dsse");
    CHECK(trusted(bare.path, 'a'));
}

TEST_CASE("signing to another place leaves the bundle as it is", "[packager][countersign]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const std::string before = tests::read_file(sample.path);
    sign(sample.path, 'b', folder / "signed.sealift");
    CHECK(tests::read_file(sample.path) == before);
    CHECK(trusted(folder / "signed.sealift", 'b'));
    tests::write_file(folder / "letter.txt", "not a bundle");
    CHECK_THROWS_MATCHES(sign(sample.path, 'b', folder / "letter.txt"), manifests::Error,
                         faults_with(Fault::usage));
    CHECK(tests::read_file(folder / "letter.txt") == "not a bundle");
}

TEST_CASE("nobody signs a damaged bundle", "[packager][countersign]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const auto items = runtime::Bundle::open(sample.path).items();
    const auto plan = manifests::plan_tar(items);
    for (const auto& entry : plan.entries) {
        if (entry.size_bytes == 0) continue;
        CAPTURE(entry.name(items));
        tests::flip_bit(sample.path, entry.data_offset() + entry.size_bytes / 2);
        const std::string before = tests::read_file(sample.path);
        CHECK_THROWS_AS(sign(sample.path, 'b'), manifests::Error);
        CHECK(tests::read_file(sample.path) == before);
        tests::flip_bit(sample.path, entry.data_offset() + entry.size_bytes / 2);
    }
    CHECK_NOTHROW(sign(sample.path, 'b'));
}

TEST_CASE("nobody signs another's words about the bundle", "[packager][countersign]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.signers = "", .bootable = false});
    const runtime::Bundle bundle = runtime::Bundle::open(sample.path);
    auto statement = packager::release_of({bundle.document(), bundle.assembly()});
    const std::string what = GENERATE(as<std::string>(), "product", "version", "counter", "profile");
    CAPTURE(what);
    if (what == "product") statement.product = "other";
    if (what == "version") statement.version = "9.9.9";
    if (what == "counter") statement.release_counter = 1'000'000;
    if (what == "profile") statement.profile_id = "other";
    const SecretKey mallory = SecretKey::from_seed(std::string(SecretKey::seed_bytes, 'm'));
    add_envelope(
        sample.path,
        packager::sign_payload(manifests::media::in_toto_payload, statement.encode(), mallory).encode());
    const std::string before = tests::read_file(sample.path);
    CHECK_THROWS_MATCHES(sign(sample.path, 'a'), manifests::Error,
                         faults_with(Fault::refused, manifests::Code::trust_statement));
    CHECK(tests::read_file(sample.path) == before);
}

TEST_CASE("what is no bundle cannot be signed", "[packager][countersign]") {
    const TempDir folder;
    tests::write_file(folder / "text", "hello");
    tests::write_file(folder / "empty", "");
    std::filesystem::create_directory(folder / "folder");
    for (const char* name : {"text", "empty", "folder", "gone"})
        CHECK_THROWS_AS(sign(folder / name, 'a'), manifests::Error);
}
