#pragma once
// The options with which a person adds to what a machine says of itself, the same for every command that asks
// whether a bundle fits.

#include <cstdint>
#include <string>

#include "manifests/machine.hpp"

namespace CLI {
class App;
}

namespace runtime {

struct FitChoice {
    std::string sysroot; ///< empty: this machine
    std::uint64_t nodes = 1;
};

/// --nodes
void add_nodes_option(CLI::App& command, std::uint64_t& nodes);
/// --nodes, and what the probe of this machine takes
void add_fit_options(CLI::App& command, FitChoice& options);

/// --sysroot
void add_sysroot_option(CLI::App& command, FitChoice& options);
bool is_this_machine(const FitChoice& options);
/// "this machine", or the tree that was named
std::string machine_name(const FitChoice& options);

/// This machine, or the tree copied from another one. @throws Error  as probe_machine
manifests::Machine probe_for(const FitChoice& options);

} // namespace runtime
