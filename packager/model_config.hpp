#pragma once
// config.json of a Hugging Face model. Whatever it does not say stays "not said"; whatever it says with the
// wrong kind of value is refused, for a memory plan that rests on -1 layers is worse than none.

#include <string_view>

#include "packager/model_shape.hpp"

namespace packager {

/// Members of a nested `text_config` (multimodal models) are taken in preference to those beside it. Numbers
/// are counts below 2^40, layers at most 65536; `null` is as good as absent. Layers, heads (also those of
/// keys and values, which divide them), their width, the model's and the vocabulary are at least 1 where they
/// are said. Members that are not named here are not looked at.
/// @throws Error  Fault::damaged: not JSON by the rules of read_json, an empty object, or a member of the
///   wrong kind or with a value that no model has
/// Source: configuration_*.py of huggingface/transformers and of the models that bring their own
ModelShape read_model_config(std::string_view text);

/// Whether the document names code beside it that a loader would run: `auto_map`, here or in a part of it.
/// @throws Error  Fault::damaged
bool names_own_code(std::string_view text);

/// The scheme that quant_model_description.json of Ascend ModelSlim gives to most tensors: "W8A8_DYNAMIC".
/// Tensors that stay as they were ("FLOAT") do not count.
/// @throws Error  Fault::damaged
Quantisation read_modelslim_description(std::string_view text);

} // namespace packager
