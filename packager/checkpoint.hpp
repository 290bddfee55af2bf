#pragma once
// A model as its files are: weights in one or in many parts, their index, and what describes them. Only
// headers are read, one file after the other, and the list of each is dropped once it was checked, so a
// checkpoint of any size costs the names in its index.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/finding.hpp"
#include "packager/model_parameters.hpp"
#include "packager/model_shape.hpp"
#include "packager/tensors.hpp"
#include "packager/weight_sheet.hpp"
#include "runtime/blob_source.hpp"

namespace packager {

struct ModelFile {
    std::string path; ///< as the bundle or the folder names it; with "/" between folders
    std::uint64_t size_bytes = 0;
    bool is_weights = true; ///< false: not looked at for tensors, whatever is in it
    std::function<runtime::BlobAt()> open;
};

struct TypeTotal {
    std::uint64_t tensors = 0;
    std::uint64_t elements = 0;
    std::uint64_t bytes = 0;
};

struct WeightFile {
    std::string path;
    std::string format;
    std::uint64_t size_bytes = 0;
    std::uint64_t tensors = 0;
    std::uint64_t tensor_bytes = 0;
};

struct Checkpoint {
    manifests::Report report;
    std::vector<WeightFile> files;          ///< those whose tensors can be listed, by path
    std::map<std::string, TypeTotal> types; ///< by the type's name, as the files spell it
    std::uint64_t tensors = 0;
    std::uint64_t tensor_bytes = 0;
    WeightCounter weights; ///< the same by the parts of the model, for memory plans
    ModelShape shape;
    std::string shape_source; ///< path of the file that says it; empty: none does
    std::optional<ParameterCount> parameters;
    std::string parameters_source; ///< path, or "tensors": counted from the weights themselves
    std::string code_source;       ///< what names code of its own, a config.json first; empty: none does

    std::string format() const; ///< "safetensors", "gguf", both with a comma, or empty
};

/// Whether read_checkpoint() takes a file of this name for weights or for what describes them, whatever is in
/// it: ".safetensors", ".gguf", ".safetensors.index.json", "config.json", "quant_model_description.json".
bool is_model_file_name(std::string_view name);
/// The same for configurations of tokenizers and processors, which are asked only whether they name code.
bool is_side_config_name(std::string_view name);

/// Called for every weight file with its list, before the list is dropped.
using OnTensors = std::function<void(const ModelFile& file, const TensorList& list)>;

/// Findings: Code::model_format for a weight file or a config.json that breaks the rules of its format,
/// Code::model_shards for parts that do not belong together. A file is a weight file by its name
/// (.safetensors, .gguf) or by how it begins; other weights are let be.
/// @throws Error  Fault::io
Checkpoint read_checkpoint(std::vector<ModelFile> files, const OnTensors& on_tensors = {});

} // namespace packager
