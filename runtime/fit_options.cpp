#include "runtime/fit_options.hpp"

#include <CLI/CLI.hpp>

#include "manifests/profile.hpp"
#include "runtime/probe.hpp"

namespace runtime {
namespace {
constexpr std::uint64_t most_nodes = 65536; // as many as a deployment has devices
}

void add_nodes_option(CLI::App& command, std::uint64_t& nodes) {
    command
        .add_option("--nodes", nodes,
                    "This machine is one of so many alike that share the model; the others are not looked at")
        ->check(CLI::Range(std::uint64_t{1}, most_nodes));
}

void add_fit_options(CLI::App& command, FitChoice& options) {
    add_nodes_option(command, options.nodes);
    add_evidence_options(command, options.probe);
    command
        .add_option(
            "--profiles", options.profiles,
            "Folder of profiles, which say what another chip lacks that is found in place of the bundle's")
        ->type_name("DIR");
}

bool is_this_machine(const FitChoice& options) {
    return options.probe.sysroot.empty();
}

std::string machine_name(const FitChoice& options) {
    return is_this_machine(options) ? "this machine" : options.probe.sysroot;
}

manifests::Machine probe_for(const FitChoice& options, const Bundle& bundle) {
    return probe_machine(request_of(options.probe, {manifests::Profile::parse(bundle.carried().profile)}));
}

} // namespace runtime
