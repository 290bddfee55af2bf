#include "runtime/policy_files.hpp"

#include <algorithm>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/assembly.hpp"
#include "manifests/error.hpp"
#include "manifests/oci.hpp"
#include "runtime/bundle.hpp"
#include "tests/manifests/sample_policy.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using runtime::parse_typed_digest;
using tests::faults_with;

namespace {

// Adds attestations to the folder form at `path`: blobs (their empty config too), manifests and index.
void add_envelopes(const std::string& path, const std::vector<std::string>& more) {
    const runtime::Bundle bundle = runtime::Bundle::open(path);
    std::vector<std::string> envelopes = bundle.carried().envelopes;
    for (const std::string& envelope : more) {
        const std::string manifest =
            manifests::attestation_manifest(envelope, bundle.assembly().bundle_manifest);
        for (const std::string& bytes : {envelope, manifest, std::string("{}")})
            tests::write_file(path + "/" + manifests::blob_name(Digest::of(bytes)), bytes);
        envelopes.push_back(envelope);
    }
    const manifests::Contents contents{bundle.document(), bundle.assembly(), envelopes};
    std::string index;
    write_item(manifests::items_of(contents).at(1), contents,
               [&](std::string_view piece) { index += piece; });
    tests::write_file(path + "/index.json", index);
}

} // namespace

TEST_CASE("a digest may be typed as it was read out", "[runtime][policy_files]") {
    const Digest digest = Digest::of("policy");
    const std::string hex = digest.hex();
    std::string dashes = runtime::grouped(digest);
    std::string upper = hex;
    for (char& c : dashes)
        c = c == ' ' ? '-' : c;
    for (char& c : upper)
        c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    CHECK(runtime::grouped(digest).size() == 64 + 7);
    for (const std::string& typed : {hex, digest.text(), runtime::grouped(digest),
                                     "sha256:" + runtime::grouped(digest), dashes, upper, " " + hex + "\n"}) {
        CAPTURE(typed);
        CHECK(parse_typed_digest(typed) == digest);
    }
}

TEST_CASE("what is no digest is not pinned", "[runtime][policy_files]") {
    const std::string hex = Digest::of("policy").hex();
    const std::string typed =
        GENERATE_COPY(std::string(), hex.substr(1), hex + "0", hex.substr(2), std::string(64, 'g'),
                      "md5:" + hex, "0x" + hex, hex.substr(0, 16), hex.substr(0, 63) + "o", hex + hex);
    CAPTURE(typed);
    CHECK_THROWS_MATCHES(parse_typed_digest(typed), Error, faults_with(Fault::usage));
}

TEST_CASE("policies are read from an envelope and from lines of envelopes", "[runtime][policy_files]") {
    const tests::TempDir folder;
    const std::string path = folder / "policy";
    const std::string first = tests::signed_text(tests::sample_policy(), {1, 2});
    const std::string second = tests::signed_text(tests::successor_of(tests::sample_policy()), {1, 2});
    tests::write_file(path, first);
    CHECK(runtime::read_policy_envelopes(path) == std::vector{first});
    tests::write_file(path, first + "\n\n" + second + "\n");
    CHECK(runtime::read_policy_envelopes(path) == std::vector{first, second});
    tests::write_file(path, first + "\nnot an envelope\n");
    CHECK_THROWS_MATCHES(runtime::read_policy_envelopes(path), Error,
                         faults_with(Fault::damaged, manifests::Code::trust_envelope));
    tests::write_file(path, "");
    CHECK_THROWS_AS(runtime::read_policy_envelopes(path), Error);
    CHECK_THROWS_AS(runtime::read_policy_envelopes(folder / "nothing"), Error);
}

TEST_CASE("policies are found among the attestations of a bundle", "[runtime][policy_files]") {
    const tests::TempDir folder;
    const std::string first = tests::signed_text(tests::sample_policy(), {1, 2});
    const std::string second = tests::signed_text(tests::successor_of(tests::sample_policy()), {1, 2});
    const auto sample = tests::make_sample(
        folder, {.form = tests::SampleOptions::Form::folder, .signers = "", .bootable = false});
    CHECK(runtime::read_policy_envelopes(sample.path).empty());
    add_envelopes(sample.path, {first, second});
    std::vector<std::string> found = runtime::read_policy_envelopes(sample.path);
    std::vector<std::string> wanted{first, second};
    std::sort(found.begin(), found.end());
    std::sort(wanted.begin(), wanted.end());
    CHECK(found == wanted);
}
