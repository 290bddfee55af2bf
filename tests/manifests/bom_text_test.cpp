#include "manifests/bom_text.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "manifests/spdx.hpp"
#include "tests/support/faults.hpp"

using manifests::Fault;
using manifests::form_of_licence;
using manifests::LicenceForm;
using manifests::timestamp_text;
using tests::faults_with;

TEST_CASE("a name based UUID is the one that other programs make", "[manifests][bom]") {
    // python3 -c 'import uuid; print(uuid.uuid5(uuid.NAMESPACE_URL, "https://example.com/a"))'
    CHECK(manifests::name_based_uuid("https://example.com/a") ==
          "urn:uuid:6639460f-3425-5329-8097-a58f06127860");
    CHECK(manifests::name_based_uuid("") == "urn:uuid:1b4db7eb-4057-5ddf-91e0-36dec72071f5");
}

TEST_CASE("times are written in UTC", "[manifests][bom]") {
    // date -u -d @SECONDS +%FT%TZ
    CHECK(timestamp_text(0) == "1970-01-01T00:00:00Z");
    CHECK(timestamp_text(951'782'399) == "2000-02-28T23:59:59Z");
    CHECK(timestamp_text(951'782'400) == "2000-02-29T00:00:00Z");
    CHECK(timestamp_text(1'767'225'600) == "2026-01-01T00:00:00Z");
    CHECK(timestamp_text(4'107'542'400) == "2100-03-01T00:00:00Z");
    CHECK(timestamp_text(253'402'300'799) == "9999-12-31T23:59:59Z");
    REQUIRE_THROWS_MATCHES(timestamp_text(253'402'300'800), manifests::Error, faults_with(Fault::usage));
    REQUIRE_THROWS_MATCHES(timestamp_text(~0ULL), manifests::Error, faults_with(Fault::usage));
}

TEST_CASE("paths become references with everything unusual encoded", "[manifests][bom]") {
    CHECK(manifests::url_of_path("weights/model-1_a.b~c") == "weights/model-1_a.b~c");
    CHECK(manifests::url_of_path("a b/%:+#?\xc3\xa4") == "a%20b/%25%3A%2B%23%3F%C3%A4");
}

TEST_CASE("licence texts are told apart", "[manifests][bom]") {
    for (const char* text : {"MIT", "Apache-2.0", "GPL-2.0-only", "LGPL-2.1-or-later", "0BSD"}) {
        CAPTURE(text);
        CHECK(form_of_licence(text) == LicenceForm::identifier);
    }
    for (const char* text :
         {"MIT OR Apache-2.0", "(MIT AND (ISC OR Zlib))", "LicenseRef-Acme-1.0", "Apache-2.0+",
          "GPL-2.0-only WITH Classpath-exception-2.0", "DocumentRef-a:LicenseRef-b"}) {
        CAPTURE(text);
        CHECK(form_of_licence(text) == LicenceForm::expression);
    }
    for (const char* text : {"", " ", "mit", "proprietary", "Acme Model Licence", "MIT OR", "OR MIT",
                             "MIT or ISC", "(MIT", "MIT)", "()", "MIT Apache-2.0", "MIT WITH ISC",
                             "LLVM-exception", "LicenseRef-", "LicenseRef-a_b", "DocumentRef-a"}) {
        CAPTURE(text);
        CHECK(form_of_licence(text) == LicenceForm::name);
    }
    std::string deep(100'000, '(');
    CHECK(form_of_licence(deep + "MIT") == LicenceForm::name);
}
