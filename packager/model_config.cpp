#include "packager/model_config.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <map>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/json_members.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::in_quotes;
using manifests::Json;
using manifests::refuse_document;

constexpr std::uint64_t most_count = std::uint64_t{1} << 40;
constexpr std::uint64_t most_config_bytes = 16ULL << 20; // label maps of classifiers have a megabyte

std::string shown(const Json& value) {
    if (value.is_object()) return value.empty() ? "an empty object" : "an object";
    if (value.is_array()) return "a list of " + std::to_string(value.size());
    return value.is_string() ? in_quotes(value.get_ref<const std::string&>()) : value.dump();
}

// One part of the document and the whole around it: a multimodal model says most in its text_config.
class Config {
public:
    explicit Config(const Json& whole) : whole_(whole), part_(part_of(whole)) {}

    const Json* find(const char* name) const {
        for (const Json* from : {&part_, &whole_}) {
            const auto member = from->find(name);
            if (member != from->end() && !member->is_null()) return &*member;
        }
        return nullptr;
    }
    /// The first of several spellings of one thing.
    std::uint64_t count(std::initializer_list<const char*> names, std::uint64_t most = most_count) const {
        for (const char* name : names)
            if (const Json* value = find(name)) return count_in(*value, name, most);
        return 0;
    }
    std::string text(std::initializer_list<const char*> names) const {
        for (const char* name : names) {
            const Json* value = find(name);
            if (value == nullptr) continue;
            if (!value->is_string()) refuse(name, shown(*value), "a text");
            return value->get<std::string>();
        }
        return "";
    }
    bool flag(const char* name, bool otherwise) const {
        const Json* value = find(name);
        if (value == nullptr) return otherwise;
        if (!value->is_boolean()) refuse(name, shown(*value), "true or false");
        return value->get<bool>();
    }
    const Json* list(const char* name) const {
        const Json* value = find(name);
        if (value == nullptr) return nullptr;
        if (!value->is_array() || value->size() > most_layers)
            refuse(name, shown(*value), "a list of at most " + std::to_string(most_layers));
        return value;
    }
    std::vector<std::string> texts(const char* name) const {
        std::vector<std::string> all;
        const Json* values = list(name);
        if (values == nullptr) return all;
        for (const Json& value : *values) {
            if (!value.is_string()) refuse(name, "a list with " + shown(value), "texts in it");
            all.push_back(value.get<std::string>());
        }
        return all;
    }
    std::vector<std::uint64_t> counts(const char* name) const {
        std::vector<std::uint64_t> all;
        const Json* values = list(name);
        if (values == nullptr) return all;
        for (const Json& value : *values)
            all.push_back(count_in(value, name, most_count));
        return all;
    }
    const Json* object(const char* name) const {
        const Json* value = find(name);
        if (value != nullptr && !value->is_object()) refuse(name, shown(*value), "an object");
        return value;
    }

    /// What a model that says it at all has at least one of.
    std::uint64_t positive(std::initializer_list<const char*> names, std::uint64_t most = most_count) const {
        for (const char* name : names) {
            const Json* value = find(name);
            if (value != nullptr && count_in(*value, name, most) == 0)
                refuse(name, "0", "1 to " + std::to_string(most));
        }
        return count(names, most);
    }

    [[noreturn]] static void refuse(const std::string& name, const std::string& found,
                                    const std::string& wanted) {
        refuse_document("member " + in_quotes(name) + " is " + found + ", wanted " + wanted);
    }
    static std::uint64_t count_in(const Json& value, const char* name, std::uint64_t most) {
        if (!value.is_number_unsigned() || value.get<std::uint64_t>() > most)
            refuse(name, shown(value), "a count of at most " + std::to_string(most));
        return value.get<std::uint64_t>();
    }

private:
    static const Json& part_of(const Json& whole) {
        if (!whole.is_object() || whole.empty())
            refuse_document("found " + shown(whole) + ", wanted the configuration of a model");
        for (const char* name : {"text_config", "llm_config", "language_config"}) {
            const auto part = whole.find(name);
            if (part == whole.end() || part->is_null()) continue;
            if (!part->is_object()) refuse(name, shown(*part), "an object");
            return *part;
        }
        return whole;
    }

    const Json& whole_;
    const Json& part_;
};

Json parse(std::string_view text) {
    return manifests::read_json(text, {.most_bytes = most_config_bytes,
                                       .most_depth = 32,
                                       .most_members = 500'000,
                                       .comments = false,
                                       .floats = true});
}

void read_attention(const Config& config, ModelShape& shape) {
    shape.heads = config.positive({"num_attention_heads", "n_head"});
    shape.kv_heads = config.positive({"num_key_value_heads"});
    shape.head_dim = config.positive({"head_dim"});
    shape.kv_lora_rank = config.count({"kv_lora_rank"});
    shape.q_lora_rank = config.count({"q_lora_rank"});
    shape.qk_nope_head_dim = config.count({"qk_nope_head_dim"});
    shape.qk_rope_head_dim = config.count({"qk_rope_head_dim"});
    shape.v_head_dim = config.count({"v_head_dim"});
    shape.index_head_dim = config.count({"index_head_dim"});
    shape.index_heads = config.count({"index_n_heads"});
    shape.context = config.count({"max_position_embeddings", "n_positions", "seq_length"});
    // Qwen2 gives a window and switches it off beside it.
    if (config.flag("use_sliding_window", true)) shape.sliding_window = config.count({"sliding_window"});
    shape.layer_types = config.texts("layer_types");
    shape.compress_ratios = config.counts("compress_ratios");
    shape.linear_key_heads = config.count({"linear_num_key_heads"});
    shape.linear_value_heads = config.count({"linear_num_value_heads"});
    shape.linear_key_dim = config.count({"linear_key_head_dim"});
    shape.linear_value_dim = config.count({"linear_value_head_dim"});
    shape.linear_conv_width = config.count({"linear_conv_kernel_dim"});
    const bool biased = shape.model_type == "qwen2" || shape.model_type == "qwen2_moe";
    shape.attention_bias = config.flag("attention_bias", biased);
}

// A number for every n-th layer, or a 0 or 1 for each.
void read_layer_pattern(const Config& config, ModelShape& shape) {
    const Json* pattern = config.find("moe_layer_freq");
    if (pattern == nullptr) return;
    if (!pattern->is_array()) {
        shape.moe_layer_freq = config.count({"moe_layer_freq"}, most_layers);
        return;
    }
    const std::vector<std::uint64_t> layers = config.counts("moe_layer_freq");
    for (std::size_t i = 0; i < layers.size(); ++i)
        if (layers[i] == 0) shape.dense_layers.push_back(i);
}

void read_experts(const Config& config, ModelShape& shape) {
    shape.experts = config.count({"n_routed_experts", "num_experts", "num_local_experts", "moe_num_experts"});
    shape.shared_experts = config.count({"n_shared_experts", "num_shared_experts", "moe_num_shared_experts"});
    shape.experts_per_token = config.count({"num_experts_per_tok", "num_experts_per_token", "moe_k"});
    shape.moe_intermediate = config.count({"moe_intermediate_size"});
    shape.shared_intermediate = config.count({"shared_expert_intermediate_size"});
    shape.first_dense_layers = config.count({"first_k_dense_replace"}, most_layers);
    shape.sparse_step = config.count({"decoder_sparse_step"}, most_layers);
    read_layer_pattern(config, shape);
    for (const std::uint64_t layer : config.counts("mlp_only_layers"))
        shape.dense_layers.push_back(layer);
    std::sort(shape.dense_layers.begin(), shape.dense_layers.end());
}

bool is_text(const Json& from, const char* name, std::string& text) {
    const auto value = from.find(name);
    if (value == from.end() || !value->is_string()) return false;
    text = value->get<std::string>();
    return true;
}

// The first "num_bits" of a group's weights, as compressed-tensors writes them.
std::uint64_t group_bits(const Json& quantisation) {
    const auto groups = quantisation.find("config_groups");
    if (groups == quantisation.end() || !groups->is_object()) return 0;
    for (const auto& [name, group] : groups->items()) {
        if (!group.is_object() || !group.contains("weights") || !group["weights"].is_object()) continue;
        const Json& weights = group["weights"];
        if (weights.contains("num_bits")) return Config::count_in(weights["num_bits"], "num_bits", 64);
    }
    return 0;
}

// Each method spells it in its own way; what is of the wrong kind in it is only not said, for these documents
// change with every tool.
Quantisation read_quantisation(const Config& config) {
    Quantisation quantisation;
    const Json* from = config.object("quantization_config");
    if (from == nullptr) from = config.object("compression_config");
    if (from == nullptr) return quantisation;
    if (!is_text(*from, "quant_method", quantisation.method))
        is_text(*from, "quant_algo", quantisation.method);
    for (const char* name : {"fmt", "format", "quant_type", "scheme", "weight_format", "version"})
        if (is_text(*from, name, quantisation.scheme)) break;
    for (const char* name : {"bits", "w_bit", "weight_bits"})
        if (from->contains(name) && (*from)[name].is_number_unsigned())
            quantisation.bits = Config::count_in((*from)[name], name, 64);
    if (quantisation.bits == 0) quantisation.bits = group_bits(*from);
    if (quantisation.bits == 0 && quantisation.method.find("fp8") != std::string::npos) quantisation.bits = 8;
    if (quantisation.bits == 0 && quantisation.method.find("fp4") != std::string::npos) quantisation.bits = 4;
    if (from->contains("load_in_4bit") && (*from)["load_in_4bit"] == true) quantisation.bits = 4;
    if (from->contains("load_in_8bit") && (*from)["load_in_8bit"] == true) quantisation.bits = 8;
    return quantisation;
}

bool has_auto_map(const Json& value) {
    if (!value.is_object()) return false;
    if (value.contains("auto_map") && !value["auto_map"].empty()) return true;
    return std::any_of(value.begin(), value.end(), has_auto_map);
}

// What no model can be, each figure for itself being one.
void check_together(const ModelShape& shape) {
    const auto divides = [](std::uint64_t part, std::uint64_t whole) {
        return part != 0 && whole % part == 0;
    };
    if (shape.heads != 0 && shape.kv_heads != 0 && !divides(shape.kv_heads, shape.heads))
        Config::refuse("num_key_value_heads", std::to_string(shape.kv_heads),
                       "a divisor of the " + std::to_string(shape.heads) + " of num_attention_heads");
    if (shape.experts != 0 && shape.experts_per_token > shape.experts)
        Config::refuse("num_experts_per_tok", std::to_string(shape.experts_per_token),
                       "at most the " + std::to_string(shape.experts) + " experts of a layer");
}

} // namespace

ModelShape read_model_config(std::string_view text) {
    const Json whole = parse(text);
    const Config config(whole);
    ModelShape shape;
    shape.model_type = config.text({"model_type"});
    if (const auto outer = whole.find("architectures"); outer != whole.end() && !outer->is_null())
        shape.architectures = Config(whole).texts("architectures");
    shape.layers = config.positive({"num_hidden_layers", "n_layer", "num_layers"}, most_layers);
    shape.hidden = config.positive({"hidden_size", "n_embd"});
    shape.intermediate = config.count({"intermediate_size"});
    read_attention(config, shape);
    read_experts(config, shape);
    shape.vocabulary = config.positive({"vocab_size"});
    const bool usually_tied = shape.model_type.starts_with("gemma") || shape.model_type.starts_with("cohere");
    shape.tied_embeddings = config.flag("tie_word_embeddings", usually_tied);
    shape.mtp_layers = config.count({"num_nextn_predict_layers", "mtp_num_hidden_layers"}, most_layers);
    shape.dtype = config.text({"dtype", "torch_dtype"});
    shape.quantisation = read_quantisation(config);
    check_together(shape);
    return shape;
}

bool names_own_code(std::string_view text) {
    return has_auto_map(parse(text));
}

Quantisation read_modelslim_description(std::string_view text) {
    std::map<std::string, std::uint64_t> schemes;
    const auto count_scheme = [&](const std::string&, const Json& value) {
        if (value.is_string() && value.get_ref<const std::string&>().starts_with('W'))
            ++schemes[value.get<std::string>()];
    };
    manifests::read_json_members(text, "", count_scheme,
                                 {.most_bytes = 64ULL << 20,
                                  .most_depth = 32,
                                  .most_members = 2'000'000,
                                  .comments = false,
                                  .floats = true});
    Quantisation quantisation{.method = "modelslim", .scheme = "", .bits = 0};
    std::uint64_t most = 0;
    for (const auto& [scheme, tensors] : schemes) {
        if (tensors <= most) continue;
        most = tensors;
        quantisation.scheme = scheme;
    }
    for (std::size_t i = 1; i < quantisation.scheme.size() && i < 3; ++i) { // the number in W8A8
        const char digit = quantisation.scheme[i];
        if (digit < '0' || digit > '9') break;
        quantisation.bits = 10 * quantisation.bits + static_cast<std::uint64_t>(digit - '0');
    }
    return quantisation;
}

} // namespace packager
