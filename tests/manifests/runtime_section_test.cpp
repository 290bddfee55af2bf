#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/bundle_document.hpp"
#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/sample_document.hpp"

using manifests::Fault;
using manifests::Json;
using manifests::read_runtime_section;
using manifests::write_json;
using manifests::write_runtime_section;
using tests::faults_with;

namespace {

using Change = void (*)(Json&);

Json section() {
    return Json::parse(write_json(write_runtime_section(*tests::sample_document().runtime)));
}

} // namespace

TEST_CASE("a runtime section is read as it was written", "[manifests][runtime_section]") {
    const std::string written = write_json(write_runtime_section(read_runtime_section(section())));
    CHECK(written == write_json(write_runtime_section(*tests::sample_document().runtime)));
}

TEST_CASE("what a runtime section leaves out has its usual value", "[manifests][runtime_section]") {
    const auto read = read_runtime_section(
        Json::parse(R"({"entrypoint":"engine/x","arguments":[],"port":1,"ready":{"health_path":"/"}})"));
    CHECK(read.ready.timeout_s == 60);
    CHECK(read.ready.listen_prefix.empty());
    CHECK(read.environment.empty());
    CHECK_FALSE(read.device);
    CHECK_FALSE(read.known_answer);
}

TEST_CASE("the environment is sorted by name, whatever the order in the text",
          "[manifests][runtime_section]") {
    Json value = section();
    value["environment"] = Json::parse(R"({"Z":"1","A":"2","M":"3"})");
    const auto read = read_runtime_section(value);
    REQUIRE(read.environment.size() == 3);
    CHECK(read.environment[0].first == "A");
    CHECK(read.environment[2].first == "Z");
}

TEST_CASE("a runtime section with one defect is refused", "[manifests][runtime_section]") {
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"unknown member", [](Json& v) { v["shell"] = true; }},
        {"no entry point", [](Json& v) { v.erase("entrypoint"); }},
        {"entry point outside", [](Json& v) { v["entrypoint"] = "../engine"; }},
        {"absolute entry point", [](Json& v) { v["entrypoint"] = "/bin/sh"; }},
        {"no arguments", [](Json& v) { v.erase("arguments"); }},
        {"an argument that is a number", [](Json& v) { v["arguments"][0] = 1; }},
        {"arguments as one text", [](Json& v) { v["arguments"] = "--port 1"; }},
        {"port 65536", [](Json& v) { v["port"] = 65536; }},
        {"port 70000", [](Json& v) { v["port"] = 70000; }},
        {"port -1", [](Json& v) { v["port"] = -1; }},
        {"port as text", [](Json& v) { v["port"] = "80"; }},
        {"port 0 and no way to learn it",
         [](Json& v) {
             v["port"] = 0;
             v["ready"].erase("listen_prefix");
         }},
        {"no ready rule", [](Json& v) { v.erase("ready"); }},
        {"unknown member of the ready rule", [](Json& v) { v["ready"]["extra"] = 1; }},
        {"no health path", [](Json& v) { v["ready"].erase("health_path"); }},
        {"health path without '/'", [](Json& v) { v["ready"]["health_path"] = "health"; }},
        {"health path that is another host", [](Json& v) { v["ready"]["health_path"] = "http://x/"; }},
        {"health path with a space", [](Json& v) { v["ready"]["health_path"] = "/a HTTP/1.1"; }},
        {"health path with a line feed",
         [](Json& v) { v["ready"]["health_path"] = "/a\r\nX-More: 1"; }},
        {"health path that is not ASCII", [](Json& v) { v["ready"]["health_path"] = "/\u00e4"; }},
        {"health path with a fragment", [](Json& v) { v["ready"]["health_path"] = "/a#b"; }},
        {"empty health path", [](Json& v) { v["ready"]["health_path"] = ""; }},
        {"timeout 0", [](Json& v) { v["ready"]["timeout_s"] = 0; }},
        {"timeout of more than a day", [](Json& v) { v["ready"]["timeout_s"] = 86401; }},
        {"timeout with a fraction", [](Json& v) { v["ready"]["timeout_s"] = 0.5; }},
        {"device path without '/'", [](Json& v) { v["device"]["path"] = "props"; }},
        {"device path with a line feed", [](Json& v) { v["device"]["path"] = "/props\nX: 1"; }},
        {"device pointer without '/'", [](Json& v) { v["device"]["pointer"] = "device"; }},
        {"device without what it equals", [](Json& v) { v["device"].erase("equals"); }},
        {"unknown member of the device", [](Json& v) { v["device"]["extra"] = 1; }},
        {"known answer outside", [](Json& v) { v["known_answer"] = "../answer.json"; }},
        {"environment as a list", [](Json& v) { v["environment"] = Json::array(); }},
        {"environment value that is a number", [](Json& v) { v["environment"]["A"] = 1; }},
        {"environment without a name", [](Json& v) { v["environment"][""] = "1"; }},
        {"environment name with '='", [](Json& v) { v["environment"]["A=B"] = "1"; }},
        {"LD_PRELOAD", [](Json& v) { v["environment"]["LD_PRELOAD"] = "/tmp/x.so"; }},
        {"LD_LIBRARY_PATH", [](Json& v) { v["environment"]["LD_LIBRARY_PATH"] = "/tmp"; }},
        {"LD_AUDIT", [](Json& v) { v["environment"]["LD_AUDIT"] = "/tmp/x.so"; }},
        {"GGML_BACKEND_PATH", [](Json& v) { v["environment"]["GGML_BACKEND_PATH"] = "/tmp/x.so"; }},
        {"no object at all", [](Json& v) { v = Json::array(); }},
    }));
    CAPTURE(reason);
    Json value = section();
    change(value);
    value = Json::parse(value.dump()); // numbers as they are when they come from text
    REQUIRE_THROWS_MATCHES(read_runtime_section(value), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("a runtime section takes the outermost values that are allowed", "[manifests][runtime_section]") {
    Json value = section();
    value["port"] = 65535;
    value["ready"]["timeout_s"] = 1;
    value = Json::parse(value.dump());
    CHECK(read_runtime_section(value).port == 65535);
    CHECK(read_runtime_section(value).ready.timeout_s == 1);
}
