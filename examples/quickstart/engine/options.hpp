#pragma once
// The command line of tiny_engine.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "generator.hpp"

namespace engine {

struct Options {
    std::vector<std::string> libraries;
    std::vector<std::string> kernels;
    ModelSource model;
    std::uint16_t port = 0;
    int threads = 1;
    std::string model_id = "model";
    bool help = false;
};

extern const char* const usage;

/// @throws std::runtime_error  an option that is unknown, incomplete, given twice or out of range
Options parse_options(const std::vector<std::string>& arguments);

} // namespace engine
