#pragma once
// The files of a model, wherever they are: in a folder, in a bundle, or among what a recipe names.

#include <string>
#include <vector>

#include "packager/checkpoint.hpp"
#include "packager/inputs.hpp"
#include "runtime/bundle.hpp"

namespace packager {

/// Every regular file below the folder, with paths relative to it; links to files are followed, names that
/// begin with a dot are left out. @throws Error  Fault::io
std::vector<ModelFile> model_files_in(const std::string& folder);
/// The one file, and if it is a part of several (model-00001-of-00003.gguf), the parts beside it.
std::vector<ModelFile> model_files_beside(const std::string& file);
/// Weights and what describes them, read in place; nothing is compared with its digest.
/// @param bundle  must outlive the list
std::vector<ModelFile> model_files_of(const runtime::Bundle& bundle);
/// @param inputs  must outlive the list
std::vector<ModelFile> model_files_of(const Inputs& inputs);

/// What reads from an open blob.
ReadBytes reader_of(const runtime::BlobAt& blob);

} // namespace packager
