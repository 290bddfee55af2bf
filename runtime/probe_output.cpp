#include "runtime/probe_output.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "manifests/text.hpp"

namespace runtime {
namespace {

using manifests::DeviceNodeFound;
using manifests::Machine;
using manifests::PciFound;
using Rows = std::vector<std::vector<std::string>>;

std::string spaced(const std::string& left, const std::string& right) {
    return left + (left.empty() || right.empty() ? "" : " ") + right;
}

std::string after_comma(const std::string& text) {
    return text.empty() ? "" : ", " + text;
}

std::string words_about(const PciFound& function) {
    std::string text = spaced(spaced(function.id, function.vendor), function.model);
    if (function.devices != 1) text += ", " + std::to_string(function.devices) + " devices each";
    if (function.memory_bytes != 0) text += ", " + manifests::size_text(function.memory_bytes);
    return text + after_comma(function.driver.empty() ? "" : "driver " + function.driver);
}

struct Group {
    std::string words;
    std::vector<std::string> members;
};

Group& group_of(std::vector<Group>& groups, const std::string& words) {
    for (Group& group : groups) {
        if (group.words == words) return group;
    }
    groups.push_back({words, {}});
    return groups.back();
}

// "/dev/davinci10" is "/dev/davinci" and 10; a number with a leading zero or none at all is not apart.
std::pair<std::string, std::string> split_number(const std::string& path) {
    const std::size_t end = path.find_last_not_of("0123456789") + 1;
    const bool number =
        end < path.size() && path.size() - end <= 6 && (path[end] != '0' || end + 1 == path.size());
    return number ? std::pair(path.substr(0, end), path.substr(end)) : std::pair(path, std::string());
}

// 0 1 2 5 is "0-2,5".
std::string ranges(std::vector<std::string> texts) {
    std::vector<std::uint64_t> numbers;
    for (const std::string& text : texts) {
        std::uint64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        numbers.push_back(number);
    }
    std::sort(numbers.begin(), numbers.end());
    std::string out;
    for (std::size_t first = 0; first < numbers.size();) {
        std::size_t last = first;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1)
            ++last;
        out += (out.empty() ? "" : ",") + std::to_string(numbers[first]);
        if (last != first) out += "-" + std::to_string(numbers[last]);
        first = last + 1;
    }
    return out;
}

std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& item : list)
        text = spaced(text, item);
    return text;
}

void add_host_rows(const Machine& machine, Rows& rows) {
    const manifests::CpuFound& cpu = machine.cpu;
    rows.push_back({"architecture", cpu.architecture});
    rows.push_back({"processor", cpu.brand});
    std::string identity = cpu.vendor;
    if (cpu.family != 0) {
        identity += (identity.empty() ? "family " : ", family ") + std::to_string(cpu.family) + " model " +
                    std::to_string(cpu.model) + " stepping " + std::to_string(cpu.stepping);
    }
    rows.push_back({"identity", identity});
    if (!cpu.source.empty()) rows.push_back({"processor from", cpu.source});
    rows.push_back({"processors", cpu.logical_count == 0 ? "" : std::to_string(cpu.logical_count)});
    rows.push_back({"memory", machine.memory_bytes == 0 ? "" : manifests::size_text(machine.memory_bytes)});
    for (const manifests::NumaNodeFound& node : machine.numa_nodes) {
        const std::string processors =
            node.processors.empty() ? "no processors" : "processors " + node.processors;
        rows.push_back({"NUMA node", std::to_string(node.node) + ", " +
                                         manifests::size_text(node.memory_bytes) + ", " + processors});
    }
    rows.push_back({"kernel", spaced(machine.kernel_name, machine.kernel_release)});
    rows.push_back({"distribution", spaced(machine.system_id, machine.system_version)});
    rows.push_back({"system", spaced(machine.firmware.system_vendor, machine.firmware.product_name)});
    rows.push_back({"firmware", machine.firmware.bios_version});
}

void add_software_rows(const Machine& machine, Rows& rows) {
    for (const manifests::SoftwareFound& found : machine.software)
        rows.push_back({found.kind, found.name + " " + found.version + " (" + found.path + ")"});
    std::string offers;
    for (const manifests::AbiFound& abi : machine.abi)
        offers += (offers.empty() ? "" : ", ") + abi.name + " " + abi.version;
    rows.push_back({"libraries offer", offers});
}

void add_disk_rows(const Machine& machine, Rows& rows) {
    for (const manifests::BlockDeviceFound& disk : machine.block_devices) {
        std::string text = disk.name;
        if (disk.size_bytes != 0) text += ", " + manifests::size_text(disk.size_bytes);
        text += after_comma(disk.model);
        if (disk.rotational) text += ", rotating";
        if (disk.removable) text += ", removable";
        rows.push_back({"disk", text});
    }
}

void add_identity_rows(const manifests::IdentitiesFound& identities, Rows& rows) {
    rows.push_back({"host name", identities.host_name});
    rows.push_back({"machine id", identities.machine_id});
    rows.push_back({"system serial", identities.system_serial});
    rows.push_back({"system UUID", identities.system_uuid});
    rows.push_back({"board serial", identities.board_serial});
    rows.push_back({"chassis serial", identities.chassis_serial});
}

} // namespace

std::vector<std::string> grouped_functions(const std::vector<PciFound>& functions) {
    std::vector<Group> groups;
    for (const PciFound& function : functions)
        group_of(groups, words_about(function)).members.push_back(function.address);
    std::vector<std::string> texts;
    for (const Group& group : groups) {
        const std::string count =
            group.members.size() == 1 ? "" : std::to_string(group.members.size()) + " x ";
        texts.push_back(count + group.words + " (" + joined(group.members) + ")");
    }
    return texts;
}

std::vector<std::string> grouped_nodes(const std::vector<DeviceNodeFound>& nodes) {
    std::vector<Group> groups; // words: the front of the path, a NUL, and the rest
    for (const DeviceNodeFound& node : nodes) {
        const auto [front, number] = split_number(node.path);
        const std::string rights =
            " " + node.mode + " " + std::to_string(node.user) + ":" + std::to_string(node.group);
        const char kind = number.empty() ? 'x' : '#'; // "davinci" alone is none of "davinci0-7"
        Group& group = group_of(groups, front + '\0' + kind + rights);
        if (!number.empty()) group.members.push_back(number);
    }
    std::vector<std::string> texts;
    for (const Group& group : groups) {
        const std::size_t middle = group.words.find('\0');
        texts.push_back(group.words.substr(0, middle) + ranges(group.members) +
                        group.words.substr(middle + 2));
    }
    return texts;
}

Rows machine_rows(const Machine& machine) {
    Rows rows;
    add_host_rows(machine, rows);
    for (const std::string& text : grouped_functions(machine.accelerators))
        rows.push_back({"accelerator", text});
    if (machine.accelerators.empty()) rows.push_back({"accelerator", "none"});
    for (const std::string& text : grouped_nodes(machine.device_nodes))
        rows.push_back({"device node", text});
    add_software_rows(machine, rows);
    for (const std::string& text : grouped_functions(machine.networks))
        rows.push_back({"network", text});
    add_disk_rows(machine, rows);
    for (const manifests::EvidenceFound& evidence : machine.evidence)
        rows.push_back({"evidence", spaced(evidence.tool, evidence.version) + ", " + evidence.digest});
    if (machine.identities) add_identity_rows(*machine.identities, rows);
    for (const std::string& path : machine.unreadable)
        rows.push_back({"unreadable", path});
    return rows;
}

} // namespace runtime
