#include "packager/planned_model.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

// As the files of such a model usually have them.
std::vector<std::string> usual_types(const ModelShape& shape) {
    std::vector<std::string> types;
    if (shape.dtype == "bfloat16") types.push_back("BF16");
    if (shape.dtype == "float16") types.push_back("F16");
    if (shape.dtype == "float32") types.push_back("F32");
    if (shape.quantisation.method.find("fp8") != std::string::npos) types.push_back("F8_E4M3");
    if (shape.quantisation.scheme.starts_with("W8A8")) types.push_back("I8");
    std::sort(types.begin(), types.end());
    return types;
}

struct WeightForm {
    std::string_view type;
    std::uint64_t bits;
    const char* stored; ///< as safetensors spells it; nullptr: packed into what says nothing
};

constexpr std::array<WeightForm, 5> forms{{{"bf16", 16, "BF16"},
                                           {"fp16", 16, "F16"},
                                           {"fp8", 8, "F8_E4M3"},
                                           {"int8", 8, "I8"},
                                           {"int4", 4, nullptr}}};

// Of embeddings, norms and routers, as safetensors spells it.
const char* wide_type(const ModelShape& shape, const manifests::TypeSupport* chip) {
    const auto lacks = [&](const char* type) {
        return chip != nullptr &&
               std::find(chip->lacks.begin(), chip->lacks.end(), type) != chip->lacks.end();
    };
    if (shape.dtype == "float16") return lacks("fp16") ? "BF16" : "F16";
    return lacks("bf16") ? "F16" : "BF16";
}

} // namespace

ReadModel planned_model(const Checkpoint& checkpoint, const std::string& unlisted) {
    ReadModel read;
    read.model.shape = checkpoint.shape;
    if (!unlisted.empty()) {
        read.unknown_weights = "the tensors of " + in_quotes(unlisted) + " cannot be listed";
    } else if (!checkpoint.files.empty()) {
        read.model.weights = checkpoint.weights.sheet(checkpoint.shape);
        read.model.weights_from_files = true;
    } else {
        read.model.weights = weights_by_formula(checkpoint.shape, weight_bits_of(checkpoint.shape));
        if (!read.model.weights) read.unknown_weights = "no formula is known for the weights of this model";
    }
    for (const auto& [type, total] : checkpoint.types)
        if (total.tensors != 0) read.model.tensor_types.push_back(type);
    if (checkpoint.files.empty()) read.model.tensor_types = usual_types(checkpoint.shape);
    return read;
}

std::string unlisted_weights(const Checkpoint& checkpoint, const std::vector<std::string>& weights) {
    for (const std::string& path : weights) {
        if (is_model_file_name(std::string_view(path).substr(path.rfind('/') + 1)))
            continue; // or it was refused
        const auto is_it = [&](const WeightFile& listed) { return listed.path == path; };
        if (std::none_of(checkpoint.files.begin(), checkpoint.files.end(), is_it)) return path;
    }
    return "";
}

PlannedModel converted(const PlannedModel& model, const std::string& type,
                       const manifests::TypeSupport* chip) {
    const auto form =
        std::find_if(forms.begin(), forms.end(), [&](const WeightForm& one) { return one.type == type; });
    if (form == forms.end())
        throw Error(Fault::usage,
                    "weight type " + in_quotes(type) + " is none of bf16, fp16, fp8, int8 and int4");
    PlannedModel other = model;
    other.weights = weights_by_formula(model.shape, {.matrix = form->bits, .other = 16});
    if (!other.weights)
        throw Error(Fault::missing, "no formula is known for the weights of this model, so none are computed")
            .hint("leave --weight-type out, and give the folder with the weights");
    other.weights_from_files = false;
    std::set<std::string> types{form->bits == 16 ? form->stored : wide_type(model.shape, chip)};
    if (form->stored != nullptr) types.insert(form->stored);
    other.tensor_types.assign(types.begin(), types.end());
    return other;
}

} // namespace packager
