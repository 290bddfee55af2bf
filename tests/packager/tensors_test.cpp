#include "packager/tensors.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/weight_files.hpp"

using manifests::Fault;
using packager::element_count;
using packager::Tensor;
using packager::TensorList;
using packager::TensorListing;
using tests::faults_with;
using tests::GgufWriter;
using tests::make_gguf;
using tests::make_safetensors;
using tests::safetensors_file;

namespace {

packager::ReadBytes reader_of(const std::string& bytes) {
    return [&bytes](std::uint64_t offset, std::size_t length) {
        CHECK(offset <= bytes.size());
        CHECK(length <= bytes.size() - offset);
        return bytes.substr(static_cast<std::size_t>(offset), length);
    };
}

TensorListing list(const std::string& bytes) {
    return packager::list_tensors(bytes.size(), reader_of(bytes));
}

std::string safetensors_with(const std::string& tensor, std::size_t data_bytes = 8) {
    return safetensors_file("{\"a\":" + tensor + "}", std::string(data_bytes, 'x'));
}

std::string f32(std::size_t elements, char fill) {
    return std::string(elements * 4, fill);
}

// A GGUF file with one tensor of 32 bytes and this type and shape.
std::string gguf_with(const std::vector<std::uint64_t>& shape, std::uint32_t type, std::uint64_t offset = 0,
                      std::size_t data_bytes = 32) {
    return GgufWriter()
        .start(1, 0)
        .tensor("a", shape, type, offset)
        .pad(32)
        .raw(std::string(data_bytes, 'x'))
        .bytes;
}

} // namespace

TEST_CASE("the tensors of a safetensors file are found where their bytes are", "[packager][tensors]") {
    const std::string bytes = make_safetensors({{"w2", "F32", {2, 3}, f32(6, 'b')},
                                                {"w1", "BF16", {4}, std::string(8, 'a')},
                                                {"empty", "F32", {0, 7}, ""},
                                                {"scalar", "I64", {}, std::string(8, 's')},
                                                {"half a byte", "F4", {2}, "h"}},
                                               "a note");
    const TensorListing listing = list(bytes);
    REQUIRE(listing.list);
    CHECK(listing.reason.empty());
    CHECK(listing.list->format == "safetensors");
    REQUIRE(listing.list->tensors.size() == 5);
    const std::vector<Tensor>& tensors = listing.list->tensors;
    CHECK(tensors[0] == Tensor{"w2", "F32", {2, 3}, listing.list->data_offset, 24});
    CHECK(tensors[1] == Tensor{"w1", "BF16", {4}, listing.list->data_offset + 24, 8});
    CHECK(tensors[2].name == "empty");
    CHECK(bytes.substr(static_cast<std::size_t>(tensors[3].offset), 8) == "ssssssss");
    CHECK(bytes.back() == 'h');
}

TEST_CASE("the tensors of a GGUF file are found where their bytes are", "[packager][tensors]") {
    const std::string bytes = make_gguf({{"token_embd.weight", "0", {3, 2}, f32(6, 'e')},
                                         {"blk.0.attn_q.weight", "2", {32, 2}, std::string(36, 'q')},
                                         {"output_norm.weight", "1", {5}, std::string(10, 'n')}});
    const TensorListing listing = list(bytes);
    REQUIRE(listing.list);
    CHECK(listing.list->format == "gguf");
    REQUIRE(listing.list->tensors.size() == 3);
    const std::vector<Tensor>& tensors = listing.list->tensors;
    CHECK(tensors[0] == Tensor{"token_embd.weight", "F32", {3, 2}, listing.list->data_offset, 24});
    CHECK(tensors[1] == Tensor{"blk.0.attn_q.weight", "Q4_0", {32, 2}, listing.list->data_offset + 32, 36});
    CHECK(bytes.substr(static_cast<std::size_t>(tensors[1].offset), 36) == std::string(36, 'q'));
    CHECK(tensors[2].offset % 32 == 0);
    CHECK(list(GgufWriter().start(0, 0).bytes).list->tensors.empty());
    CHECK(list(GgufWriter().start(0, 0, 2).bytes).list);
}

TEST_CASE("a last tensor without its padding is complete", "[packager][tensors]") {
    const std::string bytes = make_gguf({{"a", "0", {3}, f32(3, 'a')}});
    REQUIRE(list(bytes).list);
    CHECK(list(bytes.substr(0, bytes.size() - 20)).list);
    CHECK_FALSE(list(bytes.substr(0, bytes.size() - 21)).list);
}

TEST_CASE("a file of another kind has no tensors, and that is no error", "[packager][tensors]") {
    const std::string bytes = GENERATE(as<std::string>{}, "", "GGU", "12345678", "a text that is long enough",
                                       "\x7f"
                                       "ELF....................");
    CHECK_FALSE(list(bytes).list);
    CHECK(list(bytes).reason == "neither GGUF nor safetensors");
}

TEST_CASE("a file that is called safetensors is told what is wrong with its header", "[packager][tensors]") {
    const auto [bytes, wanted] = GENERATE(table<std::string, std::string>({
        {"", "shorter than the length of its header"},
        {"1234567", "shorter than the length of its header"},
        {safetensors_file("", ""), "the length of its header is 0, wanted a JSON object"},
        {safetensors_file("\xef\xbb\xbf{}", ""),
         "the header begins with a byte order mark, wanted '{' as its first byte"},
        {safetensors_file(" {}", ""), "the header begins with white space, wanted '{' as its first byte"},
        {safetensors_file("\n{}", ""), "the header begins with white space, wanted '{' as its first byte"},
        {safetensors_file("[]", ""), "the header begins with a JSON list, wanted '{' as its first byte"},
        {safetensors_file("\x1b{}", ""), "the header begins with '\\x1b', wanted '{' as its first byte"},
        {"a text that is long enough", "a header of 8367816168101388385 bytes in a file of 26"},
    }));
    CAPTURE(wanted);
    const auto listing =
        packager::list_tensors(bytes.size(), reader_of(bytes), packager::NamedAs::safetensors);
    CHECK_FALSE(listing.list);
    CHECK(listing.reason == wanted);
    const std::string good = safetensors_file("{}", "");
    CHECK(packager::list_tensors(good.size(), reader_of(good), packager::NamedAs::safetensors).list);
}

TEST_CASE("what a shape takes is said in bytes, and in bits where these are no whole bytes",
          "[packager][tensors]") {
    CHECK(list(safetensors_with(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})")).reason ==
          "tensor 'a': data_offsets hold 8 bytes, wanted 12");
    CHECK(list(safetensors_with(R"({"dtype":"F4","shape":[17],"data_offsets":[0,8]})")).reason ==
          "tensor 'a': the shape has 17 elements of 4 bits, which are no whole number of bytes");
}

TEST_CASE("only a version with 0 in its low half is that of a big-endian GGUF file", "[packager][tensors]") {
    const auto [version, wanted] = GENERATE(table<std::uint32_t, std::string>({
        {0, "GGUF version 0, wanted 2 or 3"},
        {1, "GGUF version 1, wanted 2 or 3"},
        {4, "GGUF version 4, wanted 2 or 3"},
        {0x02000000, "GGUF version 33554432, which is big-endian, wanted 2 or 3"},
        {0x03000000, "GGUF version 50331648, which is big-endian, wanted 2 or 3"},
    }));
    CAPTURE(version);
    const std::string bytes = GgufWriter().raw("GGUF").number(version, 4).number(0, 8).number(0, 8).bytes;
    CHECK(list(bytes).reason == wanted);
}

TEST_CASE("a safetensors header that breaks a rule gives no list", "[packager][tensors]") {
    const std::string good = R"({"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
    REQUIRE(list(safetensors_with(good)).list);
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"a length beyond the file", std::string("\x80\0\0\0\0\0\0\0{\"a\":1}", 15)},
        {"a length of all ones", std::string(8, '\xff') + "{}"},
        {"a length over the limit", GgufWriter().number(packager::most_header_bytes + 1, 8).raw("{}").bytes},
        {"no header", safetensors_file("", "")},
        {"white space in front", safetensors_file(" {}", "")},
        {"a line feed in front", safetensors_file("\n{}", "")},
        {"a byte order mark", safetensors_file("\xef\xbb\xbf{}", "")},
        {"a list", safetensors_file("[]", "")},
        {"text after the header", safetensors_file("{} x", "")},
        {"a second header", safetensors_file("{}{}", "")},
        {"a comment", safetensors_file("{/**/}", "")},
        {"a NUL in a name", safetensors_file(R"({"\u0000":1})", "")},
        {"half a surrogate", safetensors_file(R"({"\ud800":1})", "")},
        {"NUL padding", safetensors_file(std::string("{}\0\0", 4), "")},
        {"not JSON", safetensors_file("{a}", "")},
        {"not UTF-8", safetensors_file("{\"\xff\":1}", "")},
        {"a name given twice", safetensors_file("{\"a\":" + good + ",\"a\":" + good + "}", "12345678")},
        {"a name given twice, once as an escape",
         safetensors_file("{\"a\":" + good + ",\"\\u0061\":" + good + "}", "12345678")},
        {"a member of a tensor given twice",
         safetensors_with(R"({"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]})")},
        {"metadata given twice", safetensors_file(R"({"__metadata__":{},"__metadata__":{}})", "")},
        {"a text of metadata given twice", safetensors_file(R"({"__metadata__":{"a":"","a":""}})", "")},
        {"metadata that is a text", safetensors_file(R"({"__metadata__":"a"})", "")},
        {"deep nesting",
         safetensors_file("{\"a\":" + std::string(900, '[') + std::string(900, ']') + "}", "")},
        {"metadata with a number", safetensors_file(R"({"__metadata__":{"a":1}})", "")},
        {"metadata that is null", safetensors_file(R"({"__metadata__":null})", "")},
        {"a tensor that is a list", safetensors_with("[]")},
        {"no dtype", safetensors_with(R"({"shape":[2],"data_offsets":[0,8]})")},
        {"a dtype that is a number", safetensors_with(R"({"dtype":8,"shape":[2],"data_offsets":[0,8]})")},
        {"a dtype in small letters", safetensors_with(R"({"dtype":"f32","shape":[2],"data_offsets":[0,8]})")},
        {"no shape", safetensors_with(R"({"dtype":"F32","data_offsets":[0,8]})")},
        {"no offsets", safetensors_with(R"({"dtype":"F32","shape":[2]})")},
        {"a shape that is a number", safetensors_with(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})")},
        {"an exponent", safetensors_with(R"({"dtype":"F32","shape":[2e0],"data_offsets":[0,8]})")},
        {"three offsets", safetensors_with(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8,8]})")},
        {"a negative offset", safetensors_with(R"({"dtype":"F32","shape":[2],"data_offsets":[-8,0]})")},
        {"an offset of 2^64",
         safetensors_with(R"({"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551616]})")},
        {"too many bytes for the shape",
         safetensors_with(R"({"dtype":"F32","shape":[1],"data_offsets":[0,8]})")},
        {"the overflow of the reference's test",
         safetensors_with(R"({"dtype":"U8","shape":[2,18446744073709551614],"data_offsets":[0,0]})", 0)},
        {"the other overflow of its test",
         safetensors_with(R"({"dtype":"U8","shape":[2,9223372036854775807],"data_offsets":[0,0]})", 0)},
        {"an empty tensor inside of another",
         safetensors_file("{\"a\":" + good + R"(,"b":{"dtype":"F32","shape":[0],"data_offsets":[4,4]}})",
                          "12345678")},
        {"a hole between two",
         safetensors_file("{\"a\":" + good + R"(,"b":{"dtype":"U8","shape":[1],"data_offsets":[9,10]}})",
                          "1234567890")},
        {"an unknown dtype", safetensors_with(R"({"dtype":"F33","shape":[2],"data_offsets":[0,8]})")},
        {"a fraction", safetensors_with(R"({"dtype":"F32","shape":[2.0],"data_offsets":[0,8]})")},
        {"a negative dimension", safetensors_with(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})")},
        {"one offset", safetensors_with(R"({"dtype":"F32","shape":[2],"data_offsets":[8]})")},
        {"falling offsets", safetensors_with(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})")},
        {"too few bytes for the shape",
         safetensors_with(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})")},
        {"half a byte", safetensors_with(R"({"dtype":"F4","shape":[17],"data_offsets":[0,8]})")},
        {"a product over 64 bits",
         safetensors_with(R"({"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]})", 0)},
        {"a product that wraps to 0 beside a 0",
         safetensors_with(R"({"dtype":"U8","shape":[0,4294967296,4294967296],"data_offsets":[0,0]})", 0)},
        {"a hole in front", safetensors_with(R"({"dtype":"U8","shape":[4],"data_offsets":[4,8]})")},
        {"bytes behind", safetensors_with(R"({"dtype":"U8","shape":[4],"data_offsets":[0,4]})")},
        {"an end beyond the file", safetensors_with(R"({"dtype":"U8","shape":[9],"data_offsets":[0,9]})")},
        {"an end near 2^63",
         safetensors_with(
             R"({"dtype":"U8","shape":[1],"data_offsets":[9223372036854775806,9223372036854775807]})")},
        {"a name of 4097 bytes",
         safetensors_file("{\"" + std::string(4097, '.') + "\":" + good + "}", "12345678")},
        {"two tensors over one range",
         safetensors_file("{\"a\":" + good + ",\"b\":" + good + "}", "12345678")},
    }));
    CAPTURE(why);
    const TensorListing listing = list(bytes);
    CHECK_FALSE(listing.list);
    CHECK_FALSE(listing.reason.empty());
    CHECK(manifests::is_utf8(listing.reason));
}

TEST_CASE("what the rules of safetensors leave open is let through", "[packager][tensors]") {
    const auto [why, bytes] = GENERATE(table<std::string, std::string>({
        {"no tensors", safetensors_file("{}", "")},
        {"spaces behind the header", safetensors_file("{}      ", "")},
        {"line feeds behind the header", safetensors_file("{}\t\r\n", "")},
        {"an empty name", safetensors_file(R"({"":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x")},
        {"a name that looks like a path",
         safetensors_file(R"({"../../etc/passwd":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x")},
        {"a name of 4096 bytes",
         safetensors_file(
             "{\"" + std::string(4096, '.') + R"(":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "x")},
        {"a member of a tensor of tomorrow",
         safetensors_file(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"new":[]}})", "x")},
        {"empty metadata", safetensors_file(R"({"__metadata__":{}})", "")},
        {"empty tensors on boundaries",
         safetensors_file(R"({"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},)"
                          R"("b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                          R"("c":{"dtype":"F64","shape":[2,0],"data_offsets":[1,1]}})",
                          "x")},
    }));
    CAPTURE(why);
    CHECK(list(bytes).list);
}

// What llama.cpp's own test-gguf.cpp makes by hand has its case here, and what its reader lets through too.
TEST_CASE("a GGUF header that breaks a rule gives no list", "[packager][tensors]") {
    REQUIRE(list(gguf_with({8}, 0)).list);
    const std::uint64_t large = std::uint64_t{1} << 32;
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"only the magic", "GGUF"},
        {"version 0", GgufWriter().start(0, 0, 0).bytes},
        {"version 1", GgufWriter().start(0, 0, 1).bytes},
        {"version 4", GgufWriter().start(0, 0, 4).bytes},
        {"big-endian", GgufWriter().start(0, 0, 0x03000000).bytes},
        {"bad magic", "GGUX" + GgufWriter().start(0, 0).bytes.substr(4)},
        {"nothing behind the counts that say there is", GgufWriter().start(3, 0).bytes},
        {"a negative count of pairs", GgufWriter().start(0, ~std::uint64_t{0}).bytes + std::string(100, 'x')},
        {"more pairs than bytes", GgufWriter().start(0, 1).raw("short").bytes},
        {"a negative count", GgufWriter().start(~std::uint64_t{0}, 0).bytes + std::string(100, 'x')},
        {"an empty key", GgufWriter().start(0, 1).pair("", 1).bytes},
        {"a key given twice", GgufWriter().start(0, 2).pair("a", 1).pair("a", 1).bytes},
        {"a key beyond the file", GgufWriter().start(0, 1).number(200, 8).raw(std::string(20, 'k')).bytes},
        {"a key of 2^64-1 bytes", GgufWriter().start(0, 1).number(~std::uint64_t{0}, 8).raw("xxxxxx").bytes},
        {"a key that is not ASCII", GgufWriter().start(0, 1).pair("\xc3\xa4", 1).bytes},
        {"a key of 65,536 bytes", GgufWriter().start(0, 1).pair(std::string(65'536, 'k'), 1).bytes},
        {"a bool of 2", GgufWriter().start(0, 1).text("key").number(7, 4).number(2, 1).bytes},
        {"an array with a bool of 2",
         GgufWriter().start(0, 1).text("key").number(9, 4).number(7, 4).number(1, 8).number(2, 1).bytes},
        {"an array of an unknown type",
         GgufWriter().start(0, 1).text("key").number(9, 4).number(13, 4).number(0, 8).bytes},
        {"a value cut short", GgufWriter().start(0, 1).text("key").number(12, 4).number(0, 7).bytes},
        {"an unknown value type", GgufWriter().start(0, 1).text("key").number(13, 4).number(0, 8).bytes},
        {"an array of arrays",
         GgufWriter().start(0, 1).text("key").number(9, 4).number(9, 4).number(1, 8).number(0, 8).bytes},
        {"an array longer than the file",
         GgufWriter().start(0, 1).text("key").number(9, 4).number(10, 4).number(large, 8).number(0, 8).bytes},
        {"more texts than bytes",
         GgufWriter().start(0, 1).text("key").number(9, 4).number(8, 4).number(large, 8).number(0, 8).bytes},
        {"a text beyond the file",
         GgufWriter().start(0, 1).text("key").number(8, 4).number(~std::uint64_t{0}, 8).bytes},
        {"alignment 24", GgufWriter().start(0, 1).pair("general.alignment", 24).bytes},
        {"alignment 13", GgufWriter().start(0, 1).pair("general.alignment", 13).bytes},
        {"alignment 4", GgufWriter().start(0, 1).pair("general.alignment", 4).bytes},
        {"an alignment that the offsets do not have", GgufWriter()
                                                          .start(2, 1)
                                                          .pair("general.alignment", 64)
                                                          .tensor("a", {1}, 0, 0)
                                                          .tensor("b", {1}, 0, 32)
                                                          .pad(64)
                                                          .raw(std::string(128, 'x'))
                                                          .bytes},
        {"alignment 0", GgufWriter().start(0, 1).pair("general.alignment", 0).bytes},
        {"alignment 2^31", GgufWriter().start(0, 1).pair("general.alignment", 1U << 31).bytes},
        {"alignment of another type",
         GgufWriter().start(0, 1).text("general.alignment").number(5, 4).number(32, 4).bytes},
        {"five dimensions", gguf_with({1, 1, 1, 1, 8}, 0)},
        {"a removed type", gguf_with({8}, 4)},
        {"a type of tomorrow", gguf_with({8}, 43)},
        {"half a block", gguf_with({33}, 2)},
        {"a scalar of blocks", gguf_with({}, 2)},
        {"a product that wraps to 0", gguf_with({large, large}, 0)},
        {"the hole of ggml: 2^40 x 2^40", gguf_with({large << 8, large << 8}, 0, 0, 0)},
        {"the hole of ggml: 2^32 x 2^16 x 2^16", gguf_with({large, 65536, 65536}, 0, 0, 0)},
        {"the hole of ggml: 2^16 four times", gguf_with({65536, 65536, 65536, 65536}, 0, 0, 0)},
        {"2^40 x (2^40 + 1)", gguf_with({large << 8, (large << 8) + 1}, 0, 0, 0)},
        {"too many bytes", gguf_with({large << 29}, 0, 0, 0)},
        {"a negative dimension", gguf_with({~std::uint64_t{0}}, 0)},
        {"a negative dimension beside a 0", gguf_with({0, ~std::uint64_t{0}}, 0, 0, 0)},
        {"two tensors over one range", GgufWriter()
                                           .start(2, 0)
                                           .tensor("a", {8}, 0, 0)
                                           .tensor("b", {8}, 0, 0)
                                           .pad(32)
                                           .raw(std::string(32, 'x'))
                                           .bytes},
        {"an offset that is not aligned", gguf_with({4}, 0, 16, 64)},
        {"an offset that is not the sum", gguf_with({4}, 0, 32, 64)},
        {"data cut short", gguf_with({8}, 0, 0, 31)},
        {"bytes behind the last tensor", gguf_with({8}, 0, 0, 33)},
        {"a name given twice",
         GgufWriter().start(2, 0).tensor("a", {0}, 0, 0).tensor("a", {0}, 0, 0).pad(32).bytes},
        {"a name of 64 bytes, which ggml cannot keep",
         GgufWriter().start(1, 0).tensor(std::string(64, 'n'), {0}, 0, 0).pad(32).bytes},
        {"a name that is not UTF-8", GgufWriter().start(1, 0).tensor("\xff", {0}, 0, 0).pad(32).bytes},
    }));
    CAPTURE(why);
    const TensorListing listing = list(bytes);
    CHECK_FALSE(listing.list);
    CHECK_FALSE(listing.reason.empty());
    CHECK(manifests::is_utf8(listing.reason));
}

TEST_CASE("a GGUF header has a bounded number of entries", "[packager][tensors]") {
    GgufWriter pairs;
    pairs.start(0, 65'537);
    for (int i = 0; i < 65'537; ++i)
        pairs.pair("k" + std::to_string(i), 1);
    CHECK(list(pairs.bytes).reason.find("at most 65536") != std::string::npos);
    CHECK(list(GgufWriter().start(1'000'001, 0).bytes).reason.find("at most") != std::string::npos);
}

TEST_CASE("types that GGUF has removed are not known", "[packager][tensors]") {
    const std::uint32_t type = GENERATE(4U, 5U, 31U, 32U, 33U, 36U, 37U, 38U);
    CHECK_FALSE(list(gguf_with({8}, type)).list);
}

TEST_CASE("a header that is cut at any byte is never a crash", "[packager][tensors]") {
    const std::string whole = GENERATE(make_gguf({{"a", "0", {3}, f32(3, 'a')}}),
                                       make_safetensors({{"a", "F32", {3}, f32(3, 'a')}}));
    for (std::size_t length = 0; length + 20 < whole.size(); ++length)
        CHECK_FALSE(list(whole.substr(0, length)).list);
}

TEST_CASE("a huge file costs no more than its header", "[packager][tensors]") {
    // The size is a claim here: whoever asked for so many bytes would not get them.
    const std::string bytes = GgufWriter().start(0, 1).text("key").number(8, 4).number(1ULL << 40, 8).bytes;
    const std::uint64_t size_bytes = 1ULL << 41;
    const auto read = [&](std::uint64_t offset, std::size_t length) {
        CHECK(length <= packager::most_header_bytes);
        return offset < bytes.size() ? bytes.substr(static_cast<std::size_t>(offset), length) : std::string();
    };
    CHECK_FALSE(packager::list_tensors(size_bytes, read).list);
}

TEST_CASE("a disk that cannot be read is an error and no reason", "[packager][tensors]") {
    const auto read = [](std::uint64_t, std::size_t) -> std::string {
        throw manifests::Error(Fault::io, "the disk is gone");
    };
    REQUIRE_THROWS_MATCHES(packager::list_tensors(100, read), manifests::Error, faults_with(Fault::io));
}

TEST_CASE("elements are counted without wrapping around", "[packager][tensors]") {
    const std::uint64_t large = std::uint64_t{1} << 32;
    CHECK(element_count({}) == 1);
    CHECK(element_count({7, 0}) == 0);
    CHECK(element_count({large, large / 4}) == std::uint64_t{1} << 62);
    CHECK_FALSE(element_count({large, large}));
    CHECK_FALSE(element_count({0, large, large}));
    CHECK_FALSE(element_count({large, large, 0}));
    CHECK_FALSE(element_count({~std::uint64_t{0}}));
}
