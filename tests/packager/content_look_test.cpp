#include "packager/content_look.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/onnx.hpp"
#include "packager/pickle.hpp"
#include "tests/support/archives.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/weight_files.hpp"

using manifests::Fault;
using packager::ContentLook;
using tests::ArchiveForm;
using tests::Compression;
using tests::faults_with;
using tests::make_archive;

namespace {

using namespace std::string_literals;

packager::ReadBytes reader_of(const std::string& bytes) {
    return [&bytes](std::uint64_t offset, std::size_t length) {
        CHECK(offset <= bytes.size());
        CHECK(length <= bytes.size() - offset);
        return bytes.substr(static_cast<std::size_t>(offset), length);
    };
}

ContentLook look(const std::string& bytes) {
    return packager::look_at_content(bytes.size(), reader_of(bytes));
}

std::optional<packager::PickleFacts> pickle(const std::string& bytes) {
    return packager::look_for_pickle(bytes.size(), reader_of(bytes));
}

// What `pickle.dumps(obj, 0)` gives for an object whose __reduce__ is (os.system, ("id",)).
const std::string protocol_0 = "cos\nsystem\np0\n(Vid\np1\ntp2\nRp3\n.";

std::string repeated(const std::string& text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

std::string noise_of(std::size_t length) {
    std::string noise;
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < length; ++i) {
        state = state * 1'664'525 + 1'013'904'223;
        noise += static_cast<char>(state >> 24);
    }
    return noise;
}

std::string zip_of(const std::vector<tests::Inside>& files) {
    return make_archive(files, ArchiveForm::zip_stored);
}

std::string npy(const std::string& descr) {
    std::string header = "{'descr': " + descr + ", 'fortran_order': False, 'shape': (2,), }";
    header.resize(117, ' ');
    header += '\n';
    return "\x93NUMPY\1\0"s + static_cast<char>(header.size()) + '\0' + header + std::string(16, 'x');
}

// A field of a protobuf message with a length.
std::string field(int number, const std::string& bytes) {
    return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) + bytes;
}
const std::string onnx_front = "\x08\x0a"s + field(2, "pytorch");

} // namespace

TEST_CASE("a pickle is known by its bytes", "[packager][pickle]") {
    const auto [why, bytes] = GENERATE(table<std::string, std::string>({
        {"protocol 0", protocol_0},
        {"protocol 0, an instance", "(S'id'\nios\nsystem\n."},
        {"protocol 1, an object", "(cos\nsystem\nU\2ido."},
        {"protocol 1, built from its state", "cmodule\nthing\n}U\1kU\1vsb."},
        {"protocol 2", "\x80\x02"
                       "cos\nsystem\nU\2id\x85R."},
        {"protocol 4 with names from the stack", "\x80\x04\x8c\2os\x8c\6system\x93\x8c\2id\x85R."s},
        {"names from the stack and no protocol", "\x8c\2os\x8c\6system\x93\x8c\2id\x85R."s},
        {"a persistent name that is called", "Pevil\n)R."},
        {"numbers in front", "F1.5e3\n0I-0x1F\n0L12L\n0I\n0Fnan\n0" + protocol_0},
        {"a number and more behind a NUL", "I1\0 this is not read\n0"s + protocol_0},
        {"what was remembered", "Nq\1h\1" + protocol_0},
        {"a registered extension", "\x82\1)R."s},
        {"only a name, to its end", "cos\nsystem\n."},
        {"one behind a harmless one", "N." + protocol_0},
        {"broken after the call", "cos\nsystem\n(S'id'\ntR\xff\xff\xff"},
        {"broken after its front", "\x80\x05\xff"s},
        {"nothing but its front", "\x80\x03"s},
        {"a zip of plain files behind it", "\x80\x02"
                                           "cos\nsystem\n)R." +
                                               zip_of({{"a.txt", "hello"}})},
        {"data only, which the next one need not be", "\x80\x04]."s},
        {"protocol 0 said aloud", "\x80\0N."s},
        {"a module with a dot", "ca.b\nc.d\n)R."},
        {"a line of more than 4096 bytes", "cbuiltins\neval\n(S'1+1#" + std::string(6000, 'a') + "'\ntR."},
        {"a line of more than 65,536 bytes",
         "cbuiltins\neval\n(S'1+1#" + std::string(70'000, 'a') + "'\ntR."},
        {"a call behind 120,000 instructions", repeated("N0", 60'000) + protocol_0},
        {"a call behind as many with operands", repeated("K\1", 120'000) + "cbuiltins\neval\n)R."},
    }));
    CAPTURE(why);
    REQUIRE(pickle(bytes));
    const ContentLook found = look(bytes);
    CHECK(found.kind == "pickle");
    CHECK(found.danger.find("a pickle of protocol ") != std::string::npos);
}

TEST_CASE("a pickle says what it fetches", "[packager][pickle]") {
    CHECK(pickle(protocol_0)->names == std::vector<std::string>{"os.system"});
    CHECK(pickle("\x80\x04\x8c\2os\x8c\6system\x93\x8c\2id\x85R."s)->names ==
          std::vector<std::string>{"os.system"});
    CHECK(pickle("\x80\x04\x8c\2os\x8c\6system\x93."s)->protocol == 4);
    CHECK(look("cos\nsys\x1btem\n)R.").kind.empty());
    const std::string many = "\x80\x02" + std::string("ca\nb\n0") + "cc\nd\n0" + "ca\nb\n.";
    CHECK(pickle(many)->names == std::vector<std::string>{"a.b", "c.d"});
}

TEST_CASE("what only looks a little like a pickle is none", "[packager][pickle]") {
    const auto [why, bytes] = GENERATE(table<std::string, std::string>({
        {"nothing", ""},
        {"one byte", "\x80"s},
        {"a protocol of tomorrow", "\x80\x06"
                                   "cos\nsystem\n)R."s},
        {"a word list", "cat\ndog\nelk\n"},
        {"prose", "copyright of all\nreserved by us\nRight here.\n"},
        {"a call without a name", "NN\x86.NNR."},
        {"a call that lacks its arguments", "cos\nsystem\nR."},
        {"a name that is no name", "c\n\n)R."},
        {"a name that ends nowhere", "cos\nsystem"},
        {"JSON", R"({"a":1})"},
        {"a text of a claimed length", "T\xff\xff\xff\x7f..."},
        {"zeros", std::string(100, '\0')},
        {"data and nothing else", "(lp0\nI1\naI2\na."},
        {"an object without its class", "cos\nsystem\n(o."},
        {"a line without end", "S'" + std::string(10'000, 'a')},
        {"names of files", "Pipfile\n.git\n"},
        {"a number that is a word", "I am\n0cos\nsystem\n)R."},
        {"a text without quotes", "Software\n0cos\nsystem\n)R."},
        {"a memory with nothing in it", "h\1" + protocol_0},
        {"a place in it that is a word", "Npeople\n0cos\nsystem\n)R."},
        {"noise", noise_of(1'000'000)},
        {"zero points of 4 bits", std::string(300'000, '\x88')},
        {"many instructions to their end", repeated("N0", 40'000)},
    }));
    CAPTURE(why);
    CHECK_FALSE(pickle(bytes));
}

TEST_CASE("a pickle is followed beyond the length of a header", "[packager][pickle]") {
    const std::uint64_t length = 101'000'000;
    const std::string front = "B"s + "\x40\x23\x05\x06"; // the length, little-endian
    const std::string back = "0cbuiltins\neval\n(S'1+1'\ntR.";
    const std::uint64_t back_at = front.size() + length;
    const auto read = [&](std::uint64_t offset, std::size_t count) {
        std::string bytes;
        for (std::uint64_t at = offset; at < offset + count; ++at)
            bytes += at < front.size() ? front[static_cast<std::size_t>(at)]
                     : at < back_at    ? 'x'
                                       : back.at(static_cast<std::size_t>(at - back_at));
        return bytes;
    };
    REQUIRE(packager::look_for_pickle(back_at + back.size(), read));
}

TEST_CASE("weights are not read to their end for the end of a line", "[packager][pickle]") {
    const std::uint64_t size_bytes = 1ULL << 40; // of zeros
    for (const unsigned char length : {'P', 'S', 'c', 'g', 'i', 'p', '(', 'R'}) {
        CAPTURE(length);
        std::uint64_t bytes_read = 0;
        const auto read = [&](std::uint64_t offset, std::size_t count) {
            bytes_read += count;
            if (bytes_read > 10'000'000) throw manifests::Error(Fault::io, "it reads on and on");
            std::string bytes(count, '\0');
            if (offset == 0 && count > 8) bytes[0] = static_cast<char>(length), bytes[8] = '{';
            if (offset == 0 && count == 2) bytes[0] = static_cast<char>(length);
            return bytes;
        };
        const ContentLook found = packager::look_at_content(size_bytes, read);
        CHECK(found.kind == "safetensors");
        CHECK(found.danger.empty());
    }
}

TEST_CASE("archives are looked through", "[packager][pickle]") {
    const std::string evil = "\x80\x02"
                             "cos\nsystem\nU\2id\x85R.";
    const auto [why, bytes, kind] = GENERATE_COPY(table<std::string, std::string, std::string>({
        {"a PyTorch archive",
         zip_of({{"model/data.pkl", evil}, {"model/data/0", std::string(100, 'x')}, {"model/version", "3"}}),
         "PyTorch archive"},
        {"its pickle behind the data", zip_of({{"m/data/0", std::string(99999, 'x')}, {"m/data.pkl", evil}}),
         "PyTorch archive"},
        {"compressed", make_archive({{"model/data.pkl", evil}}, ArchiveForm::zip_deflated),
         "PyTorch archive"},
        {"under another name", zip_of({{"readme.txt", evil}}), "zip"},
        {"by its name alone", zip_of({{"a/b.PKL", "?"}}), "zip"},
        {"something in front of it", "GGUF" + std::string(500, 'x') + zip_of({{"a/data.pkl", evil}}),
         "PyTorch archive"},
        {"an npz with objects", zip_of({{"arr_0.npy", npy("'|O'")}}), "zip"},
        {"a 7z", make_archive({{"data.pkl", evil}}, ArchiveForm::seven_zip), "PyTorch archive"},
        {"a tar", make_archive({{"pickle", evil}}, ArchiveForm::tar), "tar"},
        {"a compressed tar", make_archive({{"pickle", evil}}, ArchiveForm::tar, Compression::gzip), "gzip"},
        {"a compressed pickle", make_archive({{"x", evil}}, ArchiveForm::raw, Compression::gzip), "gzip"},
    }));
    CAPTURE(why);
    const ContentLook found = look(bytes);
    CHECK(found.kind == kind);
    CHECK_FALSE(found.danger.empty());
}

TEST_CASE("an archive that cannot be gone through counts as dangerous", "[packager][pickle]") {
    std::string noise;
    for (std::uint32_t i = 0, state = 1; i < 3000; ++i) {
        state = state * 1'664'525 + 1'013'904'223;
        noise += static_cast<char>(state >> 24);
    }
    const std::string whole = make_archive({{"a.txt", noise}, {"b.txt", "b"}}, ArchiveForm::zip_deflated);
    const auto damaged = [&](std::size_t at, const std::string& with) {
        std::string bytes = whole;
        return bytes.replace(at, with.size(), with);
    };
    REQUIRE(look(whole).danger.empty());
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"cut short", whole.substr(0, 40)},
        {"garbage for the data", damaged(400, std::string(200, '\xff'))},
        {"not a zip at all", "PK\3\4" + std::string(200, '\xff')},
        {"not gzip at all", "\x1f\x8b\x08" + std::string(200, '\xff')},
    }));
    CAPTURE(why);
    const ContentLook found = look(bytes);
    CAPTURE(found.kind, found.danger);
    CHECK(found.danger.find("cannot be looked through") != std::string::npos);
}

TEST_CASE("a zip is one whatever stands behind it", "[packager][pickle]") {
    std::string bytes = "GGUF" + zip_of({{"a/data.pkl", protocol_0}});
    CHECK_FALSE(look(bytes + "x").danger.empty());
    bytes.replace(bytes.size() - 2, 2, "\xff\xff");
    CHECK_FALSE(look(bytes + std::string(65'535, 'c')).danger.empty());
    CHECK_FALSE(look(bytes + std::string(10, 'c')).danger.empty()); // which Python does not mind
}

TEST_CASE("four bytes of a zip's end make no zip", "[packager][pickle]") {
    const std::string bytes = std::string(500, 'x') + "PK\5\6" + std::string(100, 'x');
    CHECK(look(bytes).kind.empty());
}

TEST_CASE("archives of plain files are let be", "[packager][pickle]") {
    CHECK(look(zip_of({{"a.txt", "hello"}, {"b/c.json", "{}"}})).danger.empty());
    CHECK(look(zip_of({{"arr_0.npy", npy("'<f4'")}})).danger.empty());
    CHECK(look(make_archive({{"a.txt", "hello"}}, ArchiveForm::tar)).kind == "tar");
    CHECK(look(make_archive({{"a.txt", "hello"}}, ArchiveForm::tar)).danger.empty());
    CHECK(look(make_archive({{"x", "hello"}}, ArchiveForm::raw, Compression::gzip)).danger.empty());
}

TEST_CASE("an array of objects is a pickle, one of numbers is not", "[packager][pickle]") {
    CHECK(look(npy("'<f4'")).kind == "npy");
    CHECK(look(npy("'<f4'")).danger.empty());
    CHECK(look(npy("[('Offset', '<f4'), ('b', '|V3')]")).danger.empty());
    const std::string descr =
        GENERATE("'|O'", "'O'", "\"|O8\"", "[('a', '<f4'), ('b', '|O')]", "'object'", "'2O'", "'f4,O'",
                 "'\\x7c\\x4f'", "'<f8',\n 'descr': '|O'", "'ob' 'ject'", "'ob'u'ject'", "'<f8', # '\n");
    CAPTURE(descr);
    CHECK_FALSE(look(npy(descr)).danger.empty());
    CHECK_FALSE(look("\x93NUMPY\1\0v\0{ no such header }"s).danger.empty());
}

TEST_CASE("PyTorch's old form and other formats are told apart", "[packager][model]") {
    CHECK(look("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.more"s).kind == "PyTorch file");
    CHECK_FALSE(look("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.more"s).danger.empty());
    CHECK(look(tests::make_safetensors({{"a", "U8", {1}, "x"}})).kind == "safetensors");
    CHECK(look(tests::make_plain_gguf("x")).kind == "gguf");
    CHECK(look(onnx_front + field(7, "graph") + field(8, "set")).kind == "onnx");
    CHECK(look("weights of some other kind").kind.empty());
}

TEST_CASE("ONNX is told by its fields", "[packager][model]") {
    const auto is_onnx = [](const std::string& bytes) {
        return packager::is_onnx(bytes.size(), reader_of(bytes));
    };
    REQUIRE(is_onnx(onnx_front + field(7, "graph")));
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"nothing", ""},
        {"no graph", onnx_front},
        {"no version", field(7, "graph")},
        {"a field of another message", onnx_front + field(7, "graph") + field(9, "x")},
        {"a number where a text belongs", onnx_front + "\x38\x01"},
        {"longer than the file", onnx_front + "\x3a\x20graph"},
        {"a byte behind it", onnx_front + field(7, "graph") + "\x08"},
        {"a number without end", "\x08" + std::string(11, '\xff')},
    }));
    CAPTURE(why);
    CHECK_FALSE(is_onnx(bytes));
}

TEST_CASE("names that loaders unpickle are known in any case", "[packager][pickle]") {
    for (const char* name : {"a.pkl", "a.PKL", "a.pickle", "a.joblib", "x.y.dill"})
        CHECK(packager::is_pickle_name(name));
    for (const char* name : {"pkl", "a.pkl.txt", "a.bin", "a.safetensors", ""})
        CHECK_FALSE(packager::is_pickle_name(name));
}

TEST_CASE("a disk that cannot be read is no danger but an error", "[packager][pickle]") {
    const auto read = [](std::uint64_t, std::size_t) -> std::string {
        throw manifests::Error(Fault::io, "the disk is gone");
    };
    REQUIRE_THROWS_MATCHES(packager::look_at_content(100, read), manifests::Error, faults_with(Fault::io));
    const std::string zip = zip_of({{"a.txt", "hello"}});
    int calls = 0;
    const auto dies = [&](std::uint64_t offset, std::size_t length) -> std::string {
        if (++calls > 2) throw manifests::Error(Fault::io, "the disk is gone");
        return zip.substr(static_cast<std::size_t>(offset), length);
    };
    REQUIRE_THROWS_MATCHES(packager::look_at_content(zip.size(), dies), manifests::Error,
                           faults_with(Fault::io));
}
