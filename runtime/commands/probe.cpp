#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/fit.hpp"
#include "runtime/probe.hpp"
#include "runtime/probe_options.hpp"
#include "runtime/probe_output.hpp"
#include "runtime/profiles.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

using manifests::Machine;
using manifests::OrderedJson;

struct ProbeOptions {
    ProbeChoice probe;
    std::string profiles;
    bool identities = false;
    std::string file;
    OutputOptions output;
};

struct Candidate {
    StoredProfile stored;
    Fit fit;
};

bool has(const Fit& verdict, FitLine::Verdict wanted) {
    return std::any_of(verdict.lines.begin(), verdict.lines.end(),
                       [&](const FitLine& line) { return line.verdict == wanted; });
}

// A profile that asks for what the machine does not say is not one that it does not fit.
std::string_view answer_of(const Fit& verdict) {
    if (has(verdict, FitLine::Verdict::not_met)) return "no";
    return has(verdict, FitLine::Verdict::cannot_tell) ? "cannot tell" : "yes";
}

// Those that fit, best first, then those of which the machine does not say enough, then the others; by id.
std::vector<Candidate> judge(const std::vector<StoredProfile>& profiles, const Machine& machine) {
    std::vector<Candidate> candidates, others;
    for (StoredProfile& stored : fitting(profiles, machine)) {
        Fit verdict = fit(stored.profile, machine);
        candidates.push_back({std::move(stored), std::move(verdict)});
    }
    for (const StoredProfile& stored : profiles) {
        Fit verdict = fit(stored.profile, machine);
        if (verdict.fits()) continue;
        auto& list = has(verdict, FitLine::Verdict::not_met) ? others : candidates;
        list.push_back({stored, std::move(verdict)});
    }
    std::move(others.begin(), others.end(), std::back_inserter(candidates));
    return candidates;
}

OrderedJson json_of(const Candidate& candidate) {
    OrderedJson value;
    value["id"] = candidate.stored.profile.id;
    value["fits"] = candidate.fit.fits();
    value["answer"] = answer_of(candidate.fit);
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
    for (const auto decisive : {FitLine::Verdict::not_met, FitLine::Verdict::cannot_tell}) {
        for (const FitLine& line : verdict.lines)
            if (line.verdict == decisive) return line.requirement + ": " + line.found;
    }
    for (const FitLine& line : verdict.lines) {
        if (line.verdict != FitLine::Verdict::note) continue;
        if (line.code == manifests::Code::fit_cpu) return "made for " + line.wanted;
        return "note: " + line.requirement + ": " + line.found;
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
    for (const Candidate& candidate : candidates)
        profiles.safe_row(
            {candidate.stored.profile.id, std::string(answer_of(candidate.fit)), reason_of(candidate.fit)});
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

ProbeRequest request_for(const ProbeOptions& options, const std::vector<StoredProfile>& stored) {
    std::vector<manifests::Profile> profiles;
    for (const StoredProfile& one : stored)
        profiles.push_back(one.profile);
    ProbeRequest request = request_of(options.probe, profiles);
    if (options.identities) request.identities = ProbeRequest::Identities::include;
    return request;
}

int run_probe(const ProbeOptions& options) {
    if (!options.file.empty()) refuse_existing(options.file);
    const std::vector<StoredProfile> profiles = known_profiles(options.profiles);
    const Machine machine = probe_machine(request_for(options, profiles));
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
    add_sysroot_option(*command, options->probe);
    command->add_option("--profiles", options->profiles, "Folder of profiles")->type_name("DIR");
    add_evidence_options(*command, options->probe);
    command->add_flag("--identities", options->identities, "With serial numbers, UUIDs and the host name");
    command->add_option("-o,--output", options->file, "Write the JSON to FILE, which must not be there")
        ->type_name("FILE");
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_probe(*options); });
}

} // namespace runtime
