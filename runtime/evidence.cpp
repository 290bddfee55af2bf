#include "runtime/evidence.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {
namespace {

using manifests::EvidenceFound;
using manifests::Machine;
using manifests::PciFound;
using manifests::SoftwareFound;

struct Claim {
    std::string tool;
    std::string text; ///< spelled as it is compared and shown
};

bool agree(const std::vector<Claim>& claims) {
    return std::all_of(claims.begin(), claims.end(),
                       [&](const Claim& claim) { return claim.text == claims.front().text; });
}

// The value to take over, if there is one; a contradiction is noted for each tool that takes part in it.
const Claim* settle(const std::vector<Claim>& claims, const std::string& of_files, const std::string& about,
                    std::vector<std::string>& conflicts) {
    if (claims.empty()) return nullptr;
    const bool files_speak = !of_files.empty();
    if (!files_speak && agree(claims)) return &claims.front();
    for (const Claim& claim : claims) {
        if (!files_speak) {
            conflicts.push_back(claim.tool + ": " + about + ": " + claim.text +
                                ", and another tool says otherwise");
        } else if (claim.text != of_files) {
            conflicts.push_back(claim.tool + ": " + about + ": " + claim.text + ", and files say " +
                                of_files);
        }
    }
    return nullptr;
}

using Said = std::function<std::string(const EvidenceFound::Device&)>;

std::vector<Claim> claims_about(const std::string& address, const std::vector<EvidenceFound>& evidence,
                                const Said& said) {
    std::vector<Claim> claims;
    for (const EvidenceFound& one : evidence) {
        for (const EvidenceFound::Device& device : one.devices) {
            if (device.address != address) continue;
            std::string text = said(device);
            if (!text.empty()) claims.push_back({one.tool, std::move(text)});
        }
    }
    return claims;
}

std::string bytes_text(std::uint64_t bytes) {
    return bytes == 0 ? "" : std::to_string(bytes) + " bytes";
}

// One device behind a function is what is assumed as long as nothing says more, so it is no word of a file.
std::string devices_text(std::uint64_t devices) {
    return devices <= 1 ? "" : std::to_string(devices);
}

void complete(PciFound& device, const std::vector<EvidenceFound>& evidence,
              std::vector<std::string>& conflicts) {
    const auto by_size =
        claims_about(device.address, evidence, [](const auto& one) { return bytes_text(one.memory_bytes); });
    if (settle(by_size, bytes_text(device.memory_bytes), "memory of " + device.address, conflicts)) {
        for (const EvidenceFound& one : evidence) {
            for (const EvidenceFound::Device& said : one.devices) {
                if (said.address == device.address && said.memory_bytes != 0)
                    device.memory_bytes = said.memory_bytes;
            }
        }
    }
    const auto by_name = claims_about(device.address, evidence, [](const auto& one) { return one.model; });
    if (const Claim* claim = settle(by_name, device.model, "model of " + device.address, conflicts))
        device.model = claim->text;
    const auto by_count = claims_about(device.address, evidence, [](const auto& one) {
        return one.devices == 0 ? "" : std::to_string(one.devices);
    });
    if (const Claim* claim =
            settle(by_count, devices_text(device.devices), "devices behind " + device.address, conflicts))
        device.devices = std::stoull(claim->text); // digits that were written above
}

void note_strangers(const std::vector<EvidenceFound>& evidence, const Machine& machine,
                    std::vector<std::string>& conflicts) {
    for (const EvidenceFound& one : evidence) {
        for (const EvidenceFound::Device& device : one.devices) {
            const bool known =
                std::any_of(machine.accelerators.begin(), machine.accelerators.end(),
                            [&](const auto& found) { return found.address == device.address; });
            if (!known) conflicts.push_back(one.tool + ": " + device.address + " is no accelerator on PCI");
        }
    }
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

// Letters of any case spell the same name, as where the verdict looks for one: "cann" is CANN.
void complete_software(const std::vector<EvidenceFound>& evidence, Machine& machine,
                       std::vector<std::string>& conflicts) {
    struct Thing {
        std::string name; // as the first tool spells it
        std::vector<Claim> claims;
    };
    std::map<std::pair<std::string, std::string>, Thing> by_thing;
    for (const EvidenceFound& one : evidence) {
        for (const SoftwareFound& said : one.software) {
            Thing& thing = by_thing[{said.kind, lower(said.name)}];
            if (thing.claims.empty()) thing.name = said.name;
            thing.claims.push_back({one.tool, said.version});
        }
    }
    std::vector<SoftwareFound> added;
    for (const auto& [key, thing] : by_thing) {
        const std::string& kind = key.first;
        std::string of_files;
        for (const SoftwareFound& found : machine.software) {
            if (found.kind == kind && same_name(found.name, thing.name))
                of_files += (of_files.empty() ? "" : " or ") + found.version;
        }
        if (const Claim* claim = settle(thing.claims, of_files, kind + " " + thing.name, conflicts))
            added.push_back({kind, thing.name, claim->text, claim->tool});
    }
    machine.software.insert(machine.software.end(), added.begin(), added.end());
    std::sort(machine.software.begin(), machine.software.end(), [](const auto& a, const auto& b) {
        return std::tie(a.kind, a.name, a.path) < std::tie(b.kind, b.name, b.path);
    });
}

} // namespace

void add_evidence(std::vector<EvidenceFound> evidence, Machine& machine) {
    std::sort(evidence.begin(), evidence.end(), [](const auto& a, const auto& b) { return a.tool < b.tool; });
    for (std::size_t i = 1; i < evidence.size(); ++i) {
        if (evidence[i - 1].tool == evidence[i].tool)
            throw manifests::Error(manifests::Fault::usage, "evidence of " +
                                                                manifests::in_quotes(evidence[i].tool) +
                                                                " is given twice");
    }
    std::vector<std::string> conflicts;
    for (PciFound& device : machine.accelerators)
        complete(device, evidence, conflicts);
    note_strangers(evidence, machine, conflicts);
    complete_software(evidence, machine, conflicts);
    machine.evidence = std::move(evidence);
    std::vector<std::string>& list = machine.unreadable;
    list.insert(list.end(), conflicts.begin(), conflicts.end());
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

} // namespace runtime
