// Names and digests that a bundle cannot use twice.

#include <string>

#include <catch2/catch.hpp>

#include "manifests/assembly.hpp"
#include "manifests/error.hpp"
#include "manifests/tar_layout.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/plain_tree.hpp"

namespace {

using manifests::BundleDocument;
using manifests::BundleFile;
using manifests::Code;
using manifests::Digest;
using manifests::Fault;
using manifests::Role;
using tests::faults_with;
using tests::file_of;

manifests::DocumentReference refer(const std::string& bytes) {
    return {Digest::of(bytes), bytes.size()};
}

BundleDocument document_with(std::vector<BundleFile> files) {
    return {.name = "tiny",
            .version = "1",
            .release_counter = 1,
            .profile_id = "any",
            .profile = refer("profile"),
            .model = {},
            .files = std::move(files),
            .kernels = {},
            .runtime = std::nullopt,
            .software_bom = refer("software"),
            .hardware_bom = refer("hardware"),
            .model_manifest = refer("")};
}

std::vector<manifests::LayoutItem> items_with(BundleDocument document) {
    const manifests::Assembly assembly = manifests::assemble(document);
    const std::vector<std::string> envelopes;
    return manifests::items_of({document, assembly, envelopes});
}

} // namespace

TEST_CASE("a file where the bundle's own documents have their paths is refused", "[manifests][assembly]") {
    const char* path = GENERATE("sealift", "sealift/profile.json", "sealift/mine.txt", "Sealift/x", "SEALIFT",
                                "\xc5\xbf"
                                "ealift/x") /* a long s folds to s */;
    CAPTURE(path);
    auto document = document_with({file_of(path, Role::doc, "x"), file_of("weights/w", Role::weights, "w")});
    REQUIRE_THROWS_MATCHES(manifests::assemble(document), manifests::Error,
                           faults_with(Fault::damaged, Code::path_collision));
}

TEST_CASE("a path that only begins like the reserved folder is taken", "[manifests][assembly]") {
    const char* path = GENERATE("sealift.txt", "sealifts/x", "docs/sealift/x");
    CAPTURE(path);
    auto document = document_with({file_of(path, Role::doc, "x"), file_of("weights/w", Role::weights, "w")});
    CHECK_NOTHROW(manifests::assemble(document));
}

TEST_CASE("one digest with two sizes is refused", "[manifests][layout]") {
    auto liar = file_of("docs/a", Role::doc, "profile");
    SECTION("said of a document") {
        liar.size_bytes += 1;
        const auto document = document_with({liar, file_of("weights/w", Role::weights, "w")});
        REQUIRE_THROWS_MATCHES(items_with(document), manifests::Error,
                               faults_with(Fault::damaged, Code::content_size));
    }
    SECTION("said of another file") {
        liar = file_of("docs/a", Role::doc, "w");
        liar.size_bytes = 0;
        const auto document = document_with({liar, file_of("weights/w", Role::weights, "w")});
        REQUIRE_THROWS_MATCHES(items_with(document), manifests::Error,
                               faults_with(Fault::damaged, Code::content_size));
    }
    SECTION("the truth is stored once") {
        const auto document = document_with({liar, file_of("weights/w", Role::weights, "w")});
        CHECK(items_with(document).size() == 10);
    }
}
