#include "packager/planned_model.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/model_config.hpp"
#include "packager/weights_diff.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

constexpr std::string_view config_name = "config.json";
constexpr std::string_view modelslim_name = "quant_model_description.json";

std::string_view name_in(std::string_view path) {
    return path.substr(path.find_last_of('/') == std::string_view::npos ? 0 : path.find_last_of('/') + 1);
}

std::string_view folder_of(std::string_view path) {
    const std::size_t slash = path.find_last_of('/');
    return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

// In the folder of the weights first; then the one with the shortest way to it.
const ModelFile* nearest(const std::vector<ModelFile>& files, std::string_view name) {
    std::set<std::string_view> folders;
    for (const ModelFile& file : files)
        if (file.is_weights) folders.insert(folder_of(file.path));
    const auto distance = [&](const ModelFile& file) {
        const auto depth = std::count(file.path.begin(), file.path.end(), '/');
        return std::make_pair(folders.contains(folder_of(file.path)) ? 0 : 1, depth);
    };
    const ModelFile* best = nullptr;
    for (const ModelFile& file : files) {
        if (file.is_weights || name_in(file.path) != name) continue;
        if (best == nullptr || distance(file) < distance(*best)) best = &file;
    }
    return best;
}

template<typename Read>
auto read_document(const ModelFile& file, std::uint64_t most_bytes, Read read) {
    try {
        return read(runtime::read_blob(file.blob, most_bytes));
    } catch (Error& error) {
        if (error.fault() == Fault::damaged) error.in(file.path);
        throw;
    }
}

/// Adds up weight files; the lists of one are forgotten before the next is read.
class Reader {
public:
    explicit Reader(const std::vector<ModelFile>& files) : files_(files) {}

    ReadModel read() {
        read_config();
        read_quantisation();
        add_weights();
        return std::move(result_);
    }

private:
    void read_config() {
        const ModelFile* file = nearest(files_, config_name);
        if (file == nullptr) return;
        constexpr std::uint64_t most_bytes = 64ULL << 20;
        result_.model.shape =
            read_document(*file, most_bytes, [](const std::string& text) { return read_model_config(text); });
    }

    void read_quantisation() {
        const ModelFile* file = nearest(files_, modelslim_name);
        if (file == nullptr || result_.model.shape.quantisation.bits != 0) return;
        constexpr std::uint64_t most_bytes = 64ULL << 20;
        result_.model.shape.quantisation = read_document(
            *file, most_bytes, [](const std::string& text) { return read_modelslim_description(text); });
    }

    void add_weights() {
        const bool has_weights =
            std::any_of(files_.begin(), files_.end(), [](const ModelFile& file) { return file.is_weights; });
        if (!has_weights) return compute_weights();
        WeightCounter counter(result_.model.shape);
        std::set<std::string> types;
        for (const ModelFile& file : files_)
            if (file.is_weights) add_file(file, counter, types);
        result_.model.tensor_types.assign(types.begin(), types.end());
        if (!result_.unknown_weights.empty()) return;
        result_.model.weights = counter.finish();
        result_.model.weights_from_files = true;
    }

    void add_file(const ModelFile& file, WeightCounter& counter, std::set<std::string>& types) {
        const TensorListing listing = list_tensors(file.blob);
        if (!listing.list) {
            if (result_.unknown_weights.empty())
                result_.unknown_weights = in_quotes(file.path) + ": " + listing.reason;
            return;
        }
        for (const Tensor& tensor : listing.list->tensors) {
            counter.add(tensor.name, tensor.shape.size(), tensor.size_bytes);
            types.insert(tensor.type);
        }
    }

    void compute_weights() {
        PlannedModel& model = result_.model;
        model.weights = weights_by_formula(model.shape, weight_bits_of(model.shape));
        if (!model.weights) result_.unknown_weights = "no formula is known for the weights of this model";
        model.tensor_types = usual_types(model.shape);
    }

    // As the files of such a model usually have them.
    static std::vector<std::string> usual_types(const ModelShape& shape) {
        std::vector<std::string> types;
        if (shape.dtype == "bfloat16") types.push_back("BF16");
        if (shape.dtype == "float16") types.push_back("F16");
        if (shape.dtype == "float32") types.push_back("F32");
        if (shape.quantisation.method.find("fp8") != std::string::npos) types.push_back("F8_E4M3");
        if (shape.quantisation.scheme.starts_with("W8A8")) types.push_back("I8");
        std::sort(types.begin(), types.end());
        return types;
    }

    const std::vector<ModelFile>& files_;
    ReadModel result_;
};

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

} // namespace

ReadModel read_model(const std::vector<ModelFile>& files) {
    return Reader(files).read();
}

std::vector<std::string> tensor_types_of(const std::vector<ModelFile>& files) {
    std::set<std::string> types;
    for (const ModelFile& file : files) {
        if (!file.is_weights) continue;
        const TensorListing listing = list_tensors(file.blob);
        if (!listing.list) continue;
        for (const Tensor& tensor : listing.list->tensors)
            types.insert(tensor.type);
    }
    return {types.begin(), types.end()};
}

PlannedModel converted(const PlannedModel& model, const std::string& type) {
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
    std::set<std::string> types{form->bits == 16 ? form->stored : "BF16"};
    if (form->stored != nullptr) types.insert(form->stored);
    other.tensor_types.assign(types.begin(), types.end());
    return other;
}

bool describes_model(const std::string& path) {
    return name_in(path) == config_name || name_in(path) == modelslim_name;
}

} // namespace packager
