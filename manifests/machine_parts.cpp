#include "manifests/machine_parts.hpp"

#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/pci_name.hpp"
#include "manifests/read_each.hpp"
#include "manifests/text.hpp"

namespace manifests {

void put(OrderedJson& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}
void put(OrderedJson& object, const char* name, std::uint64_t number) {
    if (number != 0) object[name] = number;
}
void put(OrderedJson& object, const char* name, const std::vector<std::string>& list) {
    if (!list.empty()) object[name] = list;
}

OrderedJson write_cpu(const CpuFound& cpu) {
    OrderedJson object = OrderedJson::object();
    put(object, "architecture", cpu.architecture);
    put(object, "vendor", cpu.vendor);
    put(object, "brand", cpu.brand);
    if (cpu.family != 0) { // model and stepping 0 are real; without a family nobody asked the processor
        object["family"] = cpu.family;
        object["model"] = cpu.model;
        object["stepping"] = cpu.stepping;
    }
    put(object, "logical_count", cpu.logical_count);
    put(object, "features", cpu.features);
    put(object, "disabled_features", cpu.disabled_features);
    put(object, "source", cpu.source);
    return object;
}

CpuFound read_cpu(const Json& value) {
    Fields fields(value);
    CpuFound cpu;
    cpu.architecture = fields.text_or("architecture", "");
    cpu.vendor = fields.text_or("vendor", "");
    cpu.brand = fields.text_or("brand", "");
    cpu.family = fields.count_or("family", 0);
    cpu.model = fields.count_or("model", 0);
    cpu.stepping = fields.count_or("stepping", 0);
    cpu.logical_count = fields.count_or("logical_count", 0);
    cpu.features = fields.texts_or_none("features");
    cpu.disabled_features = fields.texts_or_none("disabled_features");
    cpu.source = fields.text_or("source", "");
    fields.refuse_others();
    const auto itself = [](const std::string& text) { return text; };
    must_rise(cpu.features, "features", itself);
    must_rise(cpu.disabled_features, "disabled features", itself);
    return cpu;
}

OrderedJson write_numa_node(const NumaNodeFound& node) {
    OrderedJson object = OrderedJson::object();
    object["node"] = node.node;
    put(object, "memory_bytes", node.memory_bytes);
    put(object, "processors", node.processors);
    return object;
}

NumaNodeFound read_numa_node(const Json& value) {
    Fields fields(value);
    NumaNodeFound node{.node = fields.count("node"),
                       .memory_bytes = fields.count_or("memory_bytes", 0),
                       .processors = fields.text_or("processors", "")};
    fields.refuse_others();
    return node;
}

OrderedJson write_pci(const PciFound& device) {
    OrderedJson object = OrderedJson::object();
    object["address"] = device.address;
    object["id"] = device.id;
    put(object, "subsystem_id", device.subsystem_id);
    object["class"] = device.class_code;
    put(object, "revision", device.revision);
    put(object, "driver", device.driver);
    put(object, "vendor", device.vendor);
    put(object, "model", device.model);
    if (device.numa_node) object["numa_node"] = *device.numa_node;
    if (device.devices != 1) object["devices"] = device.devices;
    put(object, "memory_bytes", device.memory_bytes);
    return object;
}

PciFound read_pci(const Json& value) {
    Fields fields(value);
    PciFound device{.address = fields.text("address"),
                    .id = fields.text("id"),
                    .subsystem_id = fields.text_or("subsystem_id", ""),
                    .class_code = fields.text("class"),
                    .driver = fields.text_or("driver", ""),
                    .vendor = fields.text_or("vendor", "")};
    if (fields.has("numa_node")) device.numa_node = fields.count("numa_node");
    device.devices = fields.count_or("devices", 1);
    device.memory_bytes = fields.count_or("memory_bytes", 0);
    device.model = fields.text_or("model", "");
    device.revision = fields.text_or("revision", "");
    fields.refuse_others();
    if (!is_pci_address(device.address))
        refuse_document(in_quotes(device.address) + " is not an address on PCI");
    if (!is_pci_id(device.id)) refuse_document(in_quotes(device.id) + " is not a vendor and a device on PCI");
    if (!device.subsystem_id.empty() && !is_pci_id(device.subsystem_id))
        refuse_document(in_quotes(device.subsystem_id) + " is not a subsystem on PCI");
    if (!is_lower_hex(device.class_code, 6))
        refuse_document(in_quotes(device.class_code) + " is not a class of six hex digits");
    if (!device.revision.empty() && !is_lower_hex(device.revision, 2))
        refuse_document(in_quotes(device.revision) + " is not a revision of two hex digits");
    if (device.devices == 0) refuse_document("no device behind " + device.address + ", wanted one at least");
    return device;
}

OrderedJson write_device_node(const DeviceNodeFound& node) {
    return {{"path", node.path}, {"mode", node.mode}, {"user", node.user}, {"group", node.group}};
}

DeviceNodeFound read_device_node(const Json& value) {
    Fields fields(value);
    DeviceNodeFound node{.path = fields.text("path"),
                         .mode = fields.text("mode"),
                         .user = fields.count("user"),
                         .group = fields.count("group")};
    fields.refuse_others();
    if (node.mode.size() != 4 || node.mode.find_first_not_of("01234567") != std::string::npos)
        refuse_document(in_quotes(node.mode) + " is not a mode of four octal digits");
    if (!node.path.starts_with('/')) refuse_document(in_quotes(node.path) + " is not an absolute path");
    return node;
}

void check_software_version(const std::string& version) {
    if (version.find_first_of("0123456789") == std::string::npos)
        refuse_document("version " + in_quotes(version) +
                        " has no digit; leave out what is not known, for words are not versions");
}

void check_software_kind(const std::string& kind) {
    static constexpr const char* kinds[] = {"driver", "firmware", "library", "toolkit"};
    if (std::find(std::begin(kinds), std::end(kinds), kind) == std::end(kinds))
        refuse_document(in_quotes(kind) + " is none of driver, firmware, library and toolkit");
}

OrderedJson write_software(const SoftwareFound& software) {
    return {{"kind", software.kind},
            {"name", software.name},
            {"version", software.version},
            {"path", software.path}};
}

SoftwareFound read_software(const Json& value) {
    Fields fields(value);
    SoftwareFound software{.kind = fields.text("kind"),
                           .name = fields.text("name"),
                           .version = fields.text("version"),
                           .path = fields.text("path")};
    fields.refuse_others();
    check_software_kind(software.kind);
    if (software.name.empty() || software.version.empty() || software.path.empty())
        refuse_document("software without a name, a version or the place where it was read");
    check_software_version(software.version);
    return software;
}

OrderedJson write_abi(const AbiFound& abi) {
    return {{"name", abi.name}, {"version", abi.version}, {"path", abi.path}};
}

AbiFound read_abi_found(const Json& value) {
    Fields fields(value);
    AbiFound abi{fields.text("name"), fields.text("version"), fields.text("path")};
    fields.refuse_others();
    const bool clean =
        !abi.version.empty() && abi.version.find_first_not_of("0123456789.") == std::string::npos;
    if (!clean) refuse_document("abi version " + in_quotes(abi.version) + " is not made of digits and dots");
    return abi;
}

OrderedJson write_block_device(const BlockDeviceFound& device) {
    OrderedJson object = OrderedJson::object();
    object["name"] = device.name;
    put(object, "size_bytes", device.size_bytes);
    put(object, "logical_block_bytes", device.logical_block_bytes);
    if (device.rotational) object["rotational"] = true;
    if (device.removable) object["removable"] = true;
    put(object, "model", device.model);
    return object;
}

BlockDeviceFound read_block_device(const Json& value) {
    Fields fields(value);
    BlockDeviceFound device{.name = fields.text("name"),
                            .size_bytes = fields.count_or("size_bytes", 0),
                            .logical_block_bytes = fields.count_or("logical_block_bytes", 0),
                            .rotational = fields.flag_or("rotational", false),
                            .removable = fields.flag_or("removable", false),
                            .model = fields.text_or("model", "")};
    fields.refuse_others();
    return device;
}

OrderedJson write_evidence_device(const EvidenceFound::Device& device) {
    OrderedJson object = OrderedJson::object();
    object["address"] = device.address;
    put(object, "model", device.model);
    put(object, "memory_bytes", device.memory_bytes);
    put(object, "devices", device.devices);
    return object;
}

EvidenceFound::Device read_evidence_device(const Json& value) {
    Fields fields(value);
    EvidenceFound::Device device{.address = fields.text("address"),
                                 .model = fields.text_or("model", ""),
                                 .memory_bytes = fields.count_or("memory_bytes", 0),
                                 .devices = fields.count_or("devices", 0)};
    fields.refuse_others();
    if (!is_pci_address(device.address))
        refuse_document(in_quotes(device.address) + " is not an address on PCI");
    return device;
}

OrderedJson write_evidence(const EvidenceFound& evidence) {
    OrderedJson object = OrderedJson::object();
    object["tool"] = evidence.tool;
    put(object, "version", evidence.version);
    object["digest"] = evidence.digest;
    for (const EvidenceFound::Device& device : evidence.devices)
        object["devices"].push_back(write_evidence_device(device));
    for (const SoftwareFound& software : evidence.software)
        object["software"].push_back(write_software(software));
    return object;
}

EvidenceFound read_evidence(const Json& value) {
    Fields fields(value);
    EvidenceFound evidence;
    evidence.tool = fields.text("tool");
    evidence.version = fields.text_or("version", "");
    evidence.digest = Digest::parse(fields.text("digest")).text();
    if (const Json* list = fields.maybe_array("devices"))
        evidence.devices = read_each(*list, "devices", read_evidence_device);
    if (const Json* list = fields.maybe_array("software"))
        evidence.software = read_each(*list, "software", read_software);
    fields.refuse_others();
    if (evidence.tool.empty()) refuse_document("evidence without the name of a tool");
    must_rise(evidence.devices, "devices", [](const auto& device) { return device.address; });
    must_rise(evidence.software, "software",
              [](const auto& software) { return std::tie(software.kind, software.name); });
    return evidence;
}

OrderedJson write_firmware(const FirmwareFound& firmware) {
    OrderedJson object = OrderedJson::object();
    put(object, "system_vendor", firmware.system_vendor);
    put(object, "product_name", firmware.product_name);
    put(object, "board_vendor", firmware.board_vendor);
    put(object, "board_name", firmware.board_name);
    put(object, "bios_vendor", firmware.bios_vendor);
    put(object, "bios_version", firmware.bios_version);
    put(object, "bios_date", firmware.bios_date);
    return object;
}

FirmwareFound read_firmware(const Json& value) {
    Fields fields(value);
    FirmwareFound firmware{.system_vendor = fields.text_or("system_vendor", ""),
                           .product_name = fields.text_or("product_name", ""),
                           .board_vendor = fields.text_or("board_vendor", ""),
                           .board_name = fields.text_or("board_name", ""),
                           .bios_vendor = fields.text_or("bios_vendor", ""),
                           .bios_version = fields.text_or("bios_version", ""),
                           .bios_date = fields.text_or("bios_date", "")};
    fields.refuse_others();
    return firmware;
}

OrderedJson write_identities(const IdentitiesFound& identities) {
    OrderedJson object = OrderedJson::object();
    put(object, "host_name", identities.host_name);
    put(object, "machine_id", identities.machine_id);
    put(object, "system_serial", identities.system_serial);
    put(object, "system_uuid", identities.system_uuid);
    put(object, "board_serial", identities.board_serial);
    put(object, "chassis_serial", identities.chassis_serial);
    return object;
}

IdentitiesFound read_identities(const Json& value) {
    Fields fields(value);
    IdentitiesFound identities{.host_name = fields.text_or("host_name", ""),
                               .machine_id = fields.text_or("machine_id", ""),
                               .system_serial = fields.text_or("system_serial", ""),
                               .system_uuid = fields.text_or("system_uuid", ""),
                               .board_serial = fields.text_or("board_serial", ""),
                               .chassis_serial = fields.text_or("chassis_serial", "")};
    fields.refuse_others();
    return identities;
}

} // namespace manifests
