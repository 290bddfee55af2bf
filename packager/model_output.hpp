#pragma once
// What the headers of a model say, for people and for scripts.

#include <string>

#include "manifests/json.hpp"
#include "manifests/json_stream.hpp"
#include "packager/checkpoint.hpp"

namespace packager {

/// Lines of "name  what", then a table of the types; nothing is in it that no file says.
std::string model_text(const Checkpoint& checkpoint);

/// A line for the file, then a table of its tensors.
std::string tensors_text(const ModelFile& file, const TensorList& list);

/// The tensors of one file as elements of an open list: file, name, type, shape, offset, size_bytes.
void stream_tensors(manifests::JsonStream& json, const ModelFile& file, const TensorList& list);

/// The members of schema sealift.model/1 beside `schema` and `tensors`. What is not said is not there.
manifests::OrderedJson model_json(const Checkpoint& checkpoint);

/// "[7168, 512]"
std::string shape_text(const std::vector<std::uint64_t>& shape);

} // namespace packager
