#pragma once
// What a file is by its bytes, whatever its name says, and whether loading it can run code. Weights come in
// formats that hold numbers and in formats that hold programs; which one it is, is asked of every file of a
// bundle before it is packed.

#include <cstdint>
#include <string>
#include <string_view>

#include "packager/look_budget.hpp"
#include "packager/tensors.hpp"

namespace packager {

struct ContentLook {
    /// "safetensors", "gguf", "onnx", "pickle", "PyTorch archive", "PyTorch file", "npy", "zip", or a kind of
    /// container_kinds.hpp; empty: none of these. The first two only by how they begin. One file can be
    /// several things at once; this is the first of them, and the look is at all.
    std::string kind;
    /// Why loading it can run code, one line that can be printed; empty: nothing is known against it.
    std::string danger;
};

/// Reads the first and the last 64 KiB, and of whatever could be instructions of a pickle as far as they go.
/// Every file in an archive or behind a compression is looked at in the same way, to the sixth level. What
/// cannot be gone through to its end - broken, locked with a password, longer or deeper than the limits -
/// counts as dangerous: what is not seen is not cleared. What was unpacked stands in a temporary file
/// meanwhile.
/// @throws  whatever `read` throws; Error  Fault::io for the temporary file
/// Source: what Python's pickle, zipfile, tarfile and numpy.load, joblib.load and torch.load take for theirs
ContentLook look_at_content(std::uint64_t size_bytes, const ReadBytes& read, const LookLimits& limits = {});

/// Whether loaders unpickle files of such a name, whatever is in them: ".pkl", ".pickle", ".joblib", ".dill".
bool is_pickle_name(std::string_view name);

} // namespace packager
