#pragma once
// Kernel libraries: the code that computes on one kind of chip. llama.cpp would look for them in several
// folders, the working directory among them, run what it finds and quietly use the CPU when nothing better
// starts. Here exactly the given ones are loaded, and one that does not start is an error.

#include <cstddef>
#include <string>
#include <vector>

#include "llama_library.hpp"

namespace engine {

/// What computes.
struct Device {
    std::string backend; ///< name that the kernel library registers under: "CPU", "CUDA", "CANN", "Vulkan"
    std::string description; ///< of the first device of that backend, for example the name of the processor
    std::size_t count = 0;   ///< devices of that backend
};

/// Loads the libraries in the given order.
/// @return the first backend that is not the CPU, for that is where llama.cpp puts the model; else the CPU
/// @throws std::runtime_error  no path given; a library refuses this chip; a library finds no device
Device load_kernels(const LlamaLibrary& library, const std::vector<std::string>& paths);

} // namespace engine
