#pragma once
// A plug-in is a program that asks a vendor's tool and prints what it said as sealift.probe-evidence/1
// (manifests/probe_evidence.hpp). It is run only if the person at the keyboard names it.

#include <chrono>
#include <cstddef>
#include <string>

namespace runtime {

struct PluginLimits {
    std::chrono::milliseconds time = std::chrono::seconds(60); ///< npu-smi takes seconds for each device
    std::size_t output_bytes = 1U << 20;
};

/// Runs exactly the program at `path`: no arguments, no environment, standard input empty, "/" as its folder,
/// no new privileges, in a process group of its own that is killed when the time is up.
/// @return all that it wrote to standard output
/// @throws Error  Fault::io if it cannot be run, writes too much, takes too long or does not end with 0; the
///                last line of its standard error is part of the text, escaped
std::string run_probe_plugin(const std::string& path, const PluginLimits& limits = {});

} // namespace runtime
