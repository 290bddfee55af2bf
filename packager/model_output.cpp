#include "packager/model_output.hpp"

#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "packager/model_check.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::count_text;
using manifests::escaped;
using manifests::OrderedJson;
using manifests::size_text;

class Lines {
public:
    void add(const std::string& name, const std::string& what) {
        constexpr std::size_t column = 14;
        if (!what.empty()) text_ += name + std::string(column - name.size(), ' ') + what + "\n";
    }
    const std::string& text() const { return text_; }

private:
    std::string text_;
};

// "61 layers" for a number that is said.
std::string counted(std::uint64_t count, const std::string& what) {
    return count == 0 ? "" : count_text(count) + " " + what;
}

std::string joined(std::initializer_list<std::string> parts) {
    std::string text;
    for (const std::string& part : parts)
        if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string architecture_line(const ModelShape& shape) {
    std::string names;
    for (const std::string& name : shape.architectures)
        names += (names.empty() ? "" : ", ") + escaped(name);
    return joined({names, escaped(shape.model_type)});
}

std::string parameters_line(const Checkpoint& checkpoint) {
    if (!checkpoint.parameters)
        return checkpoint.tensors == 0 && checkpoint.shape_source.empty() ? "" : "cannot tell";
    const ParameterCount& count = *checkpoint.parameters;
    const std::string total = parameters_text(count.total) + " (" + count_text(count.total) + ")";
    const std::string active =
        count.active == count.total ? "" : parameters_text(count.active) + " active for each token";
    const std::string mtp =
        count.mtp == 0 ? "" : parameters_text(count.mtp) + " more for multi-token prediction";
    return joined({total, active, mtp, "from " + escaped(checkpoint.parameters_source)});
}

std::uint64_t dense_layers(const ModelShape& shape) {
    std::uint64_t dense = 0;
    for (std::uint64_t i = 0; i < shape.layers; ++i)
        dense += shape.has_experts(i) ? 0 : 1;
    return dense;
}

std::string experts_line(const ModelShape& shape) {
    if (!shape.has_experts()) return "";
    return joined({count_text(shape.experts) + " routed", counted(shape.experts_per_token, "for each token"),
                   counted(shape.shared_experts, "shared"), counted(dense_layers(shape), "layers without")});
}

std::string attention_line(const ModelShape& shape) {
    if (!shape.compress_ratios.empty()) return "compressed, by a ratio for each layer";
    if (shape.is_latent())
        return "latent (MLA), " + count_text(shape.kv_lora_rank) + " + " +
               count_text(shape.qk_rope_head_dim) + " cached for each token and layer";
    if (shape.heads == 0) return "";
    return joined({count_text(shape.heads) + " heads", counted(shape.kv_heads, "for keys and values"),
                   counted(shape.key_dim(), "wide"), counted(shape.sliding_window, "tokens in a window")});
}

std::string quantisation_line(const ModelShape& shape) {
    const Quantisation& found = shape.quantisation;
    if (found.method.empty()) return "";
    return joined({escaped(found.method) + (found.scheme.empty() ? "" : " " + escaped(found.scheme)),
                   counted(found.bits, "bits"), shape.dtype.empty() ? "" : "else " + escaped(shape.dtype)});
}

std::string types_table(const Checkpoint& checkpoint) {
    runtime::Table table({"TYPE", "TENSORS", "ELEMENTS", "BYTES", "SIZE"});
    for (std::size_t column = 1; column < 5; ++column)
        table.align_right(column);
    for (const auto& [name, total] : checkpoint.types)
        table.row({name, count_text(total.tensors), count_text(total.elements), count_text(total.bytes),
                   size_text(total.bytes)});
    return table.empty() ? "" : table.text();
}

void put(OrderedJson& object, const char* name, std::uint64_t count) {
    if (count != 0) object[name] = count;
}

void put(OrderedJson& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = runtime::json_text(text);
}

OrderedJson shape_json(const ModelShape& shape) {
    OrderedJson json = OrderedJson::object();
    put(json, "model_type", shape.model_type);
    if (!shape.architectures.empty()) json["architectures"] = shape.architectures;
    put(json, "layers", shape.layers);
    put(json, "hidden", shape.hidden);
    put(json, "heads", shape.heads);
    put(json, "kv_heads", shape.kv_heads);
    put(json, "head_dim", shape.key_dim());
    put(json, "intermediate", shape.intermediate);
    put(json, "experts", shape.experts);
    put(json, "shared_experts", shape.shared_experts);
    put(json, "experts_per_token", shape.experts_per_token);
    put(json, "moe_intermediate", shape.moe_intermediate);
    put(json, "kv_lora_rank", shape.kv_lora_rank);
    put(json, "q_lora_rank", shape.q_lora_rank);
    put(json, "qk_nope_head_dim", shape.qk_nope_head_dim);
    put(json, "qk_rope_head_dim", shape.qk_rope_head_dim);
    put(json, "v_head_dim", shape.v_head_dim);
    put(json, "vocabulary", shape.vocabulary);
    put(json, "mtp_layers", shape.mtp_layers);
    put(json, "context", shape.context);
    put(json, "sliding_window", shape.sliding_window);
    put(json, "dtype", shape.dtype);
    OrderedJson quantisation = OrderedJson::object();
    put(quantisation, "method", shape.quantisation.method);
    put(quantisation, "scheme", shape.quantisation.scheme);
    put(quantisation, "bits", shape.quantisation.bits);
    if (!quantisation.empty()) json["quantisation"] = std::move(quantisation);
    return json;
}

} // namespace

std::string shape_text(const std::vector<std::uint64_t>& shape) {
    std::string text = "[";
    for (const std::uint64_t dimension : shape)
        text += (text.size() > 1 ? ", " : "") + std::to_string(dimension);
    return text + "]";
}

std::string model_text(const Checkpoint& checkpoint) {
    const ModelShape& shape = checkpoint.shape;
    Lines lines;
    lines.add("format", checkpoint.files.empty()
                            ? ""
                            : checkpoint.format() + ", " +
                                  counted(checkpoint.files.size(),
                                          checkpoint.files.size() == 1 ? "weight file" : "weight files"));
    lines.add("architecture", architecture_line(shape));
    lines.add("parameters", parameters_line(checkpoint));
    lines.add("layers",
              joined({shape.layers == 0 ? "" : count_text(shape.layers), counted(shape.hidden, "wide")}));
    lines.add("attention", attention_line(shape));
    lines.add("experts", experts_line(shape));
    lines.add("vocabulary", shape.vocabulary == 0 ? "" : count_text(shape.vocabulary));
    lines.add("context", counted(shape.context, "tokens"));
    lines.add("quantisation", quantisation_line(shape));
    if (shape.quantisation.method.empty()) lines.add("computes in", escaped(shape.dtype));
    if (checkpoint.tensors != 0)
        lines.add("tensors", count_text(checkpoint.tensors) + ", " + count_text(checkpoint.tensor_bytes) +
                                 " bytes (" + size_text(checkpoint.tensor_bytes) + ")");
    return lines.text() + types_table(checkpoint);
}

std::string tensors_text(const ModelFile& file, const TensorList& list) {
    runtime::Table table({"TENSOR", "TYPE", "SHAPE", "BYTES"});
    table.align_right(3);
    for (const Tensor& tensor : list.tensors)
        table.row({tensor.name, tensor.type, shape_text(tensor.shape), count_text(tensor.size_bytes)});
    return escaped(file.path, 4096) + ": " + list.format + ", " + count_text(list.tensors.size()) +
           " tensors, " + size_text(file.size_bytes) + "\n" + table.text() + "\n";
}

void stream_tensors(manifests::JsonStream& json, const ModelFile& file, const TensorList& list) {
    const std::string path = runtime::json_text(file.path);
    for (const Tensor& tensor : list.tensors) {
        json.open_object();
        json.member("file", path);
        json.member("name", tensor.name);
        json.member("type", tensor.type);
        json.name("shape");
        json.open_list();
        for (const std::uint64_t dimension : tensor.shape)
            json.literal(std::to_string(dimension));
        json.close_list();
        json.name("offset");
        json.literal(std::to_string(tensor.offset));
        json.name("size_bytes");
        json.literal(std::to_string(tensor.size_bytes));
        json.close_object();
    }
}

OrderedJson model_json(const Checkpoint& checkpoint) {
    OrderedJson json = OrderedJson::object();
    put(json, "format", checkpoint.format());
    OrderedJson shape = shape_json(checkpoint.shape);
    if (!shape.empty()) {
        json["shape"] = std::move(shape);
        put(json, "shape_source", checkpoint.shape_source);
    }
    if (checkpoint.parameters) {
        json["parameters"] = {{"total", checkpoint.parameters->total},
                              {"active", checkpoint.parameters->active},
                              {"mtp", checkpoint.parameters->mtp}};
        put(json, "parameters_source", checkpoint.parameters_source);
    }
    json["tensor_count"] = checkpoint.tensors;
    json["tensor_bytes"] = checkpoint.tensor_bytes;
    OrderedJson types = OrderedJson::array();
    for (const auto& [name, total] : checkpoint.types)
        types.push_back({{"type", name},
                         {"tensors", total.tensors},
                         {"elements", total.elements},
                         {"size_bytes", total.bytes}});
    json["types"] = std::move(types);
    OrderedJson files = OrderedJson::array();
    for (const WeightFile& file : checkpoint.files)
        files.push_back({{"path", runtime::json_text(file.path)},
                         {"format", file.format},
                         {"size_bytes", file.size_bytes},
                         {"tensors", file.tensors},
                         {"tensor_bytes", file.tensor_bytes}});
    json["files"] = std::move(files);
    return json;
}

} // namespace packager
