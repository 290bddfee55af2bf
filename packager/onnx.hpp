#pragma once
// Whether a file is an ONNX model: a protobuf message without any magic number, so its fields are what tells.

#include <cstdint>

#include "packager/tensors.hpp"

namespace packager {

/// The fields of the outermost message are gone through by their lengths, none is read: each is one of
/// ModelProto with its wire type, they end where the file ends, ir_version is there and so is a graph.
/// @throws  whatever `read` throws
/// Source: onnx/onnx.proto, message ModelProto
bool is_onnx(std::uint64_t size_bytes, const ReadBytes& read);

} // namespace packager
