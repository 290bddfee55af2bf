#include "manifests/bundle_path.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "tests/support/faults.hpp"

using manifests::BundlePath;
using manifests::Code;
using manifests::collision_key;
using manifests::Fault;
using tests::faults_with;

namespace {

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

} // namespace

TEST_CASE("a path that is not clean and relative is refused", "[manifests][path]") {
    const auto [why, text] = GENERATE(table<std::string, std::string>({
        {"empty", ""},
        {"absolute", "/etc/passwd"},
        {"only a slash", "/"},
        {"two slashes in front", "//server/share"},
        {"up", ".."},
        {"up in front", "../a"},
        {"up inside", "a/../b"},
        {"up at the end", "a/.."},
        {"here", "."},
        {"here in front", "./a"},
        {"here inside", "a/./b"},
        {"slash at the end", "a/"},
        {"empty part", "a//b"},
        {"backslash", "a\\b"},
        {"Windows way up", "..\\a"},
        {"NUL", std::string("a\0b", 3)},
        {"NUL at the end", std::string("a\0", 2)},
        {"line feed", "a\nb"},
        {"escape", "a\x1b[2J"},
        {"delete", "a\x7f"},
        {"eight-bit control character", "a\u009b2J"},
        {"next line", "a\u0085"},
        {"not UTF-8", "a\xff"},
        {"overlong slash", "a\xc0\xaf..\xc0\xaf"},
        {"overlong dot", "\xc0\xae\xc0\xae/a"},
        {"surrogate", "\xed\xa0\x80"},
        {"three dots", "..."},
        {"dot at the end of a name", "a./b"},
        {"space at the end of a name", "a /b"},
        {"only a space", " "},
        {"space at the end", "a "},
        {"name of 256 bytes", std::string(256, 'n')},
        {"name of 256 bytes inside", "a/" + std::string(256, 'n') + "/b"},
        {"1025 bytes", repeated("12345678901234567890123456789012/", 31) + "12"},
        {"33 parts", repeated("d/", 32) + "d"},
        {"a megabyte", std::string(1 << 20, 'a')},
        {"a megabyte of slashes", std::string(1 << 20, '/')},
    }));
    CAPTURE(why);
    REQUIRE_THROWS_MATCHES(BundlePath::parse(text), manifests::Error,
                           faults_with(Fault::damaged, Code::path_unclean));
}

TEST_CASE("a clean path is kept as it was given", "[manifests][path]") {
    const std::string text =
        GENERATE_REF(as<std::string>(), "a", "weights/model-00001-of-00002.safetensors", ".hidden",
                     "a/..b/.c", "a b/c d", " a", "docs/caf\u00e9.md", "\u65e5\u672c\u8a9e/x", "a:b",
                     std::string(255, 'n'), repeated("d/", 31) + "d");
    REQUIRE(BundlePath::parse(text).text() == text);
}

TEST_CASE("a path of exactly the most bytes is accepted and one more is not", "[manifests][path]") {
    const std::string name(255, 'n');
    const std::string most = name + "/" + name + "/" + name + "/" + name + "/";
    REQUIRE(most.size() == BundlePath::most_bytes);
    const std::string fits = most.substr(0, BundlePath::most_bytes - 2) + "/x";
    REQUIRE(BundlePath::parse(fits).text().size() == BundlePath::most_bytes);
    REQUIRE_THROWS_MATCHES(BundlePath::parse(fits + "y"), manifests::Error,
                           faults_with(Fault::damaged, Code::path_unclean));
}

TEST_CASE("a path knows its parts and its name", "[manifests][path]") {
    const auto path = BundlePath::parse("weights/sub/a.gguf");
    REQUIRE(path.name() == "a.gguf");
    REQUIRE(path.parts() == std::vector<std::string_view>{"weights", "sub", "a.gguf"});
    const auto short_path = BundlePath::parse("a");
    REQUIRE(short_path.name() == "a");
    REQUIRE(short_path.parts().size() == 1);
}

TEST_CASE("a path is inside a folder only by whole names", "[manifests][path]") {
    const auto [folder, wanted] = GENERATE(table<std::string, bool>({
        {"weights", true},
        {"weights/sub", true},
        {"weight", false},
        {"weights/su", false},
        {"weights/sub/a", false},
        {"weights/sub/a/b", false},
        {"weights/", false},
        {"Weights", false},
        {"sub", false},
        {"", false},
        {"/", false},
    }));
    CAPTURE(folder);
    REQUIRE(BundlePath::parse("weights/sub/a").is_inside(folder) == wanted);
}

TEST_CASE("paths that one file system would take for the same collide", "[manifests][path]") {
    REQUIRE(collision_key(BundlePath::parse("Weights/A.BIN")) ==
            collision_key(BundlePath::parse("weights/a.bin")));
    REQUIRE(collision_key(BundlePath::parse("a/b")) != collision_key(BundlePath::parse("a/c")));
    REQUIRE(collision_key(BundlePath::parse("a[b")) != collision_key(BundlePath::parse("a{b")));
}

TEST_CASE("letters and accents that some file system does not tell apart collide", "[manifests][path]") {
    const auto [what, one, other] = GENERATE(table<std::string, std::string, std::string>({
        {"sharp s", "stra\u00dfe", "STRASSE"},
        {"capital sharp s", "stra\u00dfe", "stra\u1e9ee"},
        {"an accent in one character or in two", "caf\u00e9", "cafe\u0301"},
        {"an accent in two, and a capital", "cafe\u0301", "CAF\u00c9"},
        {"Kelvin sign", "k", "\u212a"},
        {"Angstrom sign", "\u212b", "a\u030a"},
        {"final sigma", "\u03c2", "\u03c3"},
        {"final sigma and capital", "\u03c2", "\u03a3"},
        {"fi ligature", "\ufb01n", "FIN"},
        {"long s", "\u017f", "S"},
        {"Dz in three cases", "\u01c4", "\u01c5"},
        {"dotted capital I", "\u0130", "i\u0307"},
        {"the iota below, in any order of marks", "\u1fb4", "\u03b1\u0345\u0301"},
        {"two marks in either order", "a\u0323\u0301", "a\u0301\u0323"},
        {"Korean in letters", "\ud55c", "\u1112\u1161\u11ab"},
        {"Cherokee", "\u13a0", "\uab70"},
        {"Deseret, beyond the first plane", "\U00010400", "\U00010428"},
        {"inside a longer path", "a/Stra\u00dfe/X", "A/STRASSE/x"},
    }));
    CAPTURE(what);
    REQUIRE(one != other);
    CHECK(collision_key(BundlePath::parse(one)) == collision_key(BundlePath::parse(other)));
}

TEST_CASE("what every file system tells apart does not collide", "[manifests][path]") {
    const auto [what, one, other] = GENERATE(table<std::string, std::string, std::string>({
        {"Turkish dotless i", "\u0131", "i"},
        {"Turkish dotless i and its capital", "\u0131", "I"},
        {"dotted capital I and i", "\u0130", "i"},
        {"with and without an accent", "caf\u00e9", "cafe"},
        {"two accents", "\u00e9", "\u00e8"},
        {"full-width letters", "\uff21", "a"},
        {"superscript", "m\u00b2", "m2"},
        {"Latin a and Cyrillic a", "a", "\u0430"},
        {"a slash of another kind", "a\u2215b", "a/b"},
        {"a soft hyphen", "a\u00adb", "ab"},
        {"a space that does not break", "a\u00a0b", "a b"},
    }));
    CAPTURE(what);
    CHECK(collision_key(BundlePath::parse(one)) != collision_key(BundlePath::parse(other)));
}

TEST_CASE("a key has a key: itself", "[manifests][path]") {
    for (const std::string text :
         {"Stra\u00dfe", "\u0130", "\ufb01", "\u1fb4", "\u1e9b\u0323", "\u01c5", "\u0345\u0301"}) {
        CAPTURE(text);
        const std::string key = collision_key(BundlePath::parse(text));
        CHECK(collision_key(BundlePath::parse(key)) == key);
    }
}

TEST_CASE("paths are ordered by their bytes", "[manifests][path]") {
    REQUIRE(BundlePath::parse("B") < BundlePath::parse("a"));
    REQUIRE(BundlePath::parse("a.b") < BundlePath::parse("a/b"));
    REQUIRE(BundlePath::parse("a") < BundlePath::parse("\u00e9"));
}
