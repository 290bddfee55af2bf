// Whose signature counts: only one by a given key, over a statement about this very bundle.

#include <filesystem>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/assembly.hpp"
#include "manifests/dsse.hpp"
#include "manifests/media_types.hpp"
#include "manifests/oci.hpp"
#include "manifests/predicates.hpp"
#include "manifests/statement.hpp"
#include "runtime/trust.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/verdict.hpp"

using manifests::Code;
using manifests::Fault;
using runtime::Bundle;
using runtime::TrustDecision;
using tests::faults_with;
using tests::make_sample;
using tests::sample_key;
using tests::SampleOptions;
using tests::TempDir;
using tests::write_file;

namespace {

constexpr auto as_folder = SampleOptions::Form::folder;

TrustDecision decide(const std::string& path, const std::string& letters) {
    std::vector<manifests::PublicKey> keys;
    for (const char letter : letters)
        keys.push_back(sample_key(letter));
    return TrustDecision::check_trust(std::make_shared<const Bundle>(Bundle::open(path)), keys);
}

std::string only_code(const TrustDecision& decision) {
    CHECK(!decision.trusted);
    REQUIRE(decision.report.findings().size() == 1);
    return std::string(manifests::name_of(decision.report.findings()[0].code));
}

// Puts `envelope` into the folder form at `path` as its only signature, with blobs, manifest and index right.
void put_envelope(const std::string& path, const std::string& envelope) {
    const Bundle bundle = Bundle::open(path);
    const auto write_blob = [&](const std::string& bytes) {
        write_file(path + "/" + manifests::blob_name(manifests::Digest::of(bytes)), bytes);
    };
    for (const std::string& old : bundle.carried().envelopes) {
        const std::string manifest = manifests::attestation_manifest(old, bundle.assembly().bundle_manifest);
        for (const std::string& bytes : {old, manifest})
            std::filesystem::remove(path + "/" + manifests::blob_name(manifests::Digest::of(bytes)));
    }
    const std::string manifest = manifests::attestation_manifest(envelope, bundle.assembly().bundle_manifest);
    write_blob(envelope);
    write_blob(manifest);
    const std::vector<std::string> envelopes = {envelope};
    const manifests::Contents contents{bundle.document(), bundle.assembly(), envelopes};
    std::string bytes;
    write_item(manifests::items_of(contents).at(1), contents,
               [&](std::string_view piece) { bytes += piece; });
    write_file(path + "/index.json", bytes);
}

// That of the release; the builder's come in any order with it.
std::string envelope_of(const std::string& path) {
    const Bundle bundle = Bundle::open(path);
    for (const std::string& text : bundle.carried().envelopes) {
        const manifests::Envelope envelope = manifests::Envelope::parse(text);
        const auto statement = manifests::Statement::parse(envelope.payload);
        if (statement.predicate_type == manifests::predicate::release) return text;
    }
    FAIL("there is no release statement in " << path);
    return {};
}

} // namespace

TEST_CASE("a bundle is trusted by each of the keys that signed it", "[runtime][trust]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.signers = "ab", .bootable = false});
    for (const std::string keys : {"a", "b", "xa", "bx", "ab"}) {
        CAPTURE(keys);
        const TrustDecision decision = decide(sample.path, keys);
        CHECK(decision.report.passed());
        REQUIRE(decision.trusted);
        CHECK(decision.trusted->signers().size() == (keys == "ab" ? 2 : 1));
        CHECK(decision.trusted->bundle().digest() == sample.digest);
    }
    CHECK(decide(sample.path, "a").trusted->signers()[0] == sample_key('a').key_id());
}

TEST_CASE("without a signature, a given key or any key nothing is trusted", "[runtime][trust]") {
    const TempDir folder;
    const auto none = make_sample(folder, {.signers = "", .bootable = false, .output = "none"});
    const auto one = make_sample(folder, {.signers = "a", .bootable = false, .output = "one"});
    CHECK(only_code(decide(none.path, "a")) == "SL-TRUST-UNSIGNED");
    CHECK(only_code(decide(none.path, "")) == "SL-TRUST-NO-POLICY");
    CHECK(only_code(decide(one.path, "b")) == "SL-TRUST-KEY");
    CHECK(only_code(decide(one.path, "bc")) == "SL-TRUST-KEY");
    CHECK(only_code(decide(one.path, "")) == "SL-TRUST-NO-POLICY");
}

TEST_CASE("an envelope put back as it was is still good", "[runtime][trust]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.form = as_folder, .bootable = false});
    put_envelope(sample.path, envelope_of(sample.path));
    CHECK(tests::verdict_on(sample.path) == "trusted");
}

TEST_CASE("a changed signature or statement is refused", "[runtime][trust]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.form = as_folder, .bootable = false});
    const manifests::Envelope good = manifests::Envelope::parse(envelope_of(sample.path));

    manifests::Envelope flipped = good;
    flipped.signatures[0].signature[10] = static_cast<char>(flipped.signatures[0].signature[10] ^ 1);
    put_envelope(sample.path, flipped.encode());
    CHECK(only_code(decide(sample.path, "a")) == "SL-TRUST-SIGNATURE");

    manifests::Envelope reworded = good;
    const std::size_t at = reworded.payload.find("1.0.0");
    REQUIRE(at != std::string::npos);
    reworded.payload.replace(at, 5, "1.0.1");
    put_envelope(sample.path, reworded.encode());
    CHECK(only_code(decide(sample.path, "a")) == "SL-TRUST-SIGNATURE");

    manifests::Envelope retyped = good;
    retyped.payload_type = "text/plain";
    put_envelope(sample.path, retyped.encode());
    CHECK(only_code(decide(sample.path, "a")) == "SL-TRUST-SIGNATURE");

    manifests::Envelope claimed = good; // names key b, is by key a
    claimed.signatures[0].key_id = sample_key('b').key_id();
    put_envelope(sample.path, claimed.encode());
    CHECK(!decide(sample.path, "b").trusted);

    put_envelope(sample.path, "{\"payload\":\"\"}");
    CHECK(!decide(sample.path, "a").trusted);
    CHECK(only_code(decide(sample.path, "a")) == "SL-TRUST-ENVELOPE");
}

TEST_CASE("a good signature of another bundle counts for nothing in this one", "[runtime][trust]") {
    const TempDir folder;
    const auto here = make_sample(folder, {.form = as_folder, .bootable = false, .output = "here"});
    const std::vector<SampleOptions> others{
        {.version = "1.0.1", .bootable = false, .output = "version"},
        {.name = "other", .bootable = false, .output = "name"},
        {.release_counter = 2, .bootable = false, .output = "counter"},
        {.bootable = false, .known_answer = "{}", .output = "content"},
    };
    for (const SampleOptions& options : others) {
        CAPTURE(options.output);
        put_envelope(here.path, envelope_of(make_sample(folder, options).path));
        CHECK(only_code(decide(here.path, "a")) == "SL-TRUST-STATEMENT");
        CHECK(only_code(decide(here.path, "b")) == "SL-TRUST-KEY");
    }
}

TEST_CASE("an attestation manifest about another bundle manifest is refused on opening", "[runtime][trust]") {
    const TempDir folder;
    const auto here = make_sample(folder, {.form = as_folder, .bootable = false, .output = "here"});
    const auto other =
        make_sample(folder, {.form = as_folder, .version = "2", .bootable = false, .output = "other"});
    const std::string index = tests::read_file(other.path + "/index.json");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(other.path + "/blobs")) {
        if (!entry.is_regular_file()) continue;
        const std::string name = std::filesystem::relative(entry.path(), other.path).string();
        if (!std::filesystem::exists(here.path + "/" + name))
            std::filesystem::copy_file(entry.path(), here.path + "/" + name);
    }
    using Json = nlohmann::ordered_json;
    Json mixed = Json::parse(tests::read_file(here.path + "/index.json"));
    mixed["manifests"][2] = Json::parse(index)["manifests"][2];
    write_file(here.path + "/index.json", mixed.dump());
    CHECK(tests::verdict_on(here.path) == "SL-LAYOUT-MANIFEST");
}

TEST_CASE("a bundle cannot ask for hours of checking, by keys either", "[runtime][trust]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.signers = "a", .bootable = false});
    manifests::Envelope envelope{std::string(manifests::media::in_toto_payload), "{}", {}};
    for (int i = 0; i < 64; ++i)
        envelope.signatures.push_back({std::to_string(i), std::string(64, static_cast<char>(i))});
    const auto with_strangers = [&](int count, const std::string& letters) {
        runtime::TrustBasis basis;
        for (const char letter : letters)
            basis.keys.push_back(sample_key(letter));
        for (int i = 0; i < count; ++i) {
            envelope.payload = std::to_string(i);
            basis.beside.push_back(envelope.encode());
        }
        return TrustDecision::check_trust(std::make_shared<const Bundle>(Bundle::open(sample.path)), basis);
    };
    CHECK(only_code(with_strangers(600, "a")) == "SL-FORMAT-LIMIT");
    CHECK(only_code(with_strangers(100, "abcdef")) == "SL-FORMAT-LIMIT");
    CHECK(with_strangers(20, "a").trusted);
    // Nor for pages of names.
    const TrustDecision unknown = with_strangers(20, "b");
    REQUIRE(only_code(unknown) == "SL-TRUST-KEY");
    CHECK(unknown.report.findings()[0].text.size() < 1000);
    CHECK(unknown.report.findings()[0].text.find(" others") != std::string::npos);
}

TEST_CASE("keys that cannot be read are no answer", "[runtime][trust]") {
    const TempDir folder;
    write_file(folder / "good.pub", sample_key('a').pem());
    write_file(folder / "bad.pub", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n");
    write_file(folder / "empty.pub", "");
    write_file(folder / "huge.pub", std::string(70'000, 'x'));
    CHECK(runtime::load_keys({folder / "good.pub"}).at(0).key_id() == sample_key('a').key_id());
    for (const char* name : {"bad.pub", "empty.pub", "huge.pub", "nothing.pub"}) {
        CAPTURE(name);
        CHECK_THROWS_AS(runtime::load_keys({folder / "good.pub", folder / name}), manifests::Error);
    }
    REQUIRE_THROWS_MATCHES(runtime::load_keys({folder / "bad.pub"}), manifests::Error,
                           faults_with(Fault::missing));
}
