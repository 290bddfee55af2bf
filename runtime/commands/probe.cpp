#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/fit.hpp"
#include "runtime/probe.hpp"
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

void add_machine_rows(Table& table, const Machine& machine) {
    const manifests::CpuFound& cpu = machine.cpu;
    table.row({"architecture", cpu.architecture});
    table.row({"processor", cpu.brand});
    std::string identity = cpu.vendor;
    if (cpu.family != 0) {
        identity += (identity.empty() ? "family " : ", family ") + std::to_string(cpu.family) + " model " +
                    std::to_string(cpu.model) + " stepping " + std::to_string(cpu.stepping);
    }
    table.row({"identity", identity});
    table.row({"processors", cpu.logical_count == 0 ? "" : std::to_string(cpu.logical_count)});
    table.row({"memory", machine.memory_bytes == 0 ? "" : manifests::size_text(machine.memory_bytes)});
    table.row(
        {"kernel", machine.kernel_name + (machine.kernel_name.empty() ? "" : " ") + machine.kernel_release});
    table.row({"system", machine.firmware.system_vendor +
                             (machine.firmware.system_vendor.empty() ? "" : " ") +
                             machine.firmware.product_name});
    table.row({"firmware", machine.firmware.bios_version});
    for (const manifests::PciFound& device : machine.accelerators) {
        table.row({"accelerator", device.address + " " + device.id + (device.vendor.empty() ? "" : " ") +
                                      device.vendor +
                                      (device.driver.empty() ? "" : ", driver " + device.driver)});
    }
    if (machine.accelerators.empty()) table.row({"accelerator", "none"});
    for (const std::string& path : machine.unreadable)
        table.row({"unreadable", path});
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
    add_machine_rows(about, machine);
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

int run_probe(const ProbeOptions& options) {
    const Machine machine = probe_machine(options.sysroot);
    const std::vector<Candidate> candidates = judge(known_profiles(options.profiles), machine);
    if (options.output.format == Format::json) {
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
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_probe(*options); });
}

} // namespace runtime
