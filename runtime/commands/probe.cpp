#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/probe_evidence.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/fit.hpp"
#include "runtime/probe.hpp"
#include "runtime/probe_output.hpp"
#include "runtime/probe_plugin.hpp"
#include "runtime/profiles.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

using manifests::Machine;
using manifests::OrderedJson;

struct ProbeOptions {
    std::string sysroot;
    std::string profiles;
    std::vector<std::string> plugins;
    std::vector<std::string> evidence;
    bool identities = false;
    std::string file;
    OutputOptions output;
};

struct Candidate {
    StoredProfile stored;
    Fit fit;
};

// Those that fit, best first, then the others by id.
std::vector<Candidate> judge(const std::vector<StoredProfile>& profiles, const Machine& machine) {
    std::vector<Candidate> candidates;
    for (StoredProfile& stored : fitting(profiles, machine)) {
        Fit verdict = fit(stored.profile, machine);
        candidates.push_back({std::move(stored), std::move(verdict)});
    }
    for (const StoredProfile& stored : profiles) {
        Fit verdict = fit(stored.profile, machine);
        if (!verdict.fits()) candidates.push_back({stored, std::move(verdict)});
    }
    return candidates;
}

OrderedJson json_of(const Candidate& candidate) {
    OrderedJson value;
    value["id"] = candidate.stored.profile.id;
    value["fits"] = candidate.fit.fits();
    value["reasons"] = report_json(report_of(candidate.fit));
    return value;
}

OrderedJson json_of(const Machine& machine, const std::vector<Candidate>& candidates) {
    OrderedJson value;
    value["schema"] = "sealift.probe/1";
    value["machine"] = machine.to_json();
    value["best_profile"] = nullptr;
    if (!candidates.empty() && candidates.front().fit.fits()) {
        value["best_profile"] = candidates.front().stored.profile.id;
    }
    value["profiles"] = OrderedJson::array();
    for (const Candidate& candidate : candidates)
        value["profiles"].push_back(json_of(candidate));
    return value;
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& item : list)
        text += (text.empty() ? "" : " ") + item;
    return text;
}

// Instruction names by the dozen would make the column of the table above endless.
void print_features(const manifests::CpuFound& cpu) {
    print("\ninstructions: " + (cpu.features.empty() ? "unknown" : harmless(joined(cpu.features))) + "\n");
    if (!cpu.disabled_features.empty()) {
        print("switched off by the operating system: " + harmless(joined(cpu.disabled_features)) + "\n");
    }
    print("\n");
}

std::string reason_of(const Fit& verdict) {
    for (const FitLine& line : verdict.lines) {
        if (line.verdict == FitLine::Verdict::not_met || line.verdict == FitLine::Verdict::cannot_tell) {
            return line.requirement + ": " + line.found;
        }
    }
    for (const FitLine& line : verdict.lines) {
        if (line.verdict == FitLine::Verdict::note) return "made for " + line.wanted;
    }
    return "";
}

void print_table(const Machine& machine, const std::vector<Candidate>& candidates) {
    Table about({"MACHINE", "FOUND"});
    for (std::vector<std::string>& row : machine_rows(machine))
        about.row(std::move(row));
    print(about.text());
    print_features(machine.cpu);
    Table profiles({"PROFILE", "FITS", "REASON"});
    for (const Candidate& candidate : candidates) {
        const bool fits = candidate.fit.fits();
        profiles.row({candidate.stored.profile.id, fits ? "yes" : "no", reason_of(candidate.fit)});
    }
    if (!profiles.empty()) print(profiles.text());
}

// A bare site may hold nothing but this program; the machine can be shown without profiles.
std::vector<StoredProfile> known_profiles(const std::string& asked) {
    try {
        return all_profiles(asked);
    } catch (const manifests::Error& error) {
        if (error.fault() != manifests::Fault::missing) throw;
        note(std::string(error.what()) + "; " + error.hint());
        return {};
    }
}

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

ProbeRequest request_of(const ProbeOptions& options, const std::vector<StoredProfile>& profiles) {
    if (!options.sysroot.empty() && !options.plugins.empty()) {
        throw manifests::Error(manifests::Fault::usage,
                               "--plugin asks this machine, and --sysroot is another one")
            .hint("run the plug-in there, keep what it prints, and give it with --evidence");
    }
    ProbeRequest request{.sysroot = options.sysroot};
    if (options.identities) request.identities = ProbeRequest::Identities::include;
    for (const StoredProfile& stored : profiles) {
        for (VersionPlace& place : version_places_of(stored.profile))
            request.places.push_back(std::move(place));
    }
    for (const std::string& path : options.plugins)
        request.evidence.push_back(evidence_of(run_probe_plugin(path), path));
    for (const std::string& path : options.evidence)
        request.evidence.push_back(evidence_of(read_small_file(path, most_evidence_bytes), path));
    return request;
}

int run_probe(const ProbeOptions& options) {
    if (!options.file.empty()) refuse_existing(options.file);
    const std::vector<StoredProfile> profiles = known_profiles(options.profiles);
    const Machine machine = probe_machine(request_of(options, profiles));
    const std::vector<Candidate> candidates = judge(profiles, machine);
    if (!options.file.empty()) {
        write_file_whole(options.file, manifests::write_json_for_people(json_of(machine, candidates)));
    } else if (options.output.format == Format::json) {
        print_json(json_of(machine, candidates));
    } else {
        print_table(machine, candidates);
    }
    return 0;
}

} // namespace

void add_probe(CLI::App& app, int& status) {
    auto options = std::make_shared<ProbeOptions>();
    auto* command = app.add_subcommand("probe", "Show what this machine is and which profiles it fits");
    command->add_option("--sysroot", options->sysroot, "Root of a tree copied from another machine")
        ->type_name("DIR");
    command->add_option("--profiles", options->profiles, "Folder of profiles")->type_name("DIR");
    const auto repeatable = [&](const char* name, std::vector<std::string>& list, const char* about) {
        command->add_option(name, list, about)->allow_extra_args(false)->type_name("FILE");
    };
    repeatable("--plugin", options->plugins,
               "Run this program, which asks a vendor's tool, and record what it says; may be given again");
    repeatable("--evidence", options->evidence,
               "What such a program said, sealift.probe-evidence/1; may be given again");
    command->add_flag("--identities", options->identities, "With serial numbers, UUIDs and the host name");
    command->add_option("-o,--output", options->file, "Write the JSON to FILE, which must not be there")
        ->type_name("FILE");
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_probe(*options); });
}

} // namespace runtime
