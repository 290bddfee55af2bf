#include "packager/gguf_metadata.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "manifests/text.hpp"
#include "packager/header_cursor.hpp"

namespace packager {
namespace {

using manifests::in_quotes;

constexpr std::uint64_t most_key_bytes = 65'535;
constexpr std::uint64_t most_alignment = 1U << 20;   // 32 everywhere; a page of the largest kind would do
constexpr std::uint64_t most_kept_text_bytes = 1024; // names of architectures
constexpr std::uint64_t most_kept_counts = 65'536;   // one for each layer

enum ValueType : std::uint64_t {
    value_uint8 = 0,
    value_int8 = 1,
    value_uint16 = 2,
    value_int16 = 3,
    value_uint32 = 4,
    value_int32 = 5,
    value_float32 = 6,
    value_bool = 7,
    value_text = 8,
    value_array = 9,
    value_uint64 = 10,
    value_int64 = 11,
    value_float64 = 12,
};

// Bytes of a value by its type; 0 for texts and arrays.
constexpr std::array<std::uint64_t, 13> value_bytes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

[[noreturn]] void damaged(const std::string& text) {
    HeaderCursor::refuse(text);
}

// Behind the name of the architecture and a dot.
constexpr std::array<std::string_view, 25> kept_of_architecture{"block_count",
                                                                "context_length",
                                                                "embedding_length",
                                                                "feed_forward_length",
                                                                "vocab_size",
                                                                "leading_dense_block_count",
                                                                "nextn_predict_layers",
                                                                "expert_count",
                                                                "expert_used_count",
                                                                "expert_shared_count",
                                                                "expert_feed_forward_length",
                                                                "expert_shared_feed_forward_length",
                                                                "interleave_moe_layer_step",
                                                                "moe_every_n_layers",
                                                                "attention.head_count",
                                                                "attention.head_count_kv",
                                                                "attention.key_length",
                                                                "attention.value_length",
                                                                "attention.key_length_mla",
                                                                "attention.value_length_mla",
                                                                "attention.kv_lora_rank",
                                                                "attention.q_lora_rank",
                                                                "attention.sliding_window",
                                                                "attention.indexer.key_length",
                                                                "rope.dimension_count"};
constexpr std::array<std::string_view, 6> kept_names{
    "general.architecture", "general.file_type",   "split.no",
    "split.count",          "split.tensors.count", "tokenizer.ggml.tokens"};

bool is_kept(std::string_view key) {
    if (std::find(kept_names.begin(), kept_names.end(), key) != kept_names.end()) return true;
    const std::size_t dot = key.find('.');
    return dot != std::string_view::npos &&
           std::find(kept_of_architecture.begin(), kept_of_architecture.end(), key.substr(dot + 1)) !=
               kept_of_architecture.end();
}

bool is_integer(std::uint64_t type) {
    return type <= value_int32 || type == value_uint64 || type == value_int64;
}

bool is_signed(std::uint64_t type) {
    return type == value_int8 || type == value_int16 || type == value_int32 || type == value_int64;
}

bool is_negative(std::uint64_t type, std::uint64_t bits) {
    return is_signed(type) && (bits >> (8 * value_bytes[type] - 1)) != 0;
}

void check_type(std::uint64_t type) {
    if (type >= value_bytes.size()) damaged("a value of type " + std::to_string(type) + " is not known");
}

void skip_text(HeaderCursor& cursor) {
    cursor.skip(cursor.number(8));
}

void read_bool(HeaderCursor& cursor) {
    if (const std::uint64_t value = cursor.number(1); value > 1)
        damaged("a bool is " + std::to_string(value) + ", wanted 0 or 1");
}

void read_counts(HeaderCursor& cursor, std::uint64_t type, GgufValue& value) {
    if (value.count > most_kept_counts) damaged(std::to_string(value.count) + " numbers, one for each layer");
    value.kind = GgufValue::Kind::counts;
    for (std::uint64_t i = 0; i < value.count; ++i) {
        const std::uint64_t number = cursor.number(static_cast<std::size_t>(value_bytes[type]));
        if (is_negative(type, number)) damaged("a negative number in a list of counts");
        value.counts.push_back(number);
    }
}

GgufValue read_array(HeaderCursor& cursor, bool keep) {
    const std::uint64_t type = cursor.number(4);
    GgufValue value;
    value.count = cursor.number(8);
    check_type(type);
    if (type == value_array) damaged("an array of arrays, which engines refuse");
    const std::uint64_t least_bytes = type == value_text ? 8 : value_bytes[type];
    if (value.count > cursor.left() / least_bytes)
        damaged("an array says it has " + std::to_string(value.count) +
                " elements, more than its bytes can hold");
    if (type == value_text) {
        for (std::uint64_t i = 0; i < value.count; ++i)
            skip_text(cursor);
    } else if (type == value_bool) {
        for (std::uint64_t i = 0; i < value.count; ++i)
            read_bool(cursor);
    } else if (keep && is_integer(type)) {
        read_counts(cursor, type, value);
    } else {
        cursor.skip(value.count * least_bytes);
    }
    return value;
}

GgufValue read_text(HeaderCursor& cursor, bool keep) {
    GgufValue value;
    value.kind = GgufValue::Kind::text;
    if (keep) {
        value.text = cursor.text(most_kept_text_bytes, "a name");
    } else {
        skip_text(cursor);
    }
    return value;
}

GgufValue read_number(HeaderCursor& cursor, std::uint64_t type) {
    GgufValue value;
    value.count = cursor.number(static_cast<std::size_t>(value_bytes[type]));
    value.kind = !is_integer(type)                ? GgufValue::Kind::fraction
                 : is_negative(type, value.count) ? GgufValue::Kind::negative
                                                  : GgufValue::Kind::count;
    return value;
}

GgufValue read_value(HeaderCursor& cursor, std::uint64_t type, bool keep) {
    check_type(type);
    if (type == value_array) return read_array(cursor, keep);
    if (type == value_text) return read_text(cursor, keep);
    if (type != value_bool) return read_number(cursor, type);
    read_bool(cursor);
    GgufValue value;
    value.kind = GgufValue::Kind::flag;
    return value;
}

std::uint64_t read_alignment(HeaderCursor& cursor, std::uint64_t type) {
    if (type != value_uint32) damaged("it is not of type uint32");
    const std::uint64_t alignment = cursor.number(4);
    if (alignment < 8 || alignment > most_alignment || (alignment & (alignment - 1)) != 0)
        damaged("it is " + std::to_string(alignment) + ", wanted a power of two from 8 on");
    return alignment;
}

void check_key(const std::string& key) {
    if (key.empty()) damaged("a key is empty");
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (!std::all_of(key.begin(), key.end(), is_ascii)) damaged("key " + in_quotes(key) + " is not ASCII");
}

} // namespace

GgufMetadata GgufMetadata::read(HeaderCursor& cursor, std::uint64_t pairs) {
    GgufMetadata metadata;
    std::unordered_set<std::string> keys; // ggml compares every two of them, which is quadratic
    for (std::uint64_t i = 0; i < pairs; ++i) {
        const std::string key = cursor.text(most_key_bytes, "a key");
        check_key(key);
        if (!keys.insert(key).second) damaged("key " + in_quotes(key) + " is given twice");
        const std::uint64_t type = cursor.number(4);
        try {
            if (key == "general.alignment") {
                metadata.alignment_ = read_alignment(cursor, type);
                continue;
            }
            const bool keep = is_kept(key);
            GgufValue value = read_value(cursor, type, keep);
            if (keep) metadata.values_.emplace(key, std::move(value));
        } catch (manifests::Error& error) {
            if (error.fault() == manifests::Fault::damaged) error.in("key " + in_quotes(key));
            throw;
        }
    }
    return metadata;
}

const GgufValue* GgufMetadata::find(std::string_view key) const {
    const auto value = values_.find(key);
    return value == values_.end() ? nullptr : &value->second;
}

std::optional<std::uint64_t> GgufMetadata::count(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->kind != GgufValue::Kind::count) damaged("key " + in_quotes(key) + " is not a count");
    return value->count;
}

std::optional<std::string> GgufMetadata::text(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) return std::nullopt;
    if (value->kind != GgufValue::Kind::text) damaged("key " + in_quotes(key) + " is not a text");
    return value->text;
}

std::vector<std::uint64_t> GgufMetadata::counts(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) return {};
    if (value->kind == GgufValue::Kind::count) return {value->count};
    if (value->kind != GgufValue::Kind::counts)
        damaged("key " + in_quotes(key) + " is neither a count nor a list of them");
    return value->counts;
}

std::uint64_t GgufMetadata::elements(std::string_view key) const {
    const GgufValue* value = find(key);
    return value == nullptr ? 0 : value->count;
}

} // namespace packager
