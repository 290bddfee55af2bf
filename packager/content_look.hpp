#pragma once
// What a file is by its bytes, whatever its name says, and whether loading it can run code. Weights come in
// formats that hold numbers and in formats that hold programs; which one it is, is asked of every file of a
// bundle before it is packed.

#include <cstdint>
#include <string>
#include <string_view>

#include "packager/tensors.hpp"

namespace packager {

struct ContentLook {
    /// "safetensors", "gguf", "onnx", "pickle", "PyTorch archive", "PyTorch file", "npy", "zip", "7z", "tar",
    /// "compressed"; empty: none of these. The first two only by how they begin.
    std::string kind;
    /// Why loading it can run code, one line that can be printed; empty: nothing is known against it.
    std::string danger;
};

/// Reads the first and the last 64 KiB, of archives the list and the front of each file in it. An archive
/// that cannot be gone through to its end - broken, locked with a password, over 256 MiB to unpack - counts
/// as dangerous: what is not seen is not cleared.
/// @throws  whatever `read` throws
/// Source: what Python's pickle, zipfile and numpy.load, and torch.load, take for theirs
ContentLook look_at_content(std::uint64_t size_bytes, const ReadBytes& read);

/// Whether loaders unpickle files of such a name, whatever is in them: ".pkl", ".pickle", ".joblib", ".dill".
bool is_pickle_name(std::string_view name);

} // namespace packager
