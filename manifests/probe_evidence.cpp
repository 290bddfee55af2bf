#include "manifests/probe_evidence.hpp"

#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/machine_parts.hpp"
#include "manifests/pci_name.hpp"
#include "manifests/read_each.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

// A machine with a thousand devices stays below this.
constexpr JsonRules rules{.most_bytes = 1ULL << 20, .most_depth = 4, .most_members = 16};
constexpr std::uint64_t most_device_bytes = 1ULL << 50; // a pebibyte
constexpr std::uint64_t most_devices = 64;              // behind one PCI function
constexpr std::size_t longest_text = 128;
// More would not fit into a machine's document once each is found to contradict something.
constexpr std::size_t longest_list = 1024;

void check_length(const Json& list, const char* name) {
    if (list.size() > longest_list)
        refuse_document("'" + std::string(name) + "' has " + std::to_string(list.size()) +
                        " entries, at most 1024 are read");
}

// A text that is there says something, in characters that can be shown.
std::string shown_text(Fields& fields, const char* name) {
    const std::string text = fields.text(name);
    if (text.empty() || text.size() > longest_text || escaped(text) != text)
        refuse_document("'" + std::string(name) + "' is " + in_quotes(text) +
                        ", wanted 1 to 128 bytes of plain text");
    return text;
}

std::string text_or_none(Fields& fields, const char* name) {
    return fields.has(name) ? shown_text(fields, name) : "";
}

std::uint64_t count_or_none(Fields& fields, const char* name, std::uint64_t most) {
    if (!fields.has(name)) return 0;
    const std::uint64_t count = fields.count(name);
    if (count == 0 || count > most)
        refuse_document("'" + std::string(name) + "' is " + std::to_string(count) + ", wanted 1 to " +
                        std::to_string(most));
    return count;
}

EvidenceFound::Device read_device(const Json& value) {
    Fields fields(value);
    EvidenceFound::Device device{.address = fields.text("address"),
                                 .model = text_or_none(fields, "model"),
                                 .memory_bytes = count_or_none(fields, "memory_bytes", most_device_bytes),
                                 .devices = count_or_none(fields, "devices", most_devices)};
    fields.refuse_others();
    if (!is_pci_address(device.address))
        refuse_document(in_quotes(device.address) + " is not an address on PCI, such as 0000:c1:00.0");
    return device;
}

} // namespace

EvidenceFound parse_probe_evidence(std::string_view bytes) {
    const Json document = read_json(bytes, rules);
    Fields fields(document);
    fields.must_be("schema", "sealift.probe-evidence/1");
    EvidenceFound evidence;
    evidence.tool = shown_text(fields, "tool");
    evidence.version = text_or_none(fields, "version");
    evidence.digest = Digest::of(bytes).text();
    if (const Json* list = fields.maybe_array("devices")) {
        check_length(*list, "devices");
        evidence.devices = read_each(*list, "devices", read_device);
    }
    const auto read_one = [&](const Json& value) {
        Fields members(value);
        SoftwareFound found{.kind = members.text("kind"),
                            .name = shown_text(members, "name"),
                            .version = shown_text(members, "version"),
                            .path = evidence.tool};
        members.refuse_others();
        check_software_kind(found.kind);
        check_software_version(found.version);
        return found;
    };
    if (const Json* list = fields.maybe_array("software")) {
        check_length(*list, "software");
        evidence.software = read_each(*list, "software", read_one);
    }
    fields.refuse_others();
    must_rise(evidence.devices, "devices", [](const auto& device) { return device.address; });
    must_rise(evidence.software, "software",
              [](const auto& software) { return std::tie(software.kind, software.name); });
    return evidence;
}

} // namespace manifests
