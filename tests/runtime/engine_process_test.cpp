// The engine as a child, without a supervisor around it, and the launch that it is made of.

#include "runtime/engine_process.hpp"

#include <csignal>
#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/engine_checks.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using runtime::Bundle;
using runtime::EngineProcess;
using runtime::Launch;
using runtime::TrustDecision;
using runtime::TrustedBundle;
using tests::faults_with;
using tests::make_sample;
using tests::SampleOptions;
using tests::TempDir;
using namespace std::chrono_literals;

namespace {

TrustedBundle trusted(const std::string& path) {
    TrustDecision decision = TrustDecision::check_trust(std::make_shared<const Bundle>(Bundle::open(path)),
                                                        runtime::TrustBasis({tests::sample_key('a')}));
    REQUIRE(decision.trusted);
    return *decision.trusted;
}

auto soon() {
    return std::chrono::steady_clock::now() + 20s;
}

struct Started {
    TempDir folder;
    TrustedBundle bundle;
    Launch launch;
    EngineProcess engine;

    explicit Started(const std::string& misbehave)
        : bundle(trusted(make_sample(folder, {.misbehave = misbehave}).path)),
          launch(runtime::prepare_launch(bundle, {}, {})),
          engine(launch, folder / "log", folder.path()) {}
};

} // namespace

TEST_CASE("an engine says where it listens and stops when it is asked to", "[runtime][engine_process]") {
    Started started("");
    const auto line = started.engine.read_line(soon());
    REQUIRE(line);
    CHECK(line->starts_with("listening 127.0.0.1:"));
    CHECK(!started.engine.ended());
    CHECK(!started.engine.read_line(std::chrono::steady_clock::now() + 20ms));
    CHECK(started.engine.stop(20s) == "exit status 0");
    CHECK(started.engine.stop(20s) == "exit status 0");
    CHECK(started.engine.ended() == "exit status 0");
    CHECK(tests::read_file(started.folder / "log").starts_with("listening "));
}

TEST_CASE("an engine that ignores SIGTERM is killed when patience ends", "[runtime][engine_process]") {
    Started started("hang-on-term");
    REQUIRE(started.engine.read_line(soon()));
    CHECK(started.engine.stop(100ms) == "signal 9");
}

TEST_CASE("an engine ends with the object that holds it, and leaves no zombie", "[runtime][engine_process]") {
    pid_t id = -1;
    {
        Started started("no-listen");
        id = started.engine.id();
        REQUIRE(::kill(id, 0) == 0);
    }
    CHECK(::kill(id, 0) == -1);
}

TEST_CASE("an engine that closes its output and ends is told from one that is silent",
          "[runtime][engine_process]") {
    Started started("exit");
    CHECK(!started.engine.read_line(soon()));
    CHECK(started.engine.closed_output());
    CHECK(started.engine.stop(20s) == "exit status 1");
}

TEST_CASE("arguments name what the engine inherits", "[runtime][launch]") {
    const TempDir folder;
    const TrustedBundle bundle = trusted(make_sample(folder).path);
    const Launch launch = runtime::prepare_launch(bundle, {.port = 4711, .threads = 3}, {});
    const auto value = [&](const std::string& name) {
        for (std::size_t i = 1; i + 1 < launch.arguments.size(); i += 2) {
            if (launch.arguments[i] == name) return launch.arguments[i + 1];
        }
        return std::string("(none)");
    };
    CHECK(launch.arguments[0] == "engine/stub_engine");
    CHECK(value("--port") == "4711");
    CHECK(value("--threads") == "3");
    CHECK(value("--kernel").starts_with("/proc/self/fd/"));
    CHECK(tests::read_file(value("--kernel")).substr(1, 3) == "ELF");
    char magic[4] = "";
    REQUIRE(::pread(std::stoi(value("--model-fd")), magic, 4, std::stol(value("--model-offset"))) == 4);
    CHECK(std::string(magic, 4) == "GGUF");
    CHECK(launch.inherited.size() == 4);
    const auto kernels = runtime::kernels_of(launch, bundle.bundle().document());
    REQUIRE(kernels.size() == 1);
    CHECK(kernels[0].path == "kernels/libkernel.so");
}

TEST_CASE("no launch is made of bytes that are not what was signed", "[runtime][launch]") {
    const char* path =
        GENERATE("weights/model-00001.gguf", "weights/model-00002.gguf", "kernels/libkernel.so",
                 "engine/stub_engine", "engine/libstub.so", "config/known_answer.json", "docs/LICENSE");
    CAPTURE(path);
    const TempDir folder;
    const auto sample = make_sample(folder);
    const TrustedBundle bundle = trusted(sample.path);
    const auto* file = bundle.bundle().document().find(manifests::BundlePath::parse(path));
    tests::flip_bit(sample.path, bundle.bundle().locate(*file).offset + file->size_bytes / 2, 4);
    REQUIRE_THROWS_MATCHES(runtime::prepare_launch(bundle, {}, {}), Error,
                           faults_with(Fault::damaged, Code::content_digest));
}

TEST_CASE("an engine that wants a folder boots from a generation only", "[runtime][launch]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.more_arguments = {"--folder", "{dir:weights}"}});
    REQUIRE_THROWS_MATCHES(runtime::prepare_launch(trusted(sample.path), {}, {}), Error,
                           faults_with(Fault::refused, Code::boot_start));
    const auto none = make_sample(folder, {.bootable = false, .output = "none"});
    REQUIRE_THROWS_MATCHES(runtime::prepare_launch(trusted(none.path), {}, {}), Error,
                           faults_with(Fault::refused, Code::boot_start));
}
