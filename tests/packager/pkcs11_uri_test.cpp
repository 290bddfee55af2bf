#include "packager/pkcs11_uri.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using manifests::Error;
using manifests::Fault;
using packager::is_pkcs11_uri;
using packager::Pkcs11Uri;
using tests::faults_with;

TEST_CASE("a URI of a key names what a token and a key must have", "[packager][pkcs11]") {
    const Pkcs11Uri uri =
        Pkcs11Uri::parse("pkcs11:token=The%20Token;manufacturer=a;model=b;serial=0c;slot-id=7;"
                         "type=private;object=release&co;id=%01%ff?module-path=/usr/lib/x.so&"
                         "pin-source=file:/run/pin");
    CHECK(uri.token == "The Token");
    CHECK(uri.manufacturer == "a");
    CHECK(uri.model == "b");
    CHECK(uri.serial == "0c");
    CHECK(uri.slot_id == 7U);
    CHECK(uri.object == "release&co");
    CHECK(uri.id == "\x01\xff");
    CHECK(uri.module_path == "/usr/lib/x.so");
    CHECK(uri.pin_file == "/run/pin");
    CHECK(Pkcs11Uri::parse(uri.text()) == uri);
    CHECK(uri.text() ==
          "pkcs11:token=The%20Token;manufacturer=a;model=b;serial=0c;slot-id=7;object=release%26co;"
          "id=%01%FF?module-path=/usr/lib/x.so&pin-source=file:/run/pin");
    CHECK(Pkcs11Uri::parse("pkcs11:") == Pkcs11Uri{});
    CHECK(Pkcs11Uri::parse("PKCS11:?module-path=%2Fa%3A").text() == "pkcs11:?module-path=/a:");
    CHECK(Pkcs11Uri::parse("pkcs11:?pin-source=file:///a").pin_file == "/a");
    CHECK(Pkcs11Uri::parse("pkcs11:?pin-source=file:/a&module-path=/b:").text() ==
          "pkcs11:?module-path=/b:&pin-source=file:/a");
}

TEST_CASE("only the scheme makes a URI of a name", "[packager][pkcs11]") {
    CHECK(is_pkcs11_uri("pkcs11:"));
    CHECK(is_pkcs11_uri("Pkcs11:token=x"));
    for (const std::string name : {"", "pkcs11", "./pkcs11:token=x", "pkcs11.key", "pkcs12:x", " pkcs11:"}) {
        CAPTURE(name);
        CHECK_FALSE(is_pkcs11_uri(name));
        REQUIRE_THROWS_MATCHES(Pkcs11Uri::parse(name), Error, faults_with(Fault::usage));
    }
}

TEST_CASE("a URI that is not understood to its end is refused", "[packager][pkcs11]") {
    const std::string nul(1, '\0');
    const std::vector<std::pair<std::string, std::string>> refused{
        {"no value", "pkcs11:token"},
        {"empty value", "pkcs11:token="},
        {"no name", "pkcs11:=x"},
        {"empty attribute", "pkcs11:token=a;;object=b"},
        {"empty attribute at the end", "pkcs11:token=a;"},
        {"empty attribute in front", "pkcs11:;token=a"},
        {"the query is empty at its end", "pkcs11:token=a?module-path=/a&"},
        {"twice", "pkcs11:token=a;token=a"},
        {"twice behind '?'", "pkcs11:?module-path=/a&module-path=/a"},
        {"name in capitals", "pkcs11:Token=a"},
        {"escaped name", "pkcs11:%74oken=a"},
        {"unknown", "pkcs11:colour=red"},
        {"unknown behind '?'", "pkcs11:?colour=red"},
        {"vendor attribute", "pkcs11:x-muscle=card"},
        {"path attribute behind '?'", "pkcs11:?token=a"},
        {"query attribute in front", "pkcs11:module-path=/a"},
        {"library attributes are not compared", "pkcs11:library-manufacturer=a"},
        {"slot description is not compared", "pkcs11:slot-description=a"},
        {"module-name", "pkcs11:?module-name=softhsm2"},
        {"a public key", "pkcs11:type=public"},
        {"a certificate", "pkcs11:type=cert"},
        {"bare space", "pkcs11:token=a b"},
        {"bare slash in a label", "pkcs11:token=a/b"},
        {"bare '#'", "pkcs11:token=a#b"},
        {"bare percent", "pkcs11:token=100%"},
        {"half an escape", "pkcs11:token=%4"},
        {"no hex", "pkcs11:token=%4g"},
        {"escape with a sign", "pkcs11:token=%+4"},
        {"line feed", "pkcs11:token=a\nb"},
        {"NUL", "pkcs11:token=a" + nul},
        {"escaped NUL in a label", "pkcs11:token=a%00"},
        {"escaped NUL in a path", "pkcs11:?module-path=/a%00b"},
        {"not UTF-8", "pkcs11:token=%ff"},
        {"bare UTF-8", "pkcs11:token=\xc3\xa9"},
        {"token of 33 bytes", "pkcs11:token=" + std::string(33, 'a')},
        {"serial of 17 bytes", "pkcs11:serial=" + std::string(17, '1')},
        {"model of 17 bytes", "pkcs11:model=" + std::string(17, '1')},
        {"token ends in a space", "pkcs11:token=a%20"},
        {"slot is no number", "pkcs11:slot-id=0x1"},
        {"slot with a sign", "pkcs11:slot-id=+1"},
        {"slot with a leading zero", "pkcs11:slot-id=01"},
        {"slot over 64 bits", "pkcs11:slot-id=18446744073709551616"},
        {"id of 256 bytes", "pkcs11:id=" + std::string(256, 'a')},
        {"relative module", "pkcs11:?module-path=softhsm2.so"},
        {"pin from a command", "pkcs11:?pin-source=|/bin/pin"},
        {"pin without file:", "pkcs11:?pin-source=/run/pin"},
        {"pin from a relative file", "pkcs11:?pin-source=file:pin"},
        {"pin from a host", "pkcs11:?pin-source=file://host/pin"},
        {"pin from nowhere", "pkcs11:?pin-source=file:"},
        {"pin from nowhere, with slashes", "pkcs11:?pin-source=file://"},
        {"over 4096 bytes", "pkcs11:?module-path=/" + std::string(4096, 'a')},
    };
    for (const auto& [reason, text] : refused) {
        CAPTURE(reason);
        REQUIRE_THROWS_MATCHES(Pkcs11Uri::parse(text), Error, faults_with(Fault::usage));
    }
}

TEST_CASE("a PIN in the URI is refused and shown nowhere", "[packager][pkcs11]") {
    const std::string text =
        GENERATE("pkcs11:token=a?pin-value=%2571secret", "pkcs11:?pin-value=secret&module-path=/a",
                 "pkcs11:pin-value=secret", "pkcs11:?pin-value=a b secret", "pkcs11:?pin-value=a&secret",
                 "pkcs11:?pin-value", "pkcs11:?module-path=/a&pin-value=%zzsecret", "pkcs11:?pin=secret",
                 "pkcs11:?module-path=/a&secret", "pkcs11:?pin-source=secret");
    CAPTURE(text);
    try {
        Pkcs11Uri::parse(text);
        FAIL("accepted");
    } catch (const Error& problem) {
        CHECK(problem.fault() == Fault::usage);
        CHECK_THAT(problem.what() + problem.hint(), !Catch::Contains("secret"));
    }
}
