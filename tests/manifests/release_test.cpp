#include "manifests/release.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::ReleaseStatement;
using tests::faults_with;

namespace {

ReleaseStatement sample() {
    return {.product = "llm-a",
            .version = "1.4.2",
            .release_counter = 42,
            .profile_id = "cpu-x86-64-v3",
            .profile = Digest::of("profile"),
            .bundle = Digest::of("bundle"),
            .issued = std::nullopt};
}

// sha256sum of the words "bundle" and "profile".
const std::string bundle_hex = "1e6ed65d77d6364eeaed5a745ba5c4985ae2b700dd85d7cf7f027bdf294a33fc";
const std::string profile_hex = "1900eab6c028483d7126599ee6f50de0d27907b5c65fa90524580b4b0f9852b0";

std::string sample_text() {
    return R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"llm-a@1.4.2","digest":{"sha256":")" +
           bundle_hex +
           R"("}}],"predicateType":"urn:sealift:release/v1","predicate":{"product":"llm-a","version":"1.4.2",)"
           R"("release_counter":42,"target":{"profile":"cpu-x86-64-v3","profile_digest":"sha256:)" +
           profile_hex + R"("}}})";
}

std::string with(const std::string& found, const std::string& put) {
    std::string text = sample_text();
    const std::size_t at = text.find(found);
    REQUIRE(at != std::string::npos);
    return text.replace(at, found.size(), put);
}

} // namespace

TEST_CASE("a release statement is compact JSON in a fixed order", "[manifests][release]") {
    CHECK(sample().encode() == sample_text());
    CHECK(ReleaseStatement::parse(sample_text()) == sample());
}

TEST_CASE("the time of issue is kept when there is one", "[manifests][release]") {
    ReleaseStatement release = sample();
    release.issued = "2028-02-29T23:59:59Z";
    CHECK_THAT(release.encode(), Catch::EndsWith(R"(,"issued":"2028-02-29T23:59:59Z"}})"));
    CHECK(ReleaseStatement::parse(release.encode()) == release);
}

TEST_CASE("statement, subject and digests may grow, as in-toto says", "[manifests][release]") {
    CHECK(ReleaseStatement::parse(with(R"({"_type")", R"({"new":{},"_type")")) == sample());
    CHECK(ReleaseStatement::parse(with(R"({"name")", R"({"uri":"x","name")")) == sample());
    CHECK(ReleaseStatement::parse(with(R"({"sha256")", R"({"sha1":"x","sha256")")) == sample());
}

TEST_CASE("the terms of a release are kept, in a fixed order", "[manifests][release]") {
    ReleaseStatement release = sample();
    release.issued = "2026-11-01T00:00:00Z";
    release.terms = {.security_epoch = 3,
                     .expires = "2027-11-01T00:00:00Z",
                     .policy_min_version = 7,
                     .replaces = {Digest::of("bundle"), Digest::of("older")},
                     .exports = manifests::ExportTerms{"ECCN 5D992.c", {"DE", "NO"}}};
    std::sort(release.terms.replaces.begin(), release.terms.replaces.end());
    release.bundle_sm3 = manifests::sm3_hex("bundle");
    const std::string text = release.encode();
    CHECK_THAT(text, Catch::Contains(R"("release_counter":42,"security_epoch":3,"target":{)"));
    CHECK_THAT(text, Catch::Contains(R"("},"issued":"2026-11-01T00:00:00Z","expires":"2027-11-01T00:00:00Z",)"
                                     R"("policy_min_version":7,"replaces":["sha256:)"));
    CHECK_THAT(text,
               Catch::EndsWith(R"("export":{"classification":"ECCN 5D992.c","destinations":["DE","NO"]}}})"));
    CHECK_THAT(text, Catch::Contains(R"(","sm3":")" + *release.bundle_sm3 + R"("}}])"));
    CHECK(ReleaseStatement::parse(text) == release);
}

TEST_CASE("terms that are spelled in a second way or contradict themselves are refused",
          "[manifests][release]") {
    const std::string a = Digest::of("bundle").text();  // 1e...
    const std::string b = Digest::of("profile").text(); // 19...
    const auto [reason, members] = GENERATE_COPY(table<std::string, std::string>({
        {"security epoch 0", R"("security_epoch":0)"},
        {"a negative epoch", R"("security_epoch":-1)"},
        {"an epoch over 2^63-1", R"("security_epoch":9223372036854775808)"},
        {"policy version 0", R"("policy_min_version":0)"},
        {"an end that is no time", R"("expires":"2027-11-01")"},
        {"an end at the beginning", R"("issued":"2026-11-01T00:00:00Z","expires":"2026-11-01T00:00:00Z")"},
        {"an end before the beginning",
         R"("issued":"2026-11-01T00:00:00Z","expires":"2026-10-31T23:59:59Z")"},
        {"replaced bundles that do not rise", R"("replaces":[")" + a + R"(",")" + b + R"("])"},
        {"one bundle replaced twice", R"("replaces":[")" + a + R"(",")" + a + R"("])"},
        {"a replaced bundle without its algorithm", R"("replaces":[")" + bundle_hex + R"("])"},
        {"an export without a class", R"("export":{"destinations":["DE"]})"},
        {"an empty class", R"("export":{"classification":""})"},
        {"an unknown member of the export", R"("export":{"classification":"a","to":"DE"})"},
        {"destinations that do not rise", R"("export":{"classification":"a","destinations":["NO","DE"]})"},
        {"a destination of two words", R"("export":{"classification":"a","destinations":["New Zealand"]})"},
    }));
    CAPTURE(reason);
    const std::string text = with(R"({"product")", "{" + members + R"(,"product")");
    REQUIRE_THROWS_MATCHES(ReleaseStatement::parse(text), Error,
                           faults_with(Fault::damaged, Code::trust_statement));
}

TEST_CASE("a release statement that contradicts itself or is unclear is refused", "[manifests][release]") {
    const std::string subject = R"({"name":"llm-a@1.4.2","digest":{"sha256":")" + bundle_hex + R"("}})";
    const std::vector<std::pair<std::string, std::string>> refused{
        {"nothing", ""},
        {"not an object", "[]"},
        {"another statement type", with("Statement/v1", "Statement/v0.1")},
        {"another predicate", with("release/v1", "release/v2")},
        {"no predicate", R"({"_type":"https://in-toto.io/Statement/v1","subject":[)" + subject +
                             R"(],"predicateType":"urn:sealift:release/v1"})"},
        {"no subject", with(subject, "")},
        {"two subjects", with(subject, subject + "," + subject)},
        {"the subject of another product", with("llm-a@", "llm-b@")},
        {"the subject of another version", with("@1.4.2", "@1.4.3")},
        {"a subject without a name", with(R"("name":"llm-a@1.4.2",)", "")},
        {"no digest", with(R"("sha256":")" + bundle_hex + "\"", "")},
        {"a digest of 63 digits", with(bundle_hex, bundle_hex.substr(1))},
        {"a digest of 62 digits", with(bundle_hex, bundle_hex.substr(2))},
        {"a digest in upper case", with(bundle_hex, std::string(64, 'A'))},
        {"a digest that is no hex", with(bundle_hex, std::string(64, 'g'))},
        {"a digest with its prefix", with(bundle_hex, "sha256:" + bundle_hex)},
        {"a profile digest without prefix", with("sha256:", "")},
        {"an unknown member in the predicate", with(R"({"product")", R"({"approved":true,"product")")},
        {"an end that is null", with(R"({"product")", R"({"expires":null,"product")")},
        {"an SM3 digest of 62 digits",
         with(R"({"sha256")", R"({"sm3":")" + std::string(62, '0') + R"(","sha256")")},
        {"an unknown member in the target", with(R"({"profile":)", R"({"chip":"x","profile":)")},
        {"a member given twice", with(R"({"product")", R"({"product":"llm-a","product")")},
        {"a negative counter", with(":42", ":-1")},
        {"a fraction as counter", with(":42", ":42.0")},
        {"a counter as text", with(":42", ":\"42\"")},
        {"a counter over 2^63-1", with(":42", ":9223372036854775808")},
        {"an empty profile", with("cpu-x86-64-v3", "")},
        {"no target",
         with(R"(,"target":{"profile":"cpu-x86-64-v3","profile_digest":"sha256:)" + profile_hex + "\"}", "")},
        {"two texts", sample_text() + sample_text()},
        {"over 16 KiB", sample_text() + std::string(ReleaseStatement::most_bytes, ' ')},
    };
    for (const auto& [reason, text] : refused) {
        CAPTURE(reason, text);
        REQUIRE_THROWS_MATCHES(ReleaseStatement::parse(text), Error,
                               faults_with(Fault::damaged, Code::trust_statement));
    }
}

TEST_CASE("a time in any other spelling is refused", "[manifests][release]") {
    const std::string time = GENERATE(
        as<std::string>(), "", "2026-11-01", "2026-11-01T00:00:00", "2026-11-01 00:00:00Z",
        "2026-11-01T00:00:00+00:00", "2026-11-01T00:00:00.0Z", "2026-11-01t00:00:00z", "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-11-00T00:00:00Z", "2026-11-01T24:00:00Z", "2026-11-01T00:60:00Z", "2026-11-01T00:00:60Z",
        "x026-11-01T00:00:00Z", "2026-11-01T00:00:00Z\n");
    ReleaseStatement release = sample();
    release.issued = time;
    CAPTURE(time);
    REQUIRE_THROWS_MATCHES(release.encode(), Error, faults_with(Fault::damaged, Code::trust_statement));
}

TEST_CASE("names that could deceive or be cut in two are never signed", "[manifests][release]") {
    const auto [reason, product, version] = GENERATE(table<std::string, std::string, std::string>({
        {"empty product", "", "1"},
        {"empty version", "a", ""},
        {"upper case", "Llm", "1"},
        {"an at sign", "a@1", "1"},
        {"a slash", "a/b", "1"},
        {"a dot in front", ".a", "1"},
        {"a dot behind", "a.", "1"},
        {"a space", "a", "1 2"},
        {"a line feed", "a", "1\n"},
        {"an escape", "a", "1\x1b[0m"},
        {"a direction override", "a", "1\u202e2"},
        {"no UTF-8", "a", "1\xff"},
        {"too long", std::string(256, 'a'), "1"},
        {"a version that is too long", "a", std::string(256, '1')},
    }));
    CAPTURE(reason);
    ReleaseStatement release = sample();
    release.product = product;
    release.version = version;
    REQUIRE_THROWS_MATCHES(release.encode(), Error, faults_with(Fault::damaged, Code::trust_statement));
}
