#include <catch2/catch.hpp>

#include "manifests/text.hpp"
#include "packager/content_look.hpp"
#include "packager/inflate.hpp"
#include "tests/support/archives.hpp"
#include "tests/support/weight_files.hpp"

using packager::ContentLook;
using tests::ArchiveForm;
using tests::compress;
using tests::Compression;
using tests::Inside;
using tests::make_archive;
using tests::make_zip;
using tests::ZipPart;

namespace {

using namespace std::string_literals;

const std::string evil = "\x80\x02"
                         "cos\nsystem\nU\2id\x85R.";

// What it is only far behind its front, which is plain data of protocol 0.
std::string long_pickle(std::size_t lines) {
    std::string bytes;
    for (std::size_t i = 0; i < lines; ++i)
        bytes += "I1\n0";
    return bytes + "cos\nsystem\n(S'id'\ntR.";
}

std::string noise_of(std::size_t length, std::uint64_t state) {
    std::string noise(length, '\0');
    for (char& c : noise) {
        state = state * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
        c = static_cast<char>(state >> 56);
    }
    return noise;
}

ContentLook look(const std::string& bytes, const packager::LookLimits& limits = {}) {
    const packager::ReadBytes read = [&](std::uint64_t offset, std::size_t length) {
        CHECK((offset <= bytes.size() && length <= bytes.size() - offset));
        return bytes.substr(static_cast<std::size_t>(offset), length);
    };
    return packager::look_at_content(bytes.size(), read, limits);
}

std::string stored(const std::string& name, const std::string& bytes) {
    return make_archive({{"readme.txt", "hello"}, {name, bytes}}, ArchiveForm::zip_stored);
}
std::string deflated(const std::string& name, const std::string& bytes) {
    return make_archive({{"readme.txt", "hello"}, {name, bytes}}, ArchiveForm::zip_deflated);
}
std::string tar(const std::string& name, const std::string& bytes) {
    return make_archive({{"readme.txt", "hello"}, {name, bytes}}, ArchiveForm::tar);
}
std::string seven_zip(const std::string& name, const std::string& bytes) {
    return make_archive({{"readme.txt", "hello"}, {name, bytes}}, ArchiveForm::seven_zip);
}
std::string gzip(const std::string& bytes) {
    return compress(bytes, Compression::gzip);
}

std::string nested(std::string bytes, unsigned levels) {
    for (unsigned i = 0; i < levels; ++i)
        bytes = stored("inner", bytes);
    return bytes;
}

// zlib's form of `bytes`, without making them smaller.
std::string zlib(const std::string& bytes) {
    std::string out = "\x78\x01";
    for (std::size_t at = 0; at < bytes.size();) {
        const std::size_t length = std::min<std::size_t>(bytes.size() - at, 65535);
        out += at + length == bytes.size() ? '\1' : '\0';
        for (const std::size_t number : {length, 65535 - length})
            out += {static_cast<char>(number & 0xff), static_cast<char>(number >> 8)};
        out += bytes.substr(at, length);
        at += length;
    }
    return out + "sums";
}

const std::string not_seen = "cannot be looked through for pickles: ";

} // namespace

TEST_CASE("a pickle is found in an archive within an archive", "[packager][archive]") {
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"a zip in a zip", stored("a", stored("b", evil))},
        {"a deflated zip in a deflated zip", deflated("a", deflated("b", evil))},
        {"a tar in a zip", stored("a", tar("b", evil))},
        {"a zip in a tar.gz", gzip(tar("a", deflated("b", evil)))},
        {"a tar.gz in a zip", stored("a", gzip(tar("b", evil)))},
        {"a 7z in a tar", tar("a", seven_zip("b", evil))},
        {"a zip in a 7z", seven_zip("a", stored("b", evil))},
        {"a zip in a gzip", gzip(stored("b", evil))},
        {"gzip in gzip", gzip(gzip(evil))},
        {"gzip in xz in zstd", compress(compress(gzip(evil), Compression::xz), Compression::zstd)},
        {"a tar of before ustar", make_archive({{"b", evil}}, ArchiveForm::old_tar)},
        {"an array in a zip in a zip", stored("a", stored("b", "\x93NUMPY\1\0\xff\xff"s))},
        {"by its name, in a zip in a zip", stored("a", stored("b.pkl", "?"))},
        {"six levels down", nested(evil, 6)},
        {"behind a safetensors",
         stored("a", tests::make_safetensors({{"a", "U8", {1}, "x"}}) + stored("b", evil))},
    }));
    CAPTURE(why);
    const ContentLook found = look(bytes);
    CAPTURE(found.kind, found.danger);
    CHECK_FALSE(found.danger.empty());
    CHECK(found.danger.find(not_seen) == std::string::npos);
}

TEST_CASE("where a pickle is, is said from the inside out", "[packager][archive]") {
    CHECK(look(stored("a.zip", stored("b", evil))).danger ==
          "'b' in 'a.zip' in it is a pickle of protocol 2, which fetches os.system");
    CHECK(look(gzip(evil)).danger ==
          "what is compressed in it is a pickle of protocol 2, which fetches os.system");
}

TEST_CASE("every compression is undone", "[packager][archive]") {
    const auto [form, kind] = GENERATE(table<Compression, std::string>({
        {Compression::gzip, "gzip"},
        {Compression::bzip2, "bzip2"},
        {Compression::xz, "xz"},
        {Compression::lzma, "lzma"},
        {Compression::lzip, "lzip"},
        {Compression::zstd, "zstd"},
        {Compression::lz4, "lz4"},
    }));
    CAPTURE(kind);
    CHECK_FALSE(look(compress(evil, form)).danger.empty());
    CHECK_FALSE(look(compress(long_pickle(40'000), form)).danger.empty());
    const ContentLook plain = look(compress("hello", form));
    CHECK(plain.kind == kind);
    CHECK(plain.danger.empty());
    const std::string noise = noise_of(500'000, 1);
    CHECK(look(compress(noise, form)).danger.empty());
    const std::string packed = compress(noise, form);
    CHECK(look(packed.substr(0, 200'000)).danger.find(not_seen) != std::string::npos);
}

TEST_CASE("zlib is undone, and what only begins like it is let be", "[packager][archive]") {
    CHECK_FALSE(look(zlib(evil)).danger.empty());
    CHECK_FALSE(look(zlib(long_pickle(40'000))).danger.empty());
    CHECK(look(zlib("hello")).kind == "zlib");
    CHECK(look(zlib("hello")).danger.empty());
    CHECK(look("x^2 + y^2 = z^2").kind.empty());
    CHECK(look("x^2 + y^2 = z^2").danger.empty());
    CHECK(look("\x5d\0\0\x80\0]"s + noise_of(100'000, 2)).danger.empty());
    CHECK(look("\x5d\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0"s + noise_of(5000, 2)).danger.empty());
    CHECK(look("x\x9c" + noise_of(100'000, 2)).danger.empty());
}

TEST_CASE("the whole of a file in an archive counts", "[packager][archive]") {
    const std::string pickle = long_pickle(40'000);
    REQUIRE(pickle.size() > 2 * 65536);
    for (const std::string& bytes :
         {stored("a", pickle), deflated("a", pickle), tar("a", pickle), seven_zip("a", pickle), gzip(pickle)})
        CHECK(look(bytes).danger.find("is a pickle of protocol 0") != std::string::npos);
    const std::string two_things = noise_of(200'000, 3) + stored("b", evil);
    for (const std::string& bytes : {stored("a", two_things), deflated("a", two_things), tar("a", two_things),
                                     seven_zip("a", two_things), gzip(two_things)})
        CHECK(look(bytes).danger.find("'b' in ") != std::string::npos);
}

TEST_CASE("a file is looked at as everything that it can be", "[packager][archive]") {
    const std::string zip = stored("b", evil);
    const auto [why, front] = GENERATE_COPY(table<std::string, std::string>({
        {"a tar", tar("a", "hello")},
        {"a 7z", seven_zip("a", "hello")},
        {"a gzip", gzip("hello")},
        {"safetensors", tests::make_safetensors({{"a", "U8", {1}, "x"}})},
        {"gguf", tests::make_plain_gguf("x")},
        {"npy", "\x93NUMPY\1\0\x20\0{'descr': '<f4', 'shape': (1,)}    "s},
    }));
    CAPTURE(why);
    const ContentLook found = look(front + zip);
    CHECK(found.danger.find("'b' in it is a pickle") != std::string::npos);
}

TEST_CASE("a zip is read as its readers do", "[packager][archive]") {
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"zip64", make_zip({{.name = "b", .bytes = evil, .is_zip64 = true}}, {.is_zip64 = true})},
        {"zip64 with something in front",
         make_zip({{.name = "b", .bytes = evil}}, {.is_zip64 = true, .in_front = "#!/bin/sh\n"})},
        {"a front that is not counted",
         make_zip({{.name = "b", .bytes = evil}}, {.in_front = std::string(5000, '#')})},
        {"one name twice", make_zip({{.name = "b", .bytes = "hello"}, {.name = "b", .bytes = evil}})},
        {"one name twice, the first", make_zip({{.name = "b", .bytes = evil}, {.name = "b", .bytes = "x"}})},
        {"sizes behind the file",
         make_zip({{.name = "b", .bytes = evil, .flags = 8, .local_size = std::uint64_t{0}}})},
        {"another zip for its comment",
         make_zip({{.name = "b", .bytes = evil}}, {.comment = make_zip({{.name = "c", .bytes = "hello"}})})},
        {"the end of a zip for its comment",
         make_zip({{.name = "b", .bytes = evil}}, {.comment = "PK\5\6" + std::string(18, '\0')})},
        {"a comment that is as long as can be",
         make_zip({{.name = "b", .bytes = evil}}, {.comment = std::string(65535, 'c')})},
    }));
    CAPTURE(why);
    const ContentLook found = look(bytes);
    CAPTURE(found.danger);
    CHECK(found.danger.find("'b' in it is a pickle") != std::string::npos);
}

TEST_CASE("a zip that can be read in two ways is not cleared", "[packager][archive]") {
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"another name", make_zip({{.name = "a.pkl", .bytes = "x", .local_name = "a.txt"}})},
        {"another compression", make_zip({{.name = "a", .bytes = "x", .local_method = 8U}})},
        {"another size", make_zip({{.name = "a", .bytes = "xyz", .local_size = std::uint64_t{1}}})},
        {"two sizes of what is not compressed",
         make_zip({{.name = "a", .bytes = "xyz", .size = std::uint64_t{1}}})},
        {"a file that is not listed",
         make_zip({{.name = "a", .bytes = "x", .listed = false}, {.name = "b", .bytes = "y"}})},
        {"another one in front",
         make_zip({{.name = "a", .bytes = evil}}).substr(0, 70) + make_zip({{.name = "b", .bytes = "y"}})},
        {"more files than said",
         make_zip({{.name = "a", .bytes = "x"}, {.name = "b", .bytes = "y"}}, {.entries = std::uint64_t{1}})},
        {"encrypted", make_zip({{.name = "a", .bytes = "x", .flags = 1}})},
        {"strongly encrypted", make_zip({{.name = "a", .bytes = "x", .flags = 0x41}})},
        {"an unknown compression", make_zip({{.name = "a", .bytes = "xyz", .method = 77}})},
        {"no directory", make_zip({{.name = "a", .bytes = "x"}}).substr(0, 50)},
        {"a directory that puts its first file in front of the file",
         make_zip({{.name = "a", .bytes = std::string(90, 'a')}, {.name = "b", .bytes = evil}}).substr(40)},
        {"garbage", make_zip({{.name = "a", .bytes = std::string(50, '\xff'), .method = 8}})},
    }));
    CAPTURE(why);
    const ContentLook found = look(bytes);
    CAPTURE(found.danger);
    CHECK(found.kind == "zip");
    CHECK(found.danger.find(not_seen) != std::string::npos);
}

TEST_CASE("a look has limits, and what is beyond them is not cleared", "[packager][archive]") {
    CHECK(look(nested("hello", 6)).danger.empty());
    CHECK(look(nested("hello", 7)).danger.find("more than 6 archives deep") != std::string::npos);
    CHECK(look(nested(evil, 7)).danger.find("more than 6 archives deep") != std::string::npos);
    const std::string noise = noise_of(600'000, 4);
    packager::LookLimits limits;
    limits.unpacked = 500'000;
    CHECK(look(deflated("a", noise), limits).danger.find("too long") != std::string::npos);
    CHECK(look(stored("a", noise), limits).danger.empty());
    limits = {};
    limits.files = 3;
    CHECK(look(stored("a", stored("b", "c")), limits).danger.find("too much") != std::string::npos);
    CHECK(look(stored("a", "c"), limits).danger.empty());
    limits = {};
    limits.read = 100'000;
    CHECK(look(stored("a", noise), limits).danger.find("too much") != std::string::npos);
}

TEST_CASE("of what is too long to be kept, the front and the end are looked at", "[packager][archive]") {
    packager::LookLimits limits;
    limits.kept = 300'000;
    const std::string noise = noise_of(600'000, 5);
    CHECK(look(gzip(noise), limits).danger.empty());
    CHECK(look(deflated("a", noise), limits).danger.empty());
    CHECK(look(gzip(evil + noise), limits).danger.find("a pickle") != std::string::npos);
    CHECK(look(gzip(noise + stored("b", evil)), limits).danger.find("'b' in ") != std::string::npos);
    CHECK(look(gzip(tar("a", noise)), limits).danger.empty());
    const std::string two = make_archive({{"a", noise}, {"b", noise}}, ArchiveForm::tar);
    CHECK(look(gzip(two), limits).danger.find("too long") != std::string::npos);
    const std::string behind_a_line = "S'" + std::string(400'000, 'a') + "'\n" + long_pickle(1) + noise;
    CHECK(look(gzip(behind_a_line)).danger.find("is a pickle") != std::string::npos);
    CHECK(look(gzip(behind_a_line), limits).danger.find("too long") != std::string::npos);
}

TEST_CASE("a file that breaks off is looked at as far as it goes", "[packager][archive]") {
    const std::string packed = gzip(evil + noise_of(300'000, 6));
    CHECK(look(packed.substr(0, packed.size() / 2)).danger.find("is a pickle") != std::string::npos);
    const std::string whole = tar("a", std::string(100'000, 'a'));
    CHECK(look(whole.substr(0, 50'000)).danger.find(not_seen) != std::string::npos);
}

TEST_CASE("nothing is behind what is compressed but zeros", "[packager][archive]") {
    CHECK(look(gzip("hello") + std::string(500, '\0')).danger.empty());
    CHECK(look(gzip("hello") + gzip(" again")).danger.empty());
    CHECK(look(gzip("") + gzip(evil)).danger.find("is a pickle") != std::string::npos);
    std::string reserved = gzip(evil);
    reserved[3] = '\x80'; // a flag that Python does not mind and others refuse
    CHECK(look(reserved).danger.find(not_seen) != std::string::npos);
    CHECK(look(gzip("") + reserved).danger.find(not_seen) != std::string::npos);
    for (const Compression form :
         {Compression::bzip2, Compression::xz, Compression::zstd, Compression::lz4}) {
        CHECK(look(compress("hello", form) + "x").danger.find(not_seen) != std::string::npos);
        CHECK(look(compress("c", form) + compress("os\nsystem\n(S'id'\ntR.", form))
                  .danger.find("is a pickle") != std::string::npos);
    }
}

TEST_CASE("what is compressed counts up to a mistake in it", "[packager][archive]") {
    CHECK(look(zlib(evil).substr(0, 20)).danger.find("is a pickle") != std::string::npos);
    CHECK(look(zlib(evil + std::string(100, 'x')).substr(0, 60)).danger.find("is a pickle") !=
          std::string::npos);
    const std::string lzma = compress(evil, Compression::lzma);
    CHECK_FALSE(look(lzma.substr(0, lzma.size() - 8)).danger.empty());
    for (const std::string& dictionary : {"\0\0\0\0"s, "\xff\xff\xff\xff"s, "\0\0\x18\0"s})
        CHECK_FALSE(
            look(std::string(lzma).replace(1, 4, dictionary).substr(0, lzma.size() - 8)).danger.empty());
    // zlib.compress(b"\x80\x02cposix\ngetcwd\nq\x00)Rq\x01." + b"aaab" * 50, 9), and its last bytes cut off
    const std::string cut =
        manifests::from_hex("78da6b604a2ec82fceace04a4f2d492e4fe12a64d00c2a64d44b4c4c4c1a0e1800d8005331");
    CHECK(look(cut).danger.find("is a pickle") != std::string::npos);
    CHECK(look(cut.substr(0, 30)).danger.find("is a pickle") != std::string::npos);
}

TEST_CASE("a front is unpacked as libarchive packs it, as far as it goes", "[packager][archive]") {
    constexpr std::size_t gzip_header_bytes = 10;
    std::string letters;
    for (const char c : noise_of(100'000, 8))
        letters += "etaoin shrdlu\n\n\xff"[static_cast<unsigned char>(c) % 16];
    for (const std::string& text : {"hello hello hello"s, letters, noise_of(100'000, 9),
                                    std::string(100'000, 'a'), letters + noise_of(1000, 10) + letters}) {
        const std::string packed = gzip(text).substr(gzip_header_bytes);
        CHECK((packager::inflate_front(packed, 1'000'000) == text));
        CHECK((packager::inflate_front(packed, 5000) == text.substr(0, 5000)));
        const std::string half = packager::inflate_front(packed.substr(0, packed.size() / 2), 1'000'000);
        CHECK((text.starts_with(half) && (half.size() < text.size() || text.size() < 100)));
    }
    for (const char* broken : {"", "\x07", "\x01\x05", "\x05\xff\xff\xff\xff\xff\xff\xff"})
        CHECK(packager::inflate_front(broken, 1000).empty());
    for (std::uint64_t seed = 0; seed < 2000; ++seed)
        CHECK(packager::inflate_front(noise_of(300, seed), 1000).size() <= 1000);
}

TEST_CASE("honest archives are cleared", "[packager][archive]") {
    const std::string weights = tests::make_safetensors({{"a", "U8", {1}, "x"}});
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"a zip in a zip", stored("a.zip", deflated("b.txt", "hello"))},
        {"a wheel in a tar.gz", gzip(tar("a.whl", deflated("b.py", "import os\nos.system('x')\n")))},
        {"weights", tar("a.safetensors", weights)},
        {"many small zips", make_zip({{.name = "1", .bytes = stored("a", "b")},
                                      {.name = "2", .bytes = stored("c", "d")},
                                      {.name = "3", .bytes = stored("e", "f")}})},
        {"an empty zip", make_zip({})},
        {"an empty zip64", make_zip({}, {.is_zip64 = true})},
        {"an empty gzip", gzip("")},
        {"an empty file", stored("a", "")},
        {"an empty file in a tar.gz", gzip(tar("a", ""))},
        {"a program with a zip behind it",
         make_zip({{.name = "a.py", .bytes = "pass"}}, {.in_front = "\x7f" + noise_of(100'000, 7)})},
        {"a script with a tar.gz behind it", "#!/bin/sh\nexit 0\n" + gzip(tar("a", "hello"))},
        {"zip64", make_zip({{.name = "b", .bytes = "x", .is_zip64 = true}}, {.is_zip64 = true})},
    }));
    CAPTURE(why);
    CHECK(look(bytes).danger == "");
}

TEST_CASE("weights whose header has a length like a pickle's front are none", "[packager][archive]") {
    const std::string plain = tests::make_safetensors({{"a", "U8", {1}, "x"}});
    for (const std::size_t length : {128U, 384U, 640U, 896U, 1152U, 1408U}) {
        const auto header_bytes = static_cast<unsigned char>(plain[0]);
        std::string bytes = plain;
        bytes.insert(8U + header_bytes, length - header_bytes, ' ');
        bytes[0] = static_cast<char>(length & 0xff);
        bytes[1] = static_cast<char>(length >> 8);
        CAPTURE(length);
        CHECK(look(bytes).kind == "safetensors");
        CHECK(look(bytes).danger == "");
        bytes[2] = '.';
        CHECK_FALSE(look(bytes).danger.empty());
    }
}
