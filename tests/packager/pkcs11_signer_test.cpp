// Tokens that misbehave in ways that SoftHSM cannot be brought to; tests/peers/pkcs11.sh has the real one.

#include "packager/pkcs11_signer.hpp"

#include <catch2/catch.hpp>
#include <dlfcn.h>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "tests/packager/environment.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Error;
using manifests::Fault;
using packager::open_pkcs11_signer;
using packager::PassphraseSource;
using packager::Signer;
using tests::Environment;
using tests::faults_with;
using tests::TempDir;

namespace {

std::string uri(const std::string& path = "token=fake;object=release;id=%01") {
    return "pkcs11:" + path + "?module-path=" + tests::built_program("fake_token.so");
}

template<typename Function>
Function symbol(const char* name) {
    void* const library = ::dlopen(tests::built_program("fake_token.so").c_str(), RTLD_NOW | RTLD_NOLOAD);
    REQUIRE(library != nullptr);
    return reinterpret_cast<Function>(::dlsym(library, name));
}
int open_sessions() {
    return symbol<int (*)()>("fake_token_open_sessions")();
}
std::string calls() {
    return symbol<const char* (*)()>("fake_token_calls")();
}

struct Pin {
    explicit Pin(const std::string& text = "1234\n") { tests::write_file(folder / "pin", text); }
    PassphraseSource source() const { return {folder / "pin"}; }
    TempDir folder;
};

// What is said when a signer is opened and signs; "" when all goes well.
std::string refusal(const std::string& defects, const std::string& name = uri(),
                    const std::string& pin = "1234\n") {
    const Environment environment("FAKE_TOKEN", defects);
    const Pin file(pin);
    try {
        const auto signer = open_pkcs11_signer(name, file.source());
        const std::string signature = signer->sign("message");
        CHECK(signer->public_key().verifies("message", signature));
        return "";
    } catch (const Error& problem) {
        CHECK((problem.fault() == Fault::missing || problem.fault() == Fault::io ||
               problem.fault() == Fault::refused));
        return problem.what();
    }
}

} // namespace

TEST_CASE("a token signs, whichever way it spells its public point", "[packager][pkcs11]") {
    const std::string defects = GENERATE("", "raw-point", "bit-string-point", "no-login", "pin-pad");
    CAPTURE(defects);
    CHECK(refusal(defects) == "");
    CHECK(open_sessions() == 0);
}

TEST_CASE("sessions and the module end when the signer does, and not before", "[packager][pkcs11]") {
    const Environment environment("FAKE_TOKEN", "");
    const Pin pin;
    auto first = open_pkcs11_signer(uri(), pin.source());
    {
        const auto second = open_pkcs11_signer(uri("object=release"), pin.source());
        CHECK(open_sessions() == 2);
        CHECK(second->public_key() == first->public_key());
    }
    CHECK(open_sessions() == 1);
    const std::string before = calls();
    CHECK(first->sign("still works").size() == 64);
    first.reset();
    CHECK(open_sessions() == 0);
    CHECK(calls() == before + "finalize ");
}

TEST_CASE("what a token may not get away with", "[packager][pkcs11]") {
    struct Row {
        std::string defect, said;
    };
    const Row row = GENERATE(values<Row>({
        {"bad-signature", "no signature by the public key"},
        {"short-signature", "no signature by the public key"},
        {"overlong-signature", "no signature by the public key"},
        {"vendor-error", "C_Sign says CKR 0x80000017"},
        {"removed", "C_SignInit says CKR_DEVICE_REMOVED"},
        {"no-start", "C_Initialize says CKR_DEVICE_ERROR"},
        {"no-functions", "no PKCS#11 module"},
        {"version-3", "speaks PKCS#11 3"},
        {"no-token", "sees no token"},
        {"many-slots", "slots"},
        {"full-label", "no token is the one that the URI names"},
        {"endless-objects", "over 1000 objects"},
        {"cannot-sign", "CKA_SIGN"},
        {"wrong-type", "does not belong to its type"},
        {"x25519", "on a curve that is not used here"},
        {"no-mechanism", "cannot sign with keys of this type"},
        {"verify-only", "cannot sign with keys of this type"},
        {"no-public-key", "neither a public key nor a certificate"},
        {"long-point", "of a form that is not known"},
        {"no-point", "of a form that is not known"},
        {"huge-point", "1048576 bytes"},
        {"zero-point", "not a point that signatures can be made with"},
        {"pin-expired", "CKR_PIN_EXPIRED"},
    }));
    CAPTURE(row.defect);
    CHECK_THAT(refusal(row.defect), Catch::Contains(row.said));
    CHECK(open_sessions() == 0);
}

TEST_CASE("a wrong PIN is told with what the token says about further tries", "[packager][pkcs11]") {
    CHECK_THAT(refusal("", uri(), "9999\n"), Catch::EndsWith("CKR_PIN_INCORRECT"));
    CHECK_THAT(refusal("low", uri(), "9999\n"), Catch::Contains("how many tries are left it does not tell"));
    CHECK_THAT(refusal("final", uri(), "9999\n"), Catch::Contains("one try is left"));
    CHECK_THAT(refusal("locked", uri(), "9999\n"), Catch::Contains("is locked now"));
    CHECK_THAT(refusal("", uri(), "9999\n"), !Catch::Contains("9999"));
}

TEST_CASE("names from a token cannot move the cursor", "[packager][pkcs11]") {
    const std::string text = refusal("evil-label");
    CHECK_THAT(text, Catch::Contains("\\x1b[2Jrelease"));
    CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("a PIN has one source, and the module is named by an absolute path", "[packager][pkcs11]") {
    const Environment environment("FAKE_TOKEN", "");
    const Environment no_module("SEALIFT_PKCS11_MODULE", "");
    const Pin pin;
    const std::string pin_source = "&pin-source=file:" + (pin.folder / "pin");
    CHECK(open_pkcs11_signer(uri() + pin_source, {})->sign("x").size() == 64);
    REQUIRE_THROWS_MATCHES(open_pkcs11_signer(uri() + pin_source, pin.source()), Error,
                           faults_with(Fault::usage));
    REQUIRE_THROWS_MATCHES(open_pkcs11_signer("pkcs11:token=fake", pin.source()), Error,
                           faults_with(Fault::missing));
    const Environment module("SEALIFT_PKCS11_MODULE", tests::built_program("fake_token.so"));
    CHECK(packager::open_signer("pkcs11:token=fake", pin.source())->sign("x").size() == 64);
    const Environment relative("SEALIFT_PKCS11_MODULE", "fake_token.so");
    REQUIRE_THROWS_MATCHES(open_pkcs11_signer("pkcs11:token=fake", pin.source()), Error,
                           faults_with(Fault::usage));
}
