// The whole boot with the stub engine, through the program as a person starts it, for much of it is about
// what processes keep and leave behind.

#include "runtime/supervisor.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "manifests/json.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_bundle.hpp"

using nlohmann::json;
using runtime::Site;
using tests::make_sample;
using tests::SampleOptions;
using tests::TempDir;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Answer {
    int status;
    json value;
    std::string error;
};

// A site with the sample bundle; whatever runs there is stopped at the end.
class Place {
public:
    explicit Place(SampleOptions options = {})
        : sample_(make_sample(folder_, options)), site_(folder_ / "site") {
        tests::write_file(folder_ / "a.pub", tests::sample_key('a').pem());
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() { run({"stop"}); }

    Answer run(std::vector<std::string> words, const tests::ProcessOptions& options = {}) const {
        words.insert(words.begin(), tests::built_program("sealift-runtime"));
        words.insert(words.end(), {"--site", site_.path(), "--format", "json", "--progress", "none"});
        const tests::ProcessResult result = tests::run(words, options);
        return {result.status, json::parse(result.out, nullptr, false), result.error};
    }
    Answer boot_bundle() const { return run({"boot", sample_.path, "--key", folder_ / "a.pub"}); }
    Answer install() const { return run({"install", sample_.path, "--key", folder_ / "a.pub"}); }
    std::string state() const { return run({"status"}).value.value("state", "?"); }
    const Site& site() const { return site_; }
    const TempDir& folder() const { return folder_; }
    const tests::SampleBundle& sample() const { return sample_; }
    std::string key() const { return folder_ / "a.pub"; }

private:
    TempDir folder_;
    tests::SampleBundle sample_;
    Site site_;
};

bool wait_until(const std::function<bool()>& holds, std::chrono::milliseconds patience = 20s) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

// A zombie has ended too.
bool is_running(std::uint64_t pid) {
    std::string status;
    try {
        status = tests::read_file("/proc/" + std::to_string(pid) + "/status");
    } catch (const std::exception&) {
        return false;
    }
    return status.find("State:\tZ") == std::string::npos && !status.empty();
}

std::string status_line(std::uint64_t pid, const std::string& name) {
    const std::string text = tests::read_file("/proc/" + std::to_string(pid) + "/status");
    const std::size_t at = text.find("\n" + name + ":");
    return text.substr(at + name.size() + 3, text.find('\n', at + 1) - at - name.size() - 3);
}

std::vector<std::string> descriptors_of(std::uint64_t pid) {
    std::vector<std::string> targets;
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd"))
        targets.push_back(fs::read_symlink(entry.path()).string());
    return targets;
}

std::uint64_t engine_pid(const Answer& answer) {
    REQUIRE(answer.value.is_object());
    return answer.value.value("engine_pid", std::uint64_t{0});
}

std::string code_of(const Answer& answer) {
    if (!answer.value.is_object() || answer.value["findings"].empty()) return "none: " + answer.error;
    return answer.value["findings"][0]["code"];
}

} // namespace

TEST_CASE("a bundle boots straight from its file, from its folder and from a generation", "[runtime][boot]") {
    SECTION("file") {
        const Place place;
        const Answer booted = place.boot_bundle();
        CAPTURE(booted.error);
        REQUIRE(booted.status == 0);
        CHECK(booted.value["booted"] == true);
        CHECK(booted.value["generation"] == "");
        CHECK(place.state() == "running");
        CHECK(!place.site().good());
        const std::string command =
            tests::read_file("/proc/" + std::to_string(engine_pid(booted)) + "/cmdline");
        const std::size_t at = command.find("--model-offset");
        REQUIRE(at != std::string::npos);
        const unsigned long offset = std::stoul(command.substr(at + 15));
        CHECK(offset > 0);
        CHECK(offset % 65536 == 0);
        CHECK(place.run({"stop"}).value["was_running"] == true);
        CHECK(!is_running(engine_pid(booted)));
        CHECK(place.state() == "stopped");
        CHECK(place.run({"stop"}).value["was_running"] == false); // stop may be said again
        CHECK(place.run({"stop"}).status == 0);
    }
    SECTION("folder") {
        const Place place({.form = SampleOptions::Form::folder});
        CHECK(place.boot_bundle().status == 0);
    }
    SECTION("generation") {
        const Place place;
        REQUIRE(place.install().status == 0);
        CHECK(!place.site().good());
        const Answer booted = place.run({"boot"});
        CAPTURE(booted.error);
        REQUIRE(booted.status == 0);
        CHECK(place.site().good()->number == 1);
        CHECK(booted.value["generation"] == place.site().newest()->name);
    }
}

TEST_CASE("an engine gets its environment, its files, an empty folder and nothing else", "[runtime][boot]") {
    const Place place({.environment = {{"GGML_NO_BACKTRACE", "1"}, {"LANG", "C"}}});
    const std::string foreign = place.folder() / "foreign";
    tests::write_file(foreign, "of the script that boots");
    const int number = ::open(foreign.c_str(), O_RDWR); // without close-on-exec: the program inherits it
    REQUIRE(number > 2);
    const Answer booted = place.run({"boot", place.sample().path, "--key", place.key()},
                                    {.input = "", .environment = {{"SECRET", "x"}}, .folder = ""});
    ::close(number);
    REQUIRE(booted.status == 0);
    const std::uint64_t engine = engine_pid(booted);
    const std::string process = "/proc/" + std::to_string(engine);
    CHECK(tests::read_file(process + "/environ") == std::string("GGML_NO_BACKTRACE=1\0LANG=C\0", 27));
    CHECK(fs::is_empty(process + "/cwd"));
    CHECK(status_line(engine, "NoNewPrivs") == "1");
    CHECK(status_line(engine, "SigBlk") == std::string(16, '0'));
    // Signals 32 and 33 belong to the C library, which leaves them as this test got them.
    const unsigned long long of_libc = 3ULL << 31;
    CHECK((std::stoull(status_line(engine, "SigIgn"), nullptr, 16) & ~of_libc) == 0);
    const auto runtime_state = runtime::read_run_state(place.site());
    REQUIRE(runtime_state);
    std::size_t memory = 0;
    std::size_t bundle = 0;
    for (const std::string& target : descriptors_of(engine)) {
        CAPTURE(target);
        memory += target.starts_with("/memfd:") ? 1 : 0;
        bundle += target == fs::canonical(place.sample().path) ? 1 : 0;
        const bool known = target.starts_with("/memfd:") || target.starts_with("socket:") ||
                           target.starts_with("pipe:") || target == "/dev/null" ||
                           target == fs::canonical(place.sample().path) ||
                           target == fs::canonical(runtime::engine_log_path(place.site()));
        CHECK(known);
    }
    CHECK(memory == 3); // program, library, kernel
    CHECK(bundle == 1); // weights
    for (const std::string& target : descriptors_of(runtime_state->supervisor_pid)) {
        CAPTURE(target);
        CHECK(target != foreign);
    }
}

TEST_CASE("each way in which an engine can be wrong has its code and leaves nothing running",
          "[runtime][boot]") {
    const auto [misbehave, code] = GENERATE(table<std::string, std::string>({
        {"exit", "SL-BOOT-START"},
        {"no-listen", "SL-BOOT-READY"},
        {"unhealthy", "SL-BOOT-READY"},
        {"wrong-device", "SL-BOOT-DEVICE"},
        {"wrong-answer", "SL-BOOT-ANSWER"},
    }));
    CAPTURE(misbehave);
    const bool waits = misbehave == "no-listen" || misbehave == "unhealthy";
    const Place place({.misbehave = misbehave, .ready_timeout_s = waits ? 1U : 20U});
    const Answer booted = place.boot_bundle();
    CHECK(booted.status == 1);
    CHECK(booted.value["booted"] == false);
    CHECK(code_of(booted) == code);
    CHECK(!is_running(engine_pid(booted)));
    const Answer status = place.run({"status"});
    CHECK(status.value["state"] == "failed");
    CHECK(status.status == 1);
    CHECK(!runtime::is_run_locked(place.site()));
    CHECK(!fs::exists(place.site().run_path() + "/work"));
}

TEST_CASE("a generation that does not boot is not marked good", "[runtime][boot]") {
    const Place place({.misbehave = "wrong-answer"});
    REQUIRE(place.install().status == 0);
    CHECK(place.run({"boot"}).status == 1);
    CHECK(!place.site().good());
}

TEST_CASE("an engine that is no program for this machine is refused in words", "[runtime][boot]") {
    const TempDir folder;
    tests::write_file(folder / "script", "no program\n");
    const Place place({.entrypoint = folder / "script"});
    const Answer booted = place.boot_bundle();
    CHECK(booted.status == 1);
    CHECK(code_of(booted) == "SL-BOOT-START");
}

TEST_CASE("a slow engine is waited for", "[runtime][boot]") {
    const Place place({.misbehave = "slow"});
    CHECK(place.boot_bundle().status == 0);
}

TEST_CASE("a known answer that is no known answer is a no, and nothing runs on", "[runtime][boot]") {
    const Place place({.known_answer = "{\"prompt\":\"q\"}"});
    const Answer booted = place.boot_bundle();
    CHECK(booted.status == 1);
    CHECK(!is_running(engine_pid(booted)));
    CHECK(place.state() == "failed");
}

TEST_CASE("while something runs, a second boot is refused and disturbs nothing", "[runtime][boot]") {
    const Place place;
    const Answer first = place.boot_bundle();
    REQUIRE(first.status == 0);
    const Answer second = place.boot_bundle();
    CHECK(second.status == 1);
    CHECK(code_of(second) == "SL-SITE-STATE");
    CHECK(is_running(engine_pid(first)));
    CHECK(place.state() == "running");
}

TEST_CASE("an engine goes when its supervisor is killed, and status says failed", "[runtime][boot]") {
    const Place place;
    const Answer booted = place.boot_bundle();
    REQUIRE(booted.status == 0);
    const auto state = runtime::read_run_state(place.site());
    ::kill(static_cast<pid_t>(state->supervisor_pid), SIGKILL);
    CHECK(wait_until([&] { return !is_running(engine_pid(booted)); }));
    CHECK(wait_until([&] { return !runtime::is_run_locked(place.site()); }));
    CHECK(place.state() == "failed");
    CHECK(place.run({"stop"}).value["was_running"] == false); // and no stranger with that number is hit
    CHECK(place.boot_bundle().status == 0);                   // nothing stale is in the way
}

TEST_CASE("an engine that ends by itself is noticed", "[runtime][boot]") {
    const Place place;
    const Answer booted = place.boot_bundle();
    REQUIRE(booted.status == 0);
    ::kill(static_cast<pid_t>(engine_pid(booted)), SIGSEGV);
    CHECK(wait_until([&] { return !runtime::is_run_locked(place.site()); }));
    CHECK(place.state() == "failed");
    CHECK(runtime::read_run_state(place.site())->reason.find("ended by itself") != std::string::npos);
}

TEST_CASE("a stop ends a boot that still waits for its engine", "[runtime][boot]") {
    const auto misbehave = GENERATE(as<std::string>(), "no-listen", "unhealthy");
    const Place place({.misbehave = misbehave, .ready_timeout_s = 600});
    Answer booted;
    std::thread boot([&] { booted = place.boot_bundle(); });
    CHECK(wait_until([&] {
        return place.state() == "starting" && runtime::read_run_state(place.site())->supervisor_pid > 1;
    }));
    std::this_thread::sleep_for(100ms);
    const auto begin = std::chrono::steady_clock::now();
    CHECK(place.run({"stop"}).value["was_running"] == true);
    CHECK(std::chrono::steady_clock::now() - begin < 5s);
    boot.join();
    CHECK(booted.status == 1);
    CHECK(booted.value["findings"][0]["text"].get<std::string>().find("stopped on request") !=
          std::string::npos);
    CHECK(place.state() == "stopped");
    CHECK(!is_running(engine_pid(booted)));
}

TEST_CASE("nothing waits for the background: captured output ends with the command", "[runtime][boot]") {
    const Place place;
    // The shell waits for end-of-file on stdout, on stderr and on descriptor 7, all of them one pipe.
    const tests::ProcessResult captured =
        tests::run({"timeout", "60", "bash", "-c",
                    "text=$({ \"$@\" ; } 7>&1 2>&1); status=$?; echo \"status $status\"; exit $status",
                    "bash", tests::built_program("sealift-runtime"), "boot", place.sample().path, "--key",
                    place.key(), "--site", place.site().path()});
    CHECK(captured.status == 0);
    CHECK(captured.out.find("status 0") != std::string::npos);
    CHECK(place.state() == "running");
}

TEST_CASE("status and stop at the same time neither fail nor see a killed supervisor", "[runtime][boot]") {
    const Place place;
    REQUIRE(place.boot_bundle().status == 0);
    std::vector<std::string> words;
    std::thread watcher([&] {
        do {
            words.push_back(place.state());
        } while (words.back() != "stopped" && words.size() < 500);
    });
    std::thread other([&] { place.run({"stop"}); });
    CHECK(place.run({"stop"}).status == 0);
    other.join();
    watcher.join();
    CHECK(words.back() == "stopped");
    CHECK(std::find(words.begin(), words.end(), "failed") == words.end());
}

TEST_CASE("a starter that ignores SIGCHLD does no harm", "[runtime][boot]") {
    const Place place({.misbehave = "exit"});
    const tests::ProcessResult booted =
        tests::run({"timeout", "60", "python3", "-c",
                    "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); "
                    "os.execv(sys.argv[1], sys.argv[1:])",
                    tests::built_program("sealift-runtime"), "boot", place.sample().path, "--key",
                    place.key(), "--site", place.site().path(), "--format", "json"});
    CHECK(booted.status == 1);
    CHECK(booted.out.find("SL-BOOT-START") != std::string::npos);
}

TEST_CASE("in the foreground a stop ends engine and program with status 0", "[runtime][boot]") {
    const Place place;
    tests::ProcessResult booted;
    std::thread boot([&] {
        booted = tests::run({tests::built_program("sealift-runtime"), "boot", place.sample().path, "--key",
                             place.key(), "--site", place.site().path(), "--foreground"});
    });
    CHECK(wait_until([&] { return place.state() == "running"; }));
    const auto state = runtime::read_run_state(place.site());
    CHECK(place.run({"stop"}).status == 0);
    boot.join();
    CHECK(booted.status == 0);
    CHECK(state);
    CHECK(!is_running(state->engine_pid));
}

TEST_CASE("a generation that changed after it was installed is refused before anything starts",
          "[runtime][boot]") {
    using Row = std::tuple<const char*, const char*, void (*)(const std::string&)>;
    const std::vector<Row> rows{
        {"kernel", "SL-CONTENT-DIGEST",
         [](const std::string& at) { tests::flip_bit(at + "/files/kernels/libkernel.so", 200); }},
        {"weights", "SL-CONTENT-DIGEST",
         [](const std::string& at) { tests::flip_bit(at + "/files/weights/model-00002.gguf", 149'000); }},
        {"engine", "SL-CONTENT-DIGEST",
         [](const std::string& at) { tests::flip_bit(at + "/files/engine/stub_engine", 5000); }},
        {"known answer", "SL-CONTENT-DIGEST",
         [](const std::string& at) { tests::flip_bit(at + "/files/config/known_answer.json", 9); }},
        {"document", "SL-CONTENT-DIGEST",
         [](const std::string& at) { tests::flip_bit(at + "/files/docs/LICENSE", 9); }},
        {"shorter weights", "SL-CONTENT-SIZE",
         [](const std::string& at) { tests::resize_file(at + "/files/weights/model-00001.gguf", 9000); }},
        {"spare library", "SL-LAYOUT-BLOB-SPARE",
         [](const std::string& at) { tests::write_file(at + "/files/engine/libmore.so", "x"); }},
    };
    const Place place;
    REQUIRE(place.install().status == 0);
    const std::string at = place.site().newest()->path;
    const std::string whole = place.folder() / "whole";
    fs::copy(at, whole, fs::copy_options::recursive);
    for (const auto& [what, code, change] : rows) {
        CAPTURE(what);
        change(at);
        const Answer booted = place.run({"boot"});
        CHECK(booted.status == 1);
        CHECK(code_of(booted) == code);
        CHECK(!fs::exists(runtime::engine_log_path(place.site())));
        CHECK(!runtime::read_run_state(place.site()));
        fs::remove_all(at);
        fs::copy(whole, at, fs::copy_options::recursive);
    }
    CHECK(place.run({"boot"}).status == 0);
}

TEST_CASE("a bundle without a runtime section does not boot", "[runtime][boot]") {
    const Place place({.bootable = false});
    const Answer booted = place.boot_bundle();
    CHECK(booted.status == 1);
    CHECK(code_of(booted) == "SL-BOOT-START");
    CHECK(place.state() == "nothing");
}

TEST_CASE("a lock file left by a power cut is in nobody's way", "[runtime][boot]") {
    const Place place;
    tests::write_file(place.site().run_path() + "/lock", "");
    runtime::RunState old;
    old.phase = runtime::RunState::Phase::running;
    old.supervisor_pid = static_cast<std::uint64_t>(::getpid()); // a number that is somebody else's now
    old.endpoint = "127.0.0.1:9";
    runtime::write_run_state(place.site(), old);
    CHECK(place.state() == "failed");
    CHECK(place.run({"stop"}).value["was_running"] == false);
    CHECK(place.boot_bundle().status == 0);
}
