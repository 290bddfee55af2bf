#include "kernels.hpp"

#include <stdexcept>

namespace engine {
namespace {

Device load_kernel(const LlamaLibrary& library, const std::string& path) {
    BackendRegistry* registry = library.ggml_backend_load(path.c_str());
    if (!registry)
        throw std::runtime_error("kernel library refused, it does not fit this chip or this engine: " + path);
    Device device;
    device.backend = library.ggml_backend_reg_name(registry);
    device.count = library.ggml_backend_reg_dev_count(registry);
    if (device.count == 0)
        throw std::runtime_error("kernel library " + path + " (" + device.backend +
                                 ") finds no device on this machine");
    device.description = library.ggml_backend_dev_description(library.ggml_backend_reg_dev_get(registry, 0));
    return device;
}

} // namespace

Device load_kernels(const LlamaLibrary& library, const std::vector<std::string>& paths) {
    if (paths.empty()) throw std::runtime_error("no kernel library given: use --kernel PATH");
    Device chosen;
    for (const std::string& path : paths) {
        const Device device = load_kernel(library, path);
        const bool better = chosen.count == 0 || (chosen.backend == "CPU" && device.backend != "CPU");
        if (better) chosen = device;
    }
    return chosen;
}

} // namespace engine
