#include "manifests/machine.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

// 4,096 PCI functions and a hundred features stay far below this.
constexpr JsonRules rules{.most_bytes = 4ULL << 20, .most_depth = 8, .most_members = 100};

void put(OrderedJson& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}
void put(OrderedJson& object, const char* name, std::uint64_t number) {
    if (number != 0) object[name] = number;
}
void put(OrderedJson& object, const char* name, const std::vector<std::string>& list) {
    if (!list.empty()) object[name] = list;
}
void put_object(OrderedJson& object, const char* name, OrderedJson member) {
    if (!member.empty()) object[name] = std::move(member);
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
    fields.refuse_others();
    return cpu;
}

OrderedJson write_pci(const PciFound& device) {
    OrderedJson object = OrderedJson::object();
    object["address"] = device.address;
    object["id"] = device.id;
    put(object, "subsystem_id", device.subsystem_id);
    object["class"] = device.class_code;
    put(object, "driver", device.driver);
    put(object, "vendor", device.vendor);
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
    fields.refuse_others();
    return device;
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

void read_kernel(const Json& value, Machine& machine) {
    Fields fields(value);
    machine.kernel_name = fields.text_or("name", "");
    machine.kernel_release = fields.text_or("release", "");
    fields.refuse_others();
}

template<typename List>
void must_rise(const List& list, const char* what) {
    const auto out_of_order = [](const auto& a, const auto& b) { return !(a < b); };
    if (std::adjacent_find(list.begin(), list.end(), out_of_order) != list.end()) {
        refuse_document(std::string(what) + " are not sorted or repeat");
    }
}

} // namespace

OrderedJson Machine::to_json() const {
    OrderedJson object = OrderedJson::object();
    object["schema"] = "sealift.machine/1";
    put_object(object, "cpu", write_cpu(cpu));
    put(object, "memory_bytes", memory_bytes);
    OrderedJson kernel = OrderedJson::object();
    put(kernel, "name", kernel_name);
    put(kernel, "release", kernel_release);
    put_object(object, "kernel", std::move(kernel));
    object["accelerators"] = OrderedJson::array();
    for (const PciFound& device : accelerators)
        object["accelerators"].push_back(write_pci(device));
    put_object(object, "firmware", write_firmware(firmware));
    put(object, "unreadable", unreadable);
    return object;
}

Machine Machine::parse(std::string_view bytes) {
    const Json document = read_json(bytes, rules);
    Fields fields(document);
    fields.must_be("schema", "sealift.machine/1");
    Machine machine;
    if (const Json* cpu = fields.maybe("cpu")) machine.cpu = read_cpu(*cpu);
    machine.memory_bytes = fields.count_or("memory_bytes", 0);
    if (const Json* kernel = fields.maybe("kernel")) read_kernel(*kernel, machine);
    std::vector<std::string> addresses;
    for (const Json& value : fields.array("accelerators")) {
        machine.accelerators.push_back(read_pci(value));
        addresses.push_back(machine.accelerators.back().address);
    }
    if (const Json* firmware = fields.maybe("firmware")) machine.firmware = read_firmware(*firmware);
    machine.unreadable = fields.texts_or_none("unreadable");
    fields.refuse_others();
    must_rise(machine.cpu.features, "features");
    must_rise(machine.cpu.disabled_features, "disabled features");
    must_rise(addresses, "accelerators");
    must_rise(machine.unreadable, "unreadable sources");
    // Members that are there and say nothing ("", 0, []) have a second spelling: being left out.
    if (Json(machine.to_json()) != document) refuse_document("a machine has members that say nothing");
    return machine;
}

} // namespace manifests
