// in-toto statements, and the predicates that Sealift writes beside the release: spelled as FORMAT.md 11.3
// has them, and refused where they are broken.

#include "manifests/statement.hpp"

#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/bom_statement.hpp"
#include "manifests/component.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/predicates.hpp"
#include "manifests/provenance.hpp"
#include "manifests/release_set.hpp"
#include "tests/support/faults.hpp"

using manifests::Code;
using manifests::ComponentStatement;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::OrderedJson;
using manifests::ReleaseSet;
using manifests::Statement;
using manifests::Subject;
using tests::faults_with;

namespace {

const Digest bundle = Digest::of("bundle");

std::string replaced(std::string text, const std::string& found, const std::string& put) {
    const std::size_t at = text.find(found);
    REQUIRE(at != std::string::npos);
    return text.replace(at, found.size(), put);
}

// A statement about the bundle with this predicate.
Statement with_predicate(std::string_view type, const std::string& predicate,
                         const std::vector<Subject>& subjects = {{"tiny@1.0", bundle, {}}}) {
    return Statement::parse(manifests::encode_statement(subjects, type, OrderedJson::parse(predicate)));
}

auto is_refused() {
    return faults_with(Fault::damaged, Code::trust_statement);
}

} // namespace

TEST_CASE("SM3 is that of GB/T 32905", "[manifests][statement]") {
    CHECK(manifests::sm3_hex("abc") == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

TEST_CASE("a statement of any type is read, with what it says left alone", "[manifests][statement]") {
    const Statement read = Statement::parse(
        R"({"_type":"https://in-toto.io/Statement/v1","more":[1.5e300],"predicateType":"https://example.com/a",)"
        R"("predicate":{"accuracy":0.5},"subject":[{"digest":{"sha512":"any","sha256":")" +
        bundle.hex() + R"("},"uri":"x"},{"name":"b","digest":{"sha256":")" + Digest::of("b").hex() +
        R"(","sm3":")" + manifests::sm3_hex("b") + R"("}}]})");
    CHECK(read.predicate_type == "https://example.com/a");
    CHECK(read.predicate->at("accuracy") == 0.5);
    CHECK(read.subjects ==
          std::vector<Subject>{{"", bundle, {}}, {"b", Digest::of("b"), manifests::sm3_hex("b")}});
    CHECK(read.find(bundle) == &read.subjects[0]);
    CHECK(read.find(Digest::of("c")) == nullptr);
}

TEST_CASE("what is no statement is refused", "[manifests][statement]") {
    const std::string good = manifests::encode_statement({{"tiny@1.0", bundle, {}}}, "https://example.com/a",
                                                         OrderedJson::object());
    CHECK_NOTHROW(Statement::parse(good));
    const std::string subject = R"({"name":"tiny@1.0","digest":{"sha256":")" + bundle.hex() + R"("}})";
    std::string subjects = subject;
    for (int i = 0; i < 200; ++i)
        subjects += "," + subject; // 24 KiB
    const std::string deep = std::string(7'000, '[') + std::string(7'000, ']');
    const std::vector<std::pair<std::string, std::string>> refused{
        {"nothing", ""},
        {"an array", "[" + good + "]"},
        {"a byte order mark", "\xef\xbb\xbf" + good},
        {"another type of statement", replaced(good, "Statement/v1", "Statement/v2")},
        {"no type of predicate", replaced(good, R"("predicateType":"https://example.com/a",)", "")},
        {"an empty type of predicate", replaced(good, "https://example.com/a", "")},
        {"a predicate that is a list", replaced(good, R"("predicate":{})", R"("predicate":[])")},
        {"no predicate", replaced(good, R"(,"predicate":{})", "")},
        {"no subject", replaced(good, subject, "")},
        {"a subject without a digest", replaced(good, R"("sha256":")" + bundle.hex() + '"', "")},
        {"a digest of 31 bytes", replaced(good, bundle.hex(), bundle.hex().substr(2))},
        {"a digest of 33 bytes", replaced(good, bundle.hex(), bundle.hex() + "00")},
        {"a digest that is no hex", replaced(good, bundle.hex(), std::string(64, 'z'))},
        {"only an SM3 digest", replaced(good, "sha256", "sm3")},
        {"a member twice", replaced(good, R"("predicate":{})", R"("predicate":{"a":1,"\u0061":1})")},
        {"a depth of 7000", replaced(good, R"("predicate":{})", R"("predicate":{"a":)" + deep + "}")},
        {"over 16 KiB", replaced(good, subject, subjects)},
    };
    for (const auto& [reason, text] : refused) {
        CAPTURE(reason);
        REQUIRE_THROWS_MATCHES(Statement::parse(text), Error, is_refused());
    }
}

TEST_CASE("nothing is written that a smart card cannot take", "[manifests][statement]") {
    const OrderedJson large{{"text", std::string(Statement::most_bytes, 'a')}};
    CHECK_THROWS_MATCHES(manifests::encode_statement({{"a", bundle, {}}}, "https://example.com/a", large),
                         Error, is_refused());
}

TEST_CASE("provenance is SLSA's, and says who built", "[manifests][provenance]") {
    manifests::Provenance provenance{.product = "tiny",
                                     .version = "1.0",
                                     .bundle = bundle,
                                     .recipe = Digest::of("recipe"),
                                     .profile_id = "any-x86",
                                     .builder_id = "https://build.example/one",
                                     .builder_version = "0.1",
                                     .dependencies = {{"model", Digest::of("model"), "application/a"},
                                                      {"engine/run", Digest::of("run"), ""}},
                                     .time = std::nullopt};
    const auto hex = [](const char* text) { return Digest::of(text).hex(); };
    CHECK(
        provenance.encode() ==
        R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"tiny@1.0","digest":{"sha256":")" +
            bundle.hex() +
            R"("}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{)"
            R"("buildType":"urn:sealift:build/v1","externalParameters":{"recipe":{"digest":{"sha256":")" +
            hex("recipe") +
            R"("}},"profile":"any-x86"},"resolvedDependencies":[{"name":"model","digest":{"sha256":")" +
            hex("model") + R"("},"mediaType":"application/a"},{"name":"engine/run","digest":{"sha256":")" +
            hex("run") +
            R"("}}]},"runDetails":{"builder":{"id":"https://build.example/one","version":{"sealift":"0.1"}}}}})");
    CHECK(manifests::builder_of(Statement::parse(provenance.encode())) == "https://build.example/one");
    provenance.time = "2026-11-01T00:00:00Z";
    CHECK_THAT(
        provenance.encode(),
        Catch::EndsWith(
            R"("metadata":{"startedOn":"2026-11-01T00:00:00Z","finishedOn":"2026-11-01T00:00:00Z"}}}})"));
}

TEST_CASE("provenance that does not say who built is refused", "[manifests][provenance]") {
    const std::string predicate =
        GENERATE(as<std::string>(), "{}", R"({"runDetails":{}})", R"({"runDetails":{"builder":{}}})",
                 R"({"runDetails":[]})", R"({"runDetails":{"builder":{"id":1}}})");
    CAPTURE(predicate);
    REQUIRE_THROWS_MATCHES(manifests::builder_of(with_predicate(manifests::predicate::provenance, predicate)),
                           Error, is_refused());
    REQUIRE_THROWS_MATCHES(manifests::builder_of(with_predicate("https://slsa.dev/provenance/v2",
                                                                R"({"runDetails":{"builder":{"id":"a"}}})")),
                           Error, is_refused());
}

TEST_CASE("a BOM reference names CycloneDX documents and may name others", "[manifests][bom]") {
    const std::string type(manifests::media::cyclonedx);
    const manifests::BomStatement statement{.product = "tiny",
                                            .version = "1.0",
                                            .bundle = bundle,
                                            .attester_id = "https://build.example/one",
                                            .boms = {{"a.cdx.json", Digest::of("a"), type},
                                                     {"b.spdx.json", Digest::of("b"), "text/spdx"},
                                                     {"c.cdx.json", Digest::of("c"), type}}};
    CHECK(manifests::boms_of(Statement::parse(statement.encode())) ==
          std::vector{Digest::of("a"), Digest::of("c")});
    for (const char* predicate : {"{}", R"({"references":{}})", R"({"references":[1]})",
                                  R"({"references":[{"mediaType":"application/vnd.cyclonedx+json"}]})",
                                  R"({"references":[{"mediaType":"application/vnd.cyclonedx+json","digest":)"
                                  R"({"sha256":"00"}}]})"}) {
        CAPTURE(predicate);
        REQUIRE_THROWS_MATCHES(manifests::boms_of(with_predicate(manifests::predicate::reference, predicate)),
                               Error, is_refused());
    }
}

TEST_CASE("a component statement names files and what they are", "[manifests][component]") {
    const ComponentStatement statement{manifests::Role::kernel,
                                       {{"a.so", Digest::of("a"), {}}, {"b.so", Digest::of("b"), {}}}};
    const ComponentStatement read = ComponentStatement::from(Statement::parse(statement.encode()));
    CHECK(read.role == manifests::Role::kernel);
    CHECK(read.subjects == statement.subjects);
    for (const char* predicate : {"{}", R"({"role":"driver"})", R"({"role":"Kernel"})",
                                  R"({"role":["kernel"]})", R"({"role":"kernel","approved":true})"}) {
        CAPTURE(predicate);
        REQUIRE_THROWS_MATCHES(
            ComponentStatement::from(with_predicate(manifests::predicate::component, predicate)), Error,
            is_refused());
    }
    REQUIRE_THROWS_MATCHES(
        ComponentStatement::from(with_predicate("urn:sealift:component/v2", R"({"role":"kernel"})")), Error,
        is_refused());
}

TEST_CASE("a release set names its members twice, and both times the same", "[manifests][release_set]") {
    const ReleaseSet set{
        .set = "site-2026",
        .counter = 4,
        .members = {{"driver", Digest::of("driver"), "driver"}, {"tiny@1.0", bundle, "bundle"}}};
    const std::string text = set.encode();
    const ReleaseSet read = ReleaseSet::from(Statement::parse(text));
    CHECK(read.set == set.set);
    CHECK(read.counter == 4);
    REQUIRE(read.find("tiny@1.0") != nullptr);
    CHECK(read.find("tiny@1.0")->digest == bundle);
    CHECK(read.find("tiny@1.1") == nullptr);

    const std::string subject =
        R"({"name":"driver","digest":{"sha256":")" + Digest::of("driver").hex() + R"("}})";
    const std::string member = replaced(subject, "}}", R"(},"role":"driver"})");
    const std::vector<std::pair<std::string, std::string>> refused{
        {"a subject less", replaced(text, subject + ",", "")},
        {"another digest in the subject",
         replaced(text, Digest::of("driver").hex(), Digest::of("other").hex())},
        {"another name in the subject", replaced(text, R"("name":"driver")", R"("name":"a driver")")},
        {"a member less", replaced(text, member + ",", "")},
        {"a member twice",
         replaced(replaced(text, member, member + "," + member), subject, subject + "," + subject)},
        {"a member without a role", replaced(text, R"("role":"driver")", R"("role":"")")},
        {"an unknown member", replaced(text, R"("counter":4)", R"("counter":4,"until":1)")},
        {"an unknown member of a member",
         replaced(text, R"("role":"driver")", R"("role":"driver","until":1)")},
        {"a negative counter", replaced(text, R"("counter":4)", R"("counter":-4)")},
        {"a name with a space", replaced(text, "site-2026", "site 2026")},
        {"another predicate type", replaced(text, "release-set/v1", "release-set/v2")},
    };
    for (const auto& [reason, changed] : refused) {
        CAPTURE(reason, changed);
        const Statement statement = Statement::parse(changed);
        REQUIRE_THROWS_MATCHES(ReleaseSet::from(statement), Error, is_refused());
    }
}
