#include "manifests/machine.hpp"

#include <tuple>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/machine_parts.hpp"
#include "manifests/read_each.hpp"

namespace manifests {
namespace {

// 4,096 PCI functions and a hundred features stay far below this.
constexpr JsonRules rules{.most_bytes = 4ULL << 20, .most_depth = 8, .most_members = 100};

void put_object(OrderedJson& object, const char* name, OrderedJson member) {
    if (!member.empty()) object[name] = std::move(member);
}

template<typename List, typename Write>
void put_list(OrderedJson& object, const char* name, const List& list, Write write) {
    for (const auto& element : list)
        object[name].push_back(write(element));
}

template<typename Read>
auto list_of(Fields& fields, const char* name, Read read) {
    const Json* list = fields.maybe_array(name);
    return read_each(list == nullptr ? Json::array() : *list, name, read);
}

// Two texts under one name: kernel {name, release}, system {id, version}.
OrderedJson write_pair(const char* first_name, const std::string& first, const char* second_name,
                       const std::string& second) {
    OrderedJson object = OrderedJson::object();
    put(object, first_name, first);
    put(object, second_name, second);
    return object;
}

void read_pair(const Json* value, const char* first_name, std::string& first, const char* second_name,
               std::string& second) {
    if (value == nullptr) return;
    Fields fields(*value);
    first = fields.text_or(first_name, "");
    second = fields.text_or(second_name, "");
    fields.refuse_others();
}

void check_order(const Machine& machine) {
    const auto address = [](const PciFound& device) { return device.address; };
    must_rise(machine.numa_nodes, "NUMA nodes", [](const auto& node) { return node.node; });
    must_rise(machine.accelerators, "accelerators", address);
    must_rise(machine.networks, "networks", address);
    must_rise(machine.device_nodes, "device nodes", [](const auto& node) { return node.path; });
    must_rise(machine.software, "software",
              [](const auto& found) { return std::tie(found.kind, found.name, found.path); });
    must_rise(machine.abi, "abi", [](const auto& found) { return found.name; });
    must_rise(machine.block_devices, "block devices", [](const auto& device) { return device.name; });
    must_rise(machine.evidence, "evidence", [](const auto& evidence) { return evidence.tool; });
    must_rise(machine.unreadable, "unreadable sources", [](const auto& path) { return path; });
}

Machine read_machine(const Json& document) {
    Fields fields(document);
    fields.must_be("schema", "sealift.machine/1");
    Machine machine;
    if (const Json* cpu = fields.maybe("cpu")) machine.cpu = read_cpu(*cpu);
    machine.memory_bytes = fields.count_or("memory_bytes", 0);
    machine.numa_nodes = list_of(fields, "numa_nodes", read_numa_node);
    read_pair(fields.maybe("kernel"), "name", machine.kernel_name, "release", machine.kernel_release);
    read_pair(fields.maybe("system"), "id", machine.system_id, "version", machine.system_version);
    machine.accelerators = read_each(fields.array("accelerators"), "accelerators", read_pci);
    machine.networks = list_of(fields, "networks", read_pci);
    machine.device_nodes = list_of(fields, "device_nodes", read_device_node);
    machine.software = list_of(fields, "software", read_software);
    machine.abi = list_of(fields, "abi", read_abi_found);
    machine.block_devices = list_of(fields, "block_devices", read_block_device);
    if (const Json* firmware = fields.maybe("firmware")) machine.firmware = read_firmware(*firmware);
    if (const Json* identities = fields.maybe("identities"))
        machine.identities = read_identities(*identities);
    machine.evidence = list_of(fields, "evidence", read_evidence);
    machine.unreadable = fields.texts_or_none("unreadable");
    fields.refuse_others();
    check_order(machine);
    // Members that are there and say nothing ("", 0, []) have a second spelling: being left out.
    if (Json(machine.to_json()) != document) refuse_document("a machine has members that say nothing");
    return machine;
}

} // namespace

OrderedJson Machine::to_json() const {
    OrderedJson object = OrderedJson::object();
    object["schema"] = "sealift.machine/1";
    put_object(object, "cpu", write_cpu(cpu));
    put(object, "memory_bytes", memory_bytes);
    put_list(object, "numa_nodes", numa_nodes, write_numa_node);
    put_object(object, "kernel", write_pair("name", kernel_name, "release", kernel_release));
    put_object(object, "system", write_pair("id", system_id, "version", system_version));
    object["accelerators"] = OrderedJson::array(); // always there: a machine without any says so
    put_list(object, "accelerators", accelerators, write_pci);
    put_list(object, "networks", networks, write_pci);
    put_list(object, "device_nodes", device_nodes, write_device_node);
    put_list(object, "software", software, write_software);
    put_list(object, "abi", abi, write_abi);
    put_list(object, "block_devices", block_devices, write_block_device);
    put_object(object, "firmware", write_firmware(firmware));
    if (identities) object["identities"] = write_identities(*identities);
    put_list(object, "evidence", evidence, write_evidence);
    put(object, "unreadable", unreadable);
    return object;
}

Machine Machine::parse(std::string_view bytes) {
    return read_machine(read_json(bytes, rules));
}

Machine Machine::parse_found(std::string_view bytes) {
    const Json document = read_json(bytes, rules);
    Fields fields(document);
    const std::string schema = fields.text("schema");
    if (schema != "sealift.probe/1") return read_machine(document);
    const Json& machine = fields.object("machine");
    fields.allow_others("which profiles fit is judged anew");
    return read_machine(machine);
}

} // namespace manifests
