#include "manifests/bom_writer.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/schema.hpp"

using manifests::Bom;
using manifests::BomFrame;
using manifests::BomWriter;
using manifests::Component;
using manifests::EachRef;
using manifests::Fault;
using tests::faults_with;

namespace {

Component named(const std::string& ref) {
    Component component;
    component.ref = ref;
    component.name = ref;
    return component;
}

BomFrame frame() {
    BomFrame made;
    made.phase = "build";
    made.tool_name = "sealift";
    made.tool_version = "0.1.0";
    made.root = named("root");
    made.standard = manifests::BomStandard{"s", "profile", "1", "", {{"r1", "HW-001", "title", "text", {}}}};
    return made;
}

EachRef refs(std::vector<std::string> some) {
    return [some = std::move(some)](const auto& take) {
        for (const std::string& ref : some)
            take(ref);
    };
}

void write_all(BomWriter& writer) {
    writer.component(named("a"), [](const auto& take) {
        take(named("a/1"));
        take(named("a/2"));
    });
    writer.component(named("b"));
    writer.composition("complete", refs({"a", "root"}), refs({}));
    writer.node("a", refs({"a/1", "b"}));
    writer.node("a/1", refs({}));
    writer.node("a/2", refs({}));
    writer.node("b", refs({}));
    writer.node("root", refs({"a", "b"}));
    writer.finish();
}

} // namespace

TEST_CASE("a document written in pieces is the one that is encoded as a value", "[manifests][bom]") {
    std::string text;
    BomWriter writer(frame(), [&](std::string_view piece) { text += piece; });
    write_all(writer);
    Bom bom;
    static_cast<BomFrame&>(bom) = frame();
    bom.components = {named("b"), named("a")};
    bom.components[1].parts = {named("a/2"), named("a/1")};
    bom.compositions = {{"complete", {"root", "a"}, {}}};
    bom.depends_on = {{"root", {"a", "b"}}, {"a", {"b", "a/1"}}};
    CHECK(text == manifests::encode_cyclonedx(bom));
    CHECK(tests::cyclonedx_problems(text).empty());
}

TEST_CASE("a document has all its sections even if nothing is in them", "[manifests][bom]") {
    std::string text;
    BomFrame bare = frame();
    bare.standard.reset();
    BomWriter writer(bare, [&](std::string_view piece) { text += piece; });
    writer.node("root", refs({}));
    writer.finish();
    const manifests::Json document = manifests::Json::parse(text);
    CHECK(document["components"].empty());
    CHECK(document["compositions"].empty());
    CHECK(document["dependencies"].size() == 1);
    CHECK(tests::cyclonedx_problems(text).empty());
}

TEST_CASE("pieces that make no document are refused", "[manifests][bom]") {
    using Write = void (*)(BomWriter&);
    const auto [reason, write] = GENERATE(table<std::string, Write>({
        {"components out of order",
         [](BomWriter& writer) { writer.component(named("b")), writer.component(named("a")); }},
        {"a component twice",
         [](BomWriter& writer) { writer.component(named("a")), writer.component(named("a")); }},
        {"parts out of order",
         [](BomWriter& writer) {
             writer.component(named("a"), [](const auto& take) { take(named("a/2")), take(named("a/1")); });
         }},
        {"a part that is a component too",
         [](BomWriter& writer) {
             writer.component(named("a"), [](const auto& take) { take(named("b")); });
             writer.component(named("b"));
             writer.node("a", refs({}));
         }},
        {"a component after the graph has begun",
         [](BomWriter& writer) { writer.node("root", refs({})), writer.component(named("z")); }},
        {"refs of a composition out of order",
         [](BomWriter& writer) {
             writer.component(named("a"));
             writer.composition("complete", refs({"root", "a"}), refs({}));
         }},
        {"edges out of order",
         [](BomWriter& writer) {
             writer.component(named("a")), writer.component(named("b"));
             writer.node("root", refs({"b", "a"}));
         }},
        {"an edge twice",
         [](BomWriter& writer) {
             writer.component(named("a")), writer.node("root", refs({"a", "a"}));
         }},
        {"a node of nothing", [](BomWriter& writer) { writer.node("a", refs({})); }},
        {"a node twice",
         [](BomWriter& writer) { writer.node("root", refs({})), writer.node("root", refs({})); }},
        {"a ref without a node",
         [](BomWriter& writer) {
             writer.component(named("a"));
             writer.node("root", refs({}));
             writer.finish();
         }},
    }));
    CAPTURE(reason);
    BomWriter writer(frame(), [](std::string_view) {});
    REQUIRE_THROWS_MATCHES(write(writer), manifests::Error, faults_with(Fault::internal));
}
