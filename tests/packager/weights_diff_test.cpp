#include "packager/weights_diff.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/byte_compare.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/weight_files.hpp"

using packager::Content;
using packager::FileDiff;
using packager::TensorChange;
using tests::make_gguf;
using tests::make_safetensors;
using tests::TempDir;
using tests::WeightTensor;

namespace {

using Kind = TensorChange::Kind;

runtime::BlobAt open(const TempDir& folder, const std::string& name, const std::string& bytes) {
    tests::write_file(folder / name, bytes);
    auto file = std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(folder / name));
    return {file, 0, bytes.size(), name};
}

FileDiff diff(const std::string& a, const std::string& b, Content content = Content::compare) {
    const TempDir folder;
    const auto diffs =
        packager::diff_files({{"weights/a", open(folder, "a", a), open(folder, "b", b)}}, content, 2, {});
    REQUIRE(diffs.size() == 1);
    return diffs[0];
}

std::vector<WeightTensor> layers() {
    return {{"w1", "F32", {2, 256}, std::string(2048, '1')},
            {"w2", "BF16", {1024}, std::string(2048, '2')},
            {"w3", "U8", {2'500'000}, std::string(2'500'000, '3')}};
}

} // namespace

TEST_CASE("a tensor with other bytes is named, with the first one that differs", "[packager][weights_diff]") {
    std::vector<WeightTensor> changed = layers();
    changed[0].data[2047] = 'x';
    changed[2].data[2'400'000] = 'x'; // in the third piece that is read
    changed[2].data[2'499'999] = 'x';
    const FileDiff found = diff(make_safetensors(layers()), make_safetensors(changed));
    CHECK(found.format == "safetensors");
    CHECK(found.same_tensors == 1);
    CHECK_FALSE(found.same_bytes);
    CHECK_FALSE(found.other_byte);
    REQUIRE(found.changes.size() == 2);
    CHECK(found.changes[0].kind == Kind::bytes);
    CHECK(found.changes[0].before->name == "w1");
    CHECK(found.changes[0].at == 2047);
    CHECK(found.changes[1].before->name == "w3");
    CHECK(found.changes[1].at == 2'400'000);
}

TEST_CASE("tensors that came, went or look different are told apart", "[packager][weights_diff]") {
    std::vector<WeightTensor> changed = layers();
    changed[0].shape = {256, 2};
    changed[1].type = "F16";
    changed[2].name = "w4";
    const FileDiff found = diff(make_safetensors(layers()), make_safetensors(changed), Content::skip);
    REQUIRE(found.changes.size() == 4);
    CHECK(found.changes[0].kind == Kind::described);
    CHECK(found.changes[0].after->shape == std::vector<std::uint64_t>{256, 2});
    CHECK(found.changes[1].kind == Kind::described);
    CHECK(found.changes[2].kind == Kind::removed);
    CHECK(found.changes[3].kind == Kind::added);
    CHECK(found.changes[3].after->name == "w4");
    CHECK_FALSE(found.content_compared);
}

TEST_CASE("tensors are the same wherever they lie", "[packager][weights_diff]") {
    std::vector<WeightTensor> turned = layers();
    std::swap(turned[0], turned[2]);
    const FileDiff found = diff(make_safetensors(layers()), make_safetensors(turned));
    CHECK(found.changes.empty());
    CHECK(found.same_tensors == 3);
    CHECK_FALSE(found.same_bytes);
    CHECK(found.other_byte); // the headers differ
}

TEST_CASE("a difference outside of tensors is found", "[packager][weights_diff]") {
    const std::vector<WeightTensor> tensors = {{"a", "0", {3}, std::string(12, 'a')},
                                               {"b", "0", {3}, std::string(12, 'b')}};
    const std::string before = make_gguf(tensors, "llama");
    SECTION("in the header") {
        const FileDiff found = diff(before, make_gguf(tensors, "llamb"));
        CHECK(found.changes.empty());
        CHECK(found.other_byte == before.find("llama") + 4);
    }
    SECTION("in a header that grew") {
        const FileDiff found = diff(before, make_gguf(tensors, std::string(80, 'l')));
        CHECK(found.changes.empty());
        CHECK(found.same_tensors == 2);
        CHECK(found.other_byte);
    }
    SECTION("in the padding") {
        std::string after = before;
        after[before.size() - 40] = 'x';
        const FileDiff found = diff(before, after);
        CHECK(found.changes.empty());
        CHECK(found.other_byte == before.size() - 40);
    }
}

TEST_CASE("a file without a tensor list is compared as bytes", "[packager][weights_diff]") {
    const std::string bytes = tests::sample_bytes(3'000'000, 1);
    std::string other = bytes;
    other[2'999'999] = static_cast<char>(other[2'999'999] ^ 1);
    const FileDiff found = diff(bytes, other);
    CHECK(found.format.empty());
    CHECK(found.reason == "neither GGUF nor safetensors");
    CHECK(found.other_byte == 2'999'999);
    const FileDiff shorter = diff(bytes, bytes.substr(0, 1000));
    CHECK_FALSE(shorter.other_byte);
    CHECK_FALSE(shorter.same_bytes);
    CHECK(diff(bytes, bytes).same_bytes);
    CHECK_FALSE(diff(bytes, bytes, Content::skip).same_bytes);
    CHECK(diff(make_gguf({}), make_safetensors({})).reason == "one is gguf, the other safetensors");
}

TEST_CASE("a file that becomes shorter while it is read is an error", "[packager][byte_compare]") {
    const TempDir folder;
    const runtime::BlobAt a = open(folder, "a", "12345678");
    runtime::BlobAt b = open(folder, "b", "1234");
    CHECK(packager::first_difference(a, b, {4, 0, 4}, {}) == 0);
    CHECK_FALSE(packager::first_difference(a, b, {0, 0, 4}, {}));
    CHECK_FALSE(packager::first_difference(a, b, {0, 0, 0}, {}));
    b.size_bytes = 8;
    REQUIRE_THROWS_MATCHES(packager::first_difference(a, b, {0, 0, 8}, {}), manifests::Error,
                           tests::faults_with(manifests::Fault::damaged));
}
