#include "packager/elf_symbols.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <sstream>

#include "manifests/error.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Fault;
using packager::missing_exports;
using tests::ElfImage;
using tests::faults_with;
using tests::make_elf;
using tests::put;
using Names = std::vector<std::string>;

namespace {

packager::ReadAt reader(const std::string& bytes) {
    return [&bytes](std::uint64_t offset, std::size_t length) {
        return bytes.substr(static_cast<std::size_t>(offset), length);
    };
}

Names exports(const std::string& bytes) {
    Names names;
    packager::for_each_export(bytes.size(), reader(bytes),
                              [&](std::string_view name) { names.emplace_back(name); });
    return names;
}

Names missing(const std::string& bytes, const Names& wanted) {
    return missing_exports(bytes.size(), reader(bytes), wanted);
}

ElfImage backend() {
    ElfImage image;
    image.soname = "libk.so";
    image.exports = {"ggml_backend_init", "ggml_backend_score", "main"};
    return image;
}

} // namespace

TEST_CASE("entry points are listed by either hash table", "[packager][elf_symbols]") {
    ElfImage image = backend();
    image.gnu_hash = GENERATE(true, false);
    image.big_endian = GENERATE(false, true);
    const std::string bytes = make_elf(image).bytes;
    CHECK(exports(bytes) == image.exports);
    CHECK(missing(bytes, {"main", "ggml_backend_init"}).empty());
    CHECK(missing(bytes, {"zero", "main", "ggml_backend"}) == Names{"zero", "ggml_backend"});
}

TEST_CASE("what cannot be called from outside is no entry point", "[packager][elf_symbols]") {
    auto elf = make_elf(backend());
    const auto [why, offset, value] = GENERATE(table<std::string, std::uint64_t, std::uint64_t>({
        {"local", 4, 0x02},
        {"a section", 4, 0x13},
        {"thread-local", 4, 0x16},
        {"internal", 5, 1},
        {"hidden", 5, 2},
        {"not defined here", 6, 0},
    }));
    CAPTURE(why);
    put(elf.bytes, elf.symbols + 24 + offset, 1, value);
    CHECK(missing(elf.bytes, {"ggml_backend_init", "main"}) == Names{"ggml_backend_init"});
}

TEST_CASE("weak, unique and protected symbols are entry points", "[packager][elf_symbols]") {
    auto elf = make_elf(backend());
    put(elf.bytes, elf.symbols + 24 + 4, 1, GENERATE(0x22, 0x20, 0x21, 0xa1, 0x1a));
    put(elf.bytes, elf.symbols + 24 + 5, 1, 3);
    CHECK(missing(elf.bytes, {"ggml_backend_init"}).empty());
}

TEST_CASE("files without symbols offer nothing", "[packager][elf_symbols]") {
    CHECK(missing(make_elf({}).bytes, {"main"}) == Names{"main"});
    std::string bytes = make_elf({}).bytes.substr(0, 64); // a header alone
    put(bytes, 56, 2, 0);
    CHECK(exports(bytes).empty());
}

TEST_CASE("symbol tables that lie are refused", "[packager][elf_symbols]") {
    ElfImage image = backend();
    struct Lie {
        const char* why;
        bool gnu_hash;
        bool in_hash; ///< else in the symbols
        std::uint64_t offset, value;
    };
    const Lie lie = GENERATE(values<Lie>({
        {"more buckets than the segment holds", true, true, 0, 0xffffffff},
        {"a bloom filter larger than the segment", true, true, 8, 0xffffffff},
        {"a bucket beyond the chains", true, true, 24, 0xffffffff},
        {"a chain without an end", true, true, 28 + 8, 0x100},
        {"more symbols than the segment holds", false, true, 4, 0xffffffff},
        {"a name outside of the strings", true, false, 24, 0xffffffff},
        {"a name outside of the strings", false, false, 48, 0xffffffff},
    }));
    CAPTURE(lie.why, lie.gnu_hash);
    image.gnu_hash = lie.gnu_hash;
    auto elf = make_elf(image);
    put(elf.bytes, (lie.in_hash ? elf.hash : elf.symbols) + lie.offset, 4, lie.value);
    REQUIRE_THROWS_MATCHES(exports(elf.bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("a hundred thousand symbols with one long name are no work without end",
          "[packager][elf_symbols]") {
    ElfImage image;
    image.exports = Names(100'000, "x");
    image.exports[0] = std::string(4'000'000, 'n');
    auto elf = make_elf(image);
    for (std::uint64_t i = 2; i <= image.exports.size(); ++i)
        put(elf.bytes, elf.symbols + 24 * i, 4, 1);
    REQUIRE_THROWS_MATCHES(exports(elf.bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("what is no 64-bit ELF file has no entry points to read", "[packager][elf_symbols]") {
    std::string narrow = make_elf(backend()).bytes;
    narrow[4] = 1;
    for (const std::string& bytes : {std::string(), std::string("#!/bin/sh"), narrow})
        CHECK_THROWS_MATCHES(exports(bytes), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("nm finds the same entry points in a library of this machine", "[packager][elf_symbols]") {
    if (!tests::have_tool("nm") || !tests::have_tool("g++")) return;
    const tests::TempDir folder;
    tests::write_file(folder / "k.cpp", "extern \"C\" int ggml_backend_init() { return 1; }\n"
                                        "__attribute__((visibility(\"hidden\"))) int hidden() { return 2; }\n"
                                        "static int local() { return 3; }\n"
                                        "int data = local() + hidden();\n"
                                        "extern \"C\" __attribute__((weak)) int maybe() { return data; }\n");
    const std::string hash = GENERATE("gnu", "sysv", "both");
    const auto built = tests::run(
        {"g++", "-shared", "-fPIC", "-o", folder / "k.so", folder / "k.cpp", "-Wl,--hash-style=" + hash});
    REQUIRE(built.status == 0);
    const std::string bytes = tests::read_file(folder / "k.so");
    Names ours = exports(bytes);
    CHECK(missing(bytes, {"ggml_backend_init", "maybe", "data"}).empty());
    CHECK(missing(bytes, {"_Z6hiddenv", "_ZL5localv"}) == Names{"_Z6hiddenv", "_ZL5localv"});
    const auto listed = tests::run({"nm", "-D", "--defined-only", "--format=posix", folder / "k.so"});
    Names theirs;
    std::istringstream lines(listed.out);
    for (std::string line; std::getline(lines, line);)
        theirs.push_back(line.substr(0, line.find(' ')));
    std::sort(ours.begin(), ours.end());
    std::sort(theirs.begin(), theirs.end());
    CHECK(ours == theirs);

    REQUIRE(tests::run({"g++", "-c", "-o", folder / "k.o", folder / "k.cpp"}).status == 0);
    CHECK(missing(tests::read_file(folder / "k.o"), {"ggml_backend_init", "_Z6hiddenv"}) ==
          Names{"_Z6hiddenv"});
}
