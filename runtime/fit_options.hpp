#pragma once
// The options with which a person adds to what a machine says of itself, the same for every command that asks
// whether a bundle fits.

#include <cstdint>
#include <string>

#include "manifests/machine.hpp"
#include "runtime/bundle.hpp"
#include "runtime/probe_options.hpp"

namespace CLI {
class App;
}

namespace runtime {

struct FitChoice {
    ProbeChoice probe;
    std::uint64_t nodes = 1;
    std::string profiles; ///< folder; empty: the usual one
};

/// --nodes
void add_nodes_option(CLI::App& command, std::uint64_t& nodes);
/// --nodes, --plugin, --evidence and --profiles
void add_fit_options(CLI::App& command, FitChoice& options);

bool is_this_machine(const FitChoice& options);
/// "this machine", or the tree that was named
std::string machine_name(const FitChoice& options);

/// This machine, or the tree copied from another one, as far as the bundle asks. @throws Error  as request_of
/// and probe_machine
manifests::Machine probe_for(const FitChoice& options, const Bundle& bundle);

} // namespace runtime
