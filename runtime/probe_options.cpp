#include "runtime/probe_options.hpp"

#include <CLI/CLI.hpp>

#include "manifests/error.hpp"
#include "manifests/probe_evidence.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/probe_plugin.hpp"

namespace runtime {
namespace {

// One JSON document of at most a mebibyte, as the plug-in would print it.
constexpr std::uint64_t most_evidence_bytes = 1U << 20;

manifests::EvidenceFound evidence_of(const std::string& bytes, const std::string& where) {
    try {
        return manifests::parse_probe_evidence(bytes);
    } catch (manifests::Error& error) {
        error.in(where).as(manifests::Fault::io); // it says nothing about the machine, so this is no answer
        throw;
    }
}

void refuse_contradictions(const ProbeChoice& options) {
    if (options.sysroot.empty() || options.plugins.empty()) return;
    throw manifests::Error(manifests::Fault::usage,
                           "--plugin asks this machine, and --sysroot is another one")
        .hint("run the plug-in there, keep what it prints, and give it with --evidence");
}

} // namespace

void add_sysroot_option(CLI::App& command, ProbeChoice& options) {
    command.add_option("--sysroot", options.sysroot, "Root of a tree copied from another machine")
        ->type_name("DIR");
}

void add_evidence_options(CLI::App& command, ProbeChoice& options) {
    const auto repeatable = [&](const char* name, std::vector<std::string>& list, const char* about) {
        command.add_option(name, list, about)->allow_extra_args(false)->type_name("FILE");
    };
    repeatable("--plugin", options.plugins,
               "Run this program, which asks a vendor's tool, and record what it says; may be given again");
    repeatable("--evidence", options.evidence,
               "What such a program said, sealift.probe-evidence/1; may be given again");
}

ProbeRequest request_of(const ProbeChoice& options, const std::vector<manifests::Profile>& profiles) {
    refuse_contradictions(options);
    ProbeRequest request{.sysroot = options.sysroot};
    for (const manifests::Profile& profile : profiles) {
        for (VersionPlace& place : version_places_of(profile))
            request.places.push_back(std::move(place));
        for (const manifests::AcceleratorRequirement& accelerator : profile.accelerators)
            request.nodes.insert(request.nodes.end(), accelerator.device_nodes.begin(),
                                 accelerator.device_nodes.end());
    }
    for (const std::string& path : options.plugins)
        request.evidence.push_back(evidence_of(run_probe_plugin(path), path));
    for (const std::string& path : options.evidence)
        request.evidence.push_back(evidence_of(read_small_file(path, most_evidence_bytes), path));
    return request;
}

} // namespace runtime
