#include "runtime/engine_checks.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "runtime/sealed_file.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/stub_answer.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Error;
using manifests::Fault;
using runtime::difference_of;
using runtime::GivenAnswer;
using runtime::KnownAnswer;
using runtime::MappedFile;
using runtime::parse_maps;
using tests::faults_with;

namespace {

const KnownAnswer known{
    .prompt = "q", .text = "a", .tokens = {1, 2}, .logprobs = {-0.5, -1.0}, .logprob_tolerance = 0.25};

GivenAnswer given(std::vector<double> logprobs) {
    return {.text = "a", .tokens = {1, 2}, .logprobs = std::move(logprobs)};
}

} // namespace

TEST_CASE("a known answer is read with all its parts, or with the text alone", "[runtime][engine_checks]") {
    const KnownAnswer stub = KnownAnswer::parse(support::stub_known_answer);
    CHECK(stub.prompt == "Who are you?");
    CHECK(stub.tokens == std::vector<std::uint64_t>{11, 22, 33, 44, 1});
    CHECK(stub.logprobs.size() == 5);
    const KnownAnswer least = KnownAnswer::parse(R"({"prompt":"","text":"","made_by":"x"})");
    CHECK(least.tokens.empty());
    CHECK(least.logprob_tolerance == 0.05);
}

TEST_CASE("a file that is no known answer is refused", "[runtime][engine_checks]") {
    const auto bytes = GENERATE(
        as<std::string>(), "", "[]", "{}", "null", R"({"prompt":"q"})", R"({"text":"a"})",
        R"({"prompt":1,"text":"a"})", R"({"prompt":"q","text":"a","tokens":1})",
        R"({"prompt":"q","text":"a","tokens":[-1]})", R"({"prompt":"q","text":"a","tokens":[1.5]})",
        R"({"prompt":"q","text":"a","tokens":["1"]})", R"({"prompt":"q","text":"a","logprobs":{}})",
        R"({"prompt":"q","text":"a","logprobs":["x"]})", R"({"prompt":"q","text":"a","logprobs":[null]})",
        R"({"prompt":"q","text":"a","logprobs":[NaN]})", R"({"prompt":"q","text":"a","logprobs":[1e999]})",
        R"({"prompt":"q","text":"a","logprob_tolerance":0})",
        R"({"prompt":"q","text":"a","logprob_tolerance":-1})",
        R"({"prompt":"q","text":"a","logprob_tolerance":"1"})", R"({"prompt":"q","prompt":"q","text":"a"})",
        R"({"prompt":"q","text":"a"} x)");
    CAPTURE(bytes);
    CHECK_THROWS_MATCHES(KnownAnswer::parse(bytes), Error, faults_with(Fault::damaged));
}

TEST_CASE("an answer of an engine is read from a chat completion", "[runtime][engine_checks]") {
    const GivenAnswer whole = GivenAnswer::parse(
        R"({"choices":[{"message":{"role":"assistant","content":"a"},"logprobs":{"content":[
            {"id":1,"token":"x","logprob":-0.5},{"id":2,"logprob":-1}]}}],"usage":{}})");
    CHECK(whole.text == "a");
    CHECK(whole.tokens == std::vector<std::uint64_t>{1, 2});
    CHECK(whole.logprobs == std::vector<double>{-0.5, -1.0});
    CHECK(GivenAnswer::parse(R"({"choices":[{"message":{"content":"a"}}]})").logprobs.empty());
    const auto bytes = GENERATE(
        as<std::string>(), "", "{}", R"({"error":"busy"})", R"({"choices":[]})", R"({"choices":{}})",
        R"({"choices":[{}]})", R"({"choices":[{"message":{}}]})",
        R"({"choices":[{"message":{"content":null}}]})",
        R"({"choices":[{"message":{"content":"a"}},{"message":{"content":"a"}}]})",
        R"({"choices":[{"message":{"content":"a"},"logprobs":[]}]})",
        R"({"choices":[{"message":{"content":"a"},"logprobs":{"content":[{"id":1}]}}]})",
        R"({"choices":[{"message":{"content":"a"},"logprobs":{"content":[{"id":-1,"logprob":0}]}}]})",
        R"({"choices":[{"message":{"content":"a"},"logprobs":{"content":[{"id":1,"logprob":"0"}]}}]})",
        R"({"choices":[{"message":{"content":"a"},"logprobs":{"content":[1]}}]})");
    CAPTURE(bytes);
    CHECK_THROWS_MATCHES(GivenAnswer::parse(bytes), Error, faults_with(Fault::damaged));
}

TEST_CASE("an answer within the tolerance is the known one, at its edge too", "[runtime][engine_checks]") {
    CHECK(!difference_of(known, given({-0.5, -1.0})));
    CHECK(!difference_of(known, given({-0.75, -1.0})));
    CHECK(!difference_of(known, given({-0.25, -1.25})));
    KnownAnswer text_only{.prompt = "q", .text = "a", .tokens = {}, .logprobs = {}};
    CHECK(!difference_of(text_only, given({5, 6, 7})));
    CHECK(!difference_of(text_only, {.text = "a", .tokens = {}, .logprobs = {}}));
}

TEST_CASE("an answer that differs is refused in words", "[runtime][engine_checks]") {
    const double infinity = std::numeric_limits<double>::infinity();
    const double nothing = std::numeric_limits<double>::quiet_NaN();
    using Row = std::tuple<std::string, GivenAnswer>;
    const std::vector<Row> rows{
        {"wanted \"a\"", {.text = "b", .tokens = {1, 2}, .logprobs = {-0.5, -1.0}}},
        {"wanted \"a\"", {.text = "", .tokens = {1, 2}, .logprobs = {-0.5, -1.0}}},
        {"tokens", {.text = "a", .tokens = {1, 3}, .logprobs = {-0.5, -1.0}}},
        {"tokens", {.text = "a", .tokens = {1}, .logprobs = {-0.5, -1.0}}},
        {"tokens", {.text = "a", .tokens = {}, .logprobs = {-0.5, -1.0}}},
        {"gave 0", given({})},
        {"gave 3", given({-0.5, -1.0, -1.0})},
        {"token 0", given({-0.7500001, -1.0})},
        {"token 1", given({-0.5, -1.2500001})},
        {"token 1", given({-0.5, infinity})},
        {"token 0", given({-infinity, -1.0})},
        {"token 0", given({nothing, -1.0})},
    };
    for (const auto& [words, answer] : rows) {
        const auto difference = difference_of(known, answer);
        CAPTURE(words);
        REQUIRE(difference);
        std::string plain = *difference;
        std::replace(plain.begin(), plain.end(), '\'', '"');
        CHECK(plain.find(words) != std::string::npos);
    }
}

TEST_CASE("mapped files are read from the text of /proc/PID/maps", "[runtime][engine_checks]") {
    const std::vector<MappedFile> files = parse_maps(
        "55d0c0400000-55d0c0428000 r--p 00000000 fd:1a 1234567                    /usr/bin/x\n"
        "7f0000000000-7f0000021000 rw-p 00000000 00:00 0 \n"
        "7f0000100000-7f0000200000 r--p 00000000 00:01 4096    /memfd:kernels/with space.so (deleted)\n"
        "7ffd3d0f6000-7ffd3d117000 rw-p 00000000 00:00 0       [stack]\n"
        "not a line of that file\n"
        "a b c d e\n"
        "\n"
        "1-2 r--p 0 08:01 77");
    REQUIRE(files.size() == 3);
    CHECK(files[0].path == "/usr/bin/x");
    CHECK(files[0].inode == 1234567);
    CHECK(files[0].device == makedev(0xfd, 0x1a));
    CHECK(files[1].path == "/memfd:kernels/with space.so (deleted)");
    CHECK(files[1].inode == 4096);
    CHECK(files[2].path.empty());
    CHECK(files[2].inode == 77);
    CHECK(parse_maps("").empty());
}

TEST_CASE("a sealed file that this process maps is found in its own maps", "[runtime][engine_checks]") {
    const tests::TempDir folder;
    tests::write_file(folder / "kernel", std::string(5000, 'k'));
    const auto file = std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(folder / "kernel"));
    const runtime::FileDescriptor sealed =
        runtime::seal({file, 0, 5000, "kernel"}, manifests::Digest::of(std::string(5000, 'k')), "kernel");
    struct stat status {};
    REQUIRE(::fstat(sealed.get(), &status) == 0);
    const auto is_there = [&] {
        std::ifstream maps("/proc/self/maps");
        const std::string text{std::istreambuf_iterator<char>(maps), {}};
        const auto files = parse_maps(text);
        return std::any_of(files.begin(), files.end(), [&](const MappedFile& one) {
            return one.inode == status.st_ino && one.device == status.st_dev;
        });
    };
    CHECK(!is_there());
    void* mapped = ::mmap(nullptr, 5000, PROT_READ, MAP_PRIVATE, sealed.get(), 0);
    REQUIRE(mapped != MAP_FAILED);
    CHECK(is_there());
    ::munmap(mapped, 5000);
    CHECK(!is_there());
}
