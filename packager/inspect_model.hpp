#pragma once
// sealift inspect for the files of a model: a folder as a hub gives it, one file of it, or the weights inside
// of a bundle.

#include <string>

#include "packager/checkpoint.hpp"
#include "runtime/terminal.hpp"

namespace packager {

enum class InspectKind {
    bundle,
    model_folder,
    model_file,
    binary, ///< of the host or of an accelerator (inspect_binary.hpp)
};

/// By what is there: a folder is a bundle if it has an `oci-layout`; a file is one of a model if it is
/// config.json, or safetensors, GGUF, ONNX, PyTorch, NumPy or a pickle by its name or by its bytes, and so is
/// every archive and compression but tar, which a bundle is too; and a binary by its bytes.
/// @throws Error  Fault::io
InspectKind kind_of(const std::string& path);

enum class Listing { summary, tensors };

/// Prints. Findings of the check come too, and what is dangerous to load, with `path` being a folder or a
/// file.
/// @return the exit status: 0, or 1 if anything was refused
int inspect_model(const std::string& path, InspectKind kind, Listing listing,
                  const runtime::OutputOptions& output);

/// The same for the weights of a bundle, which are read in place.
int inspect_weights(const std::string& bundle, Listing listing, const runtime::OutputOptions& output);

} // namespace packager
