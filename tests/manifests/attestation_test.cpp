// The label of an envelope follows from its bytes, as FORMAT.md 6.5 has it.

#include "manifests/attestation.hpp"

#include <string>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/dsse.hpp"
#include "manifests/media_types.hpp"
#include "manifests/predicates.hpp"
#include "manifests/statement.hpp"
#include "tests/support/files.hpp"

using manifests::attestation_type;
using manifests::Digest;
using manifests::is_attestation_type;

namespace {

std::string envelope(std::string_view payload_type, std::string_view payload) {
    return manifests::Envelope{std::string(payload_type), std::string(payload), {{"", "signature"}}}.encode();
}

std::string statement(std::string_view predicate_type) {
    return manifests::encode_statement({{"tiny@1.0", Digest::of("bundle"), {}}}, predicate_type,
                                       manifests::OrderedJson::object());
}

std::string in_toto(std::string_view word) {
    return "application/vnd.in-toto." + std::string(word) + "+dsse";
}

} // namespace

TEST_CASE("an envelope is labelled with what it says, whoever signed it", "[manifests][attestation]") {
    namespace predicate = manifests::predicate;
    const auto [type, word] = GENERATE(table<std::string_view, std::string_view>({
        {predicate::release, "release"},
        {predicate::component, "component"},
        {predicate::release_set, "release-set"},
        {predicate::rollback_permit, "rollback-permit"},
        {predicate::provenance, "provenance"},
        {predicate::verification_summary, "verification-summary"},
        {predicate::cyclonedx, "cyclonedx"},
        {predicate::reference, "reference"},
        {predicate::test_result, "test-result"},
        {predicate::vulns, "vulns"},
        {predicate::scai, "scai"},
        {"https://example.com/other/v1", "statement"},
        {"urn:sealift:release/v2", "statement"},
    }));
    CAPTURE(type);
    CHECK(attestation_type(envelope(manifests::media::in_toto_payload, statement(type))) == in_toto(word));
    CHECK(is_attestation_type(in_toto(word)));
    if (word == "statement") return;
    const std::string row = "| `" + std::string(type) + "` | `" + std::string(word) + "` |";
    CHECK(tests::read_file(tests::source_file("manifests/FORMAT.md")).find(row) != std::string::npos);
}

TEST_CASE("a policy has a label of its own, whatever is in it", "[manifests][attestation]") {
    CHECK(attestation_type(envelope(manifests::media::policy_payload, "no JSON")) ==
          manifests::media::policy_artifact);
    CHECK(is_attestation_type(manifests::media::policy_artifact));
}

TEST_CASE("what cannot be read is labelled as a release, which it will be refused as",
          "[manifests][attestation]") {
    namespace media = manifests::media;
    const std::string provenance = statement(manifests::predicate::provenance);
    const auto [reason, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"nothing", ""},
        {"no JSON", "release"},
        {"no envelope", "{}"},
        {"no signature",
         R"({"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[]})"},
        {"another payload type", envelope("text/plain", provenance)},
        {"a payload that is no statement", envelope(media::in_toto_payload, "{}")},
        {"a statement behind a byte order mark",
         envelope(media::in_toto_payload, "\xef\xbb\xbf" + provenance)},
        {"a statement over 16 KiB",
         envelope(media::in_toto_payload, provenance + std::string(manifests::Statement::most_bytes, ' '))},
    }));
    CAPTURE(reason);
    CHECK(attestation_type(bytes) == in_toto("release"));
}

TEST_CASE("other artifact types are no attestations", "[manifests][attestation]") {
    for (const std::string& type :
         {std::string(), in_toto(""), in_toto("approval"), in_toto("Release"), in_toto("release") + " ",
          std::string(manifests::media::bundle_artifact), std::string(manifests::media::policy_payload)}) {
        CAPTURE(type);
        CHECK_FALSE(is_attestation_type(type));
    }
}
