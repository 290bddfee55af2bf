#include "packager/gguf_model.hpp"

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "packager/tensors.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/weight_files.hpp"

using manifests::Fault;
using packager::ModelShape;
using tests::faults_with;
using tests::GgufWriter;

namespace {

packager::TensorList list_of(const std::string& bytes) {
    return packager::read_gguf(bytes.size(), [&](std::uint64_t offset, std::size_t length) {
        return bytes.substr(static_cast<std::size_t>(offset), length);
    });
}

class Pairs {
public:
    explicit Pairs(const std::string& architecture) { text("general.architecture", architecture); }

    Pairs& text(const std::string& key, const std::string& value) {
        pairs_.text(key).number(8, 4).text(value);
        return ++count_, *this;
    }
    Pairs& number(const std::string& key, std::uint32_t value) {
        pairs_.pair(key, value);
        return ++count_, *this;
    }
    Pairs& numbers(const std::string& key, const std::vector<std::uint64_t>& values) {
        pairs_.text(key).number(9, 4).number(4, 4).number(values.size(), 8);
        for (const std::uint64_t value : values)
            pairs_.number(value, 4);
        return ++count_, *this;
    }
    Pairs& raw(const std::string& key, std::uint32_t type, const std::string& bytes) {
        pairs_.text(key).number(type, 4).raw(bytes);
        return ++count_, *this;
    }
    Pairs& texts(const std::string& key, std::size_t count) {
        pairs_.text(key).number(9, 4).number(8, 4).number(count, 8);
        for (std::size_t i = 0; i < count; ++i)
            pairs_.text("t");
        return ++count_, *this;
    }
    ModelShape model() const {
        return packager::model_of(list_of(GgufWriter().start(0, count_).raw(pairs_.bytes).bytes).metadata);
    }

private:
    GgufWriter pairs_;
    std::uint64_t count_ = 0;
};

} // namespace

TEST_CASE("the key-values of a GGUF file say what the model is built of", "[packager][model]") {
    const ModelShape shape = Pairs("qwen3moe")
                                 .number("qwen3moe.block_count", 48)
                                 .number("qwen3moe.embedding_length", 2048)
                                 .number("qwen3moe.context_length", 40960)
                                 .number("qwen3moe.attention.head_count", 32)
                                 .number("qwen3moe.attention.head_count_kv", 4)
                                 .number("qwen3moe.attention.key_length", 128)
                                 .number("qwen3moe.expert_count", 128)
                                 .number("qwen3moe.expert_used_count", 8)
                                 .number("qwen3moe.expert_feed_forward_length", 768)
                                 .number("general.file_type", 15)
                                 .texts("tokenizer.ggml.tokens", 7)
                                 .number("other.block_count", 1)
                                 .model();
    CHECK(shape.model_type == "qwen3moe");
    CHECK(shape.layers == 48);
    CHECK(shape.hidden == 2048);
    CHECK(shape.context == 40960);
    CHECK(shape.kv_heads == 4);
    CHECK(shape.kv_heads_by_layer.empty());
    CHECK(shape.head_dim == 128);
    CHECK(shape.experts == 128);
    CHECK(shape.experts_per_token == 8);
    CHECK(shape.vocabulary == 7);
    CHECK(shape.quantisation.scheme == "Q4_K_M");
    CHECK(shape.quantisation.bits == 4);
}

TEST_CASE("heads can differ from layer to layer", "[packager][model]") {
    const ModelShape shape = Pairs("x")
                                 .number("x.block_count", 3)
                                 .number("x.attention.head_count", 8)
                                 .numbers("x.attention.head_count_kv", {2, 0, 8})
                                 .model();
    CHECK(shape.kv_heads == 8);
    CHECK(shape.kv_heads_by_layer == std::vector<std::uint64_t>{2, 0, 8});
    CHECK(shape.kv_heads_of(1) == 0);
    CHECK(shape.kv_heads_of(2) == 8);
}

TEST_CASE("latent attention is told in two ways", "[packager][model]") {
    Pairs older("deepseek2");
    older.number("deepseek2.attention.kv_lora_rank", 512).number("deepseek2.rope.dimension_count", 64);
    Pairs newer = older;
    older.number("deepseek2.attention.key_length", 192).number("deepseek2.attention.value_length", 128);
    newer.number("deepseek2.attention.key_length", 576)
        .number("deepseek2.attention.value_length", 512)
        .number("deepseek2.attention.key_length_mla", 192)
        .number("deepseek2.attention.value_length_mla", 128);
    for (const ModelShape& shape : {older.model(), newer.model()}) {
        CHECK(shape.is_latent());
        CHECK(shape.qk_nope_head_dim == 128);
        CHECK(shape.qk_rope_head_dim == 64);
        CHECK(shape.v_head_dim == 128);
    }
}

TEST_CASE("a type of file that is no quantisation is a number type", "[packager][model]") {
    CHECK(Pairs("x").number("general.file_type", 32).model().dtype == "bfloat16");
    CHECK(Pairs("x").number("general.file_type", 1).model().quantisation.method.empty());
    CHECK(Pairs("x").number("general.file_type", 1024 + 7).model().quantisation.scheme == "Q8_0");
    CHECK(Pairs("x").number("general.file_type", 999).model().quantisation.scheme.empty());
}

TEST_CASE("a key of the wrong kind is refused", "[packager][model]") {
    Pairs pairs("x");
    SECTION("a text for a number") {
        pairs.text("x.block_count", "3");
    }
    SECTION("a fraction") {
        pairs.raw("x.block_count", 6, std::string(4, '\0'));
    }
    SECTION("a negative number") {
        pairs.raw("x.block_count", 5, std::string(4, '\xff'));
    }
    SECTION("a bool") {
        pairs.raw("x.attention.head_count", 7, std::string(1, '\1'));
    }
    SECTION("texts for numbers") {
        pairs.texts("x.attention.head_count_kv", 2);
    }
    SECTION("a text for the type of the file") {
        pairs.text("general.file_type", "F16");
    }
    SECTION("layers without end") {
        pairs.number("x.block_count", 65'537);
    }
    SECTION("more than any model has") {
        pairs.raw("x.vocab_size", 10, std::string(8, '\x7f'));
    }
    REQUIRE_THROWS_MATCHES(pairs.model(), manifests::Error, faults_with(Fault::damaged));
}

TEST_CASE("names and lists that are kept have an end", "[packager][model]") {
    REQUIRE_THROWS_MATCHES(Pairs(std::string(1025, 'x')).model(), manifests::Error,
                           faults_with(Fault::damaged));
    REQUIRE_THROWS_MATCHES(
        Pairs("x").numbers("x.attention.head_count_kv", std::vector<std::uint64_t>(65'537, 1)).model(),
        manifests::Error, faults_with(Fault::damaged));
    REQUIRE_THROWS_MATCHES(
        Pairs("x")
            .raw("x.attention.head_count_kv", 9, GgufWriter().number(5, 4).number(1, 8).number(~0U, 4).bytes)
            .model(),
        manifests::Error, faults_with(Fault::damaged));
}
