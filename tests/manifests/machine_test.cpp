#include "manifests/machine.hpp"

#include <functional>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"

using manifests::Error;
using manifests::Json;
using manifests::Machine;
using manifests::write_json;

namespace {

Machine sample() {
    Machine machine;
    machine.cpu = {.architecture = "x86_64",
                   .vendor = "  Shanghai  ",
                   .brand = "A processor",
                   .family = 6,
                   .model = 0,
                   .stepping = 0,
                   .logical_count = 128,
                   .features = {"avx", "sse2"},
                   .disabled_features = {"avx512f"}};
    machine.memory_bytes = 9223372036854775807ULL;
    machine.kernel_name = "Linux";
    machine.kernel_release = "6.1.0";
    machine.accelerators = {{"0000:c1:00.0", "19e5:d802", "19e5:0100", "120000", "devdrv", "Huawei"},
                            {"10000:01:00.0", "1bcf:001c", "", "0b4000", "", ""}};
    machine.firmware.product_name = "Board \xe5\x8c\x85";
    machine.unreadable = {"/sys/class/dmi/id/bios_date"};
    return machine;
}

} // namespace

TEST_CASE("a machine comes back from its JSON unchanged", "[manifests][machine]") {
    const std::string bytes = write_json(sample().to_json());
    const Machine again = Machine::parse(bytes);
    CHECK(write_json(again.to_json()) == bytes);
    CHECK(again.cpu.vendor == "  Shanghai  ");
    CHECK(again.cpu.stepping == 0);
    CHECK(again.memory_bytes == 9223372036854775807ULL);
    CHECK(again.accelerators.at(1).driver.empty());
    CHECK(again.unreadable.size() == 1);
}

TEST_CASE("the JSON of a machine is always the same bytes", "[manifests][machine]") {
    CHECK(write_json(Machine{}.to_json()) == R"({"schema":"sealift.machine/1","accelerators":[]})");
    CHECK(
        write_json(sample().to_json()) ==
        R"({"schema":"sealift.machine/1","cpu":{"architecture":"x86_64","vendor":"  Shanghai  ",)"
        R"("brand":"A processor","family":6,"model":0,"stepping":0,"logical_count":128,)"
        R"("features":["avx","sse2"],"disabled_features":["avx512f"]},"memory_bytes":9223372036854775807,)"
        R"("kernel":{"name":"Linux","release":"6.1.0"},"accelerators":[{"address":"0000:c1:00.0",)"
        R"("id":"19e5:d802","subsystem_id":"19e5:0100","class":"120000","driver":"devdrv","vendor":"Huawei"},)"
        R"({"address":"10000:01:00.0","id":"1bcf:001c","class":"0b4000"}],)"
        "\"firmware\":{\"product_name\":\"Board \xe5\x8c\x85\"},"
        R"("unreadable":["/sys/class/dmi/id/bios_date"]})");
}

TEST_CASE("what a machine must not say is refused", "[manifests][machine]") {
    using Change = std::function<void(Json&)>;
    const auto [reason, change] = GENERATE(table<std::string, Change>({
        {"another schema", [](Json& m) { m["schema"] = "sealift.machine/2"; }},
        {"an unknown member", [](Json& m) { m["hostname"] = "db1"; }},
        {"an unknown member of the processor", [](Json& m) { m["cpu"]["serial"] = "1"; }},
        {"an unknown member of the firmware", [](Json& m) { m["firmware"]["serial"] = "1"; }},
        {"an unknown member of an accelerator", [](Json& m) { m["accelerators"][0]["uuid"] = "1"; }},
        {"an unknown member of the kernel", [](Json& m) { m["kernel"]["builder"] = "me"; }},
        {"no list of accelerators", [](Json& m) { m.erase("accelerators"); }},
        {"an accelerator without an id", [](Json& m) { m["accelerators"][0].erase("id"); }},
        {"accelerators out of order", [](Json& m) { std::swap(m["accelerators"][0], m["accelerators"][1]); }},
        {"an accelerator twice", [](Json& m) { m["accelerators"][1] = m["accelerators"][0]; }},
        {"features out of order", [](Json& m) { m["cpu"]["features"] = {"sse2", "avx"}; }},
        {"a feature twice", [](Json& m) { m["cpu"]["features"] = {"avx", "avx"}; }},
        {"an empty text", [](Json& m) { m["cpu"]["brand"] = ""; }},
        {"a model without a family", [](Json& m) { m["cpu"].erase("family"); }},
        {"memory of nothing", [](Json& m) { m["memory_bytes"] = 0; }},
        {"less than no memory", [](Json& m) { m["memory_bytes"] = -1; }},
        {"an empty processor", [](Json& m) { m["cpu"] = Json::object(); }},
        {"an empty list of what could not be read", [](Json& m) { m["unreadable"] = Json::array(); }},
    }));
    CAPTURE(reason);
    Json machine = Json::parse(write_json(sample().to_json()));
    change(machine);
    CHECK_THROWS_AS(Machine::parse(machine.dump()), Error);
}
