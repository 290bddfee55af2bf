#include "packager/hardware_bom.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "manifests/bom_text.hpp"
#include "manifests/cyclonedx.hpp"

namespace packager {
namespace {

using manifests::AcceleratorRequirement;
using manifests::BomProperty;
using manifests::BomRequirement;
using manifests::Component;
using manifests::ComponentType;
using manifests::CpuRequirement;
using manifests::SoftwareRequirement;

const std::string root_ref = "system";
constexpr const char* any_version = "vers:generic/*";

// Whether a machine without it is refused, or only told about.
enum class Weight { blocking, note };

std::string joined(const std::vector<std::string>& texts) {
    std::string text;
    for (const std::string& part : texts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

std::string range_of(const SoftwareRequirement& software) {
    return software.version_range.empty() ? any_version : software.version_range;
}

class HardwareBomBuilder {
public:
    explicit HardwareBomBuilder(const HardwareBomInputs& inputs)
        : inputs_(inputs), profile_(inputs.profile) {}

    std::string build() {
        add_root();
        add_cpu();
        add_memory();
        for (const AcceleratorRequirement& accelerator : profile_.accelerators)
            add_accelerator(accelerator);
        add_device_memory();
        for (const SoftwareRequirement& software : profile_.software)
            add_software(software);
        connect_software();
        // A profile names what a bundle needs, never the whole machine.
        bom_.compositions.push_back({"incomplete", {root_ref}, {root_ref}});
        bom_.standard = std::move(standard_);
        return manifests::encode_cyclonedx(bom_);
    }

private:
    void add_root();
    void add_cpu();
    void require_cpu(const std::string& ref);
    void add_memory();
    void add_accelerator(const AcceleratorRequirement& accelerator);
    void add_device_memory();
    void add_software(const SoftwareRequirement& software);
    void connect_software();
    void connect(const std::string& from, const std::string& to) { bom_.depends_on[from].insert(to); }
    Component required(ComponentType type, std::string ref, std::string name) const;
    void add_source(Component& component, const std::string& source) const;
    void require(const std::string& target, Weight weight, std::string title, std::string text,
                 const std::string& source);

    const HardwareBomInputs& inputs_;
    const manifests::Profile& profile_;
    manifests::Bom bom_;
    manifests::BomStandard standard_;
    std::vector<std::string> accelerators_, drivers_, firmware_, toolkits_;
    std::array<std::size_t, 4> of_kind_{}; // how many of each SoftwareRequirement::Kind so far
};

Component HardwareBomBuilder::required(ComponentType type, std::string ref, std::string name) const {
    Component component;
    component.type = type;
    component.ref = std::move(ref);
    component.name = std::move(name);
    component.is_external = true;
    component.scope = Component::Scope::required;
    return component;
}

// Every figure says where it is from: by the id of the profile's source, and as a reference one can open.
void HardwareBomBuilder::add_source(Component& component, const std::string& source) const {
    if (source.empty()) return;
    component.properties.push_back({"sealift:source", source});
    for (const manifests::ProfileSource& known : profile_.sources) {
        if (known.id != source || known.url.empty()) continue;
        const std::string read = known.date.empty() ? "" : " (read " + known.date + ")";
        component.references.push_back({"documentation", known.url, known.title + read, ""});
    }
}

void HardwareBomBuilder::require(const std::string& target, Weight weight, std::string title,
                                 std::string text, const std::string& source) {
    std::array<char, 32> identifier{};
    std::snprintf(identifier.data(), identifier.size(), "HW-%03zu", standard_.requirements.size() + 1);
    BomRequirement requirement{std::string("requirement:") + identifier.data(),
                               identifier.data(),
                               std::move(title),
                               std::move(text),
                               {}};
    requirement.properties = {
        {"sealift:hw:requirement:target", target},
        {"sealift:hw:requirement:severity", weight == Weight::blocking ? "blocking" : "note"}};
    if (!source.empty()) requirement.properties.push_back({"sealift:source", source});
    standard_.requirements.push_back(std::move(requirement));
}

void HardwareBomBuilder::add_root() {
    bom_.phase = "design";
    bom_.time_s = inputs_.time_s;
    bom_.supplier = inputs_.supplier;
    bom_.tool_name = "sealift";
    bom_.tool_version = inputs_.tool_version;
    const std::string version = "sha256:" + inputs_.profile_digest.hex().substr(0, 12);
    bom_.root.type = ComponentType::device;
    bom_.root.ref = root_ref;
    bom_.root.name = profile_.id;
    bom_.root.version = version;
    bom_.root.description = profile_.title;
    bom_.root.properties = {{"cdx:device:function", "inference-system"},
                            {"sealift:profile:digest", inputs_.profile_digest.text()},
                            {"sealift:profile:id", profile_.id}};
    for (const std::string& chip : profile_.chips)
        bom_.root.properties.push_back({"sealift:profile:chip", chip});
    standard_.ref = "standard:profile";
    standard_.name = profile_.id;
    standard_.version = version;
    standard_.description = "What a machine has to have, numbered for reports";
}

void HardwareBomBuilder::add_cpu() {
    const CpuRequirement& cpu = profile_.cpu;
    if (cpu.architecture.empty()) return; // any host that the engine is for
    Component component = required(ComponentType::device, "hw:cpu", cpu.architecture + " processor");
    if (profile_.accelerators.empty() && !profile_.vendor.empty()) {
        component.manufacturer = manifests::Organisation{profile_.vendor, "", ""};
    }
    auto& properties = component.properties;
    properties.push_back({"cdx:device:function", "processor"});
    properties.push_back({"sealift:hw:match:architecture", cpu.architecture});
    for (const std::string& vendor : cpu.vendors)
        properties.push_back({"sealift:hw:match:cpu-vendor", vendor});
    for (const manifests::CpuModelRange& range : cpu.models) {
        properties.push_back({"sealift:hw:match:cpu-model", std::to_string(range.family) + ":" +
                                                                std::to_string(range.first_model) + "-" +
                                                                std::to_string(range.last_model)});
    }
    for (const std::string& feature : cpu.features)
        properties.push_back({"sealift:hw:match:cpu-feature", feature});
    add_source(component, cpu.source);
    connect(root_ref, component.ref);
    require_cpu(component.ref);
    bom_.components.push_back(std::move(component));
}

void HardwareBomBuilder::require_cpu(const std::string& ref) {
    const CpuRequirement& cpu = profile_.cpu;
    require(ref, Weight::blocking, "Processor architecture",
            "The processor executes " + cpu.architecture + " programs", cpu.source);
    if (!cpu.vendors.empty() || !cpu.models.empty()) {
        std::string text = "The processor is";
        if (!cpu.vendors.empty()) text += " of " + joined(cpu.vendors);
        for (const manifests::CpuModelRange& range : cpu.models) {
            text += (&range == &cpu.models.front() ? " family " : " or family ") +
                    std::to_string(range.family) + " model " + std::to_string(range.first_model) + " to " +
                    std::to_string(range.last_model);
        }
        require(ref, cpu.identity_blocks ? Weight::blocking : Weight::note, "Processor identity", text,
                cpu.source);
    }
    if (!cpu.features.empty()) {
        require(ref, Weight::blocking, "Processor features",
                "Processor and operating system offer " + joined(cpu.features), cpu.source);
    }
}

void HardwareBomBuilder::add_memory() {
    if (profile_.memory_bytes == 0) return;
    const std::string bytes = std::to_string(profile_.memory_bytes);
    Component component = required(ComponentType::device, "hw:memory", "host memory");
    component.properties = {{"cdx:device:function", "memory"}, {"sealift:hw:memory:min-bytes", bytes}};
    connect(root_ref, component.ref);
    require(component.ref, Weight::blocking, "Host memory",
            "The host has at least " + bytes + " bytes of memory", "");
    bom_.components.push_back(std::move(component));
}

void HardwareBomBuilder::add_accelerator(const AcceleratorRequirement& accelerator) {
    Component component =
        required(ComponentType::device, "hw:accelerator:" + std::to_string(accelerators_.size() + 1),
                 accelerator.name);
    if (!profile_.vendor.empty()) component.manufacturer = manifests::Organisation{profile_.vendor, "", ""};
    const std::string quantity = std::to_string(accelerator.quantity);
    component.properties = {{"cdx:device:function", "accelerator"},
                            {"cdx:device:quantity", quantity},
                            {"sealift:hw:match:quantity", ">=" + quantity}};
    for (const std::string& id : accelerator.pci_ids)
        component.properties.push_back({"sealift:hw:match:pci", id});
    std::string text = "At least " + quantity + " of " + accelerator.name;
    if (!accelerator.pci_ids.empty()) text += " (PCI " + joined(accelerator.pci_ids) + ")";
    for (const std::string& model : accelerator.models)
        component.properties.push_back({"sealift:hw:match:model", model});
    if (accelerator.memory_bytes != 0) {
        const std::string bytes = std::to_string(accelerator.memory_bytes);
        component.properties.push_back({"sealift:hw:match:min-device-memory-bytes", bytes});
        text += ", each with at least " + bytes + " bytes of memory";
    }
    add_source(component, accelerator.source);
    connect(root_ref, component.ref);
    accelerators_.push_back(component.ref);
    require(component.ref, Weight::blocking, "Accelerator", text, accelerator.source);
    bom_.components.push_back(std::move(component));
}

// What the bundle asks for and not the profile: on the accelerator, or without one on the system.
void HardwareBomBuilder::add_device_memory() {
    if (!inputs_.memory) return;
    const manifests::MemoryNeed& need = *inputs_.memory;
    const std::string devices = std::to_string(need.devices());
    const std::string bytes = std::to_string(need.least_device_bytes());
    const std::string target = accelerators_.empty() ? root_ref : accelerators_.front();
    Component* component = &bom_.root;
    for (Component& one : bom_.components)
        if (one.ref == target) component = &one;
    component->properties.push_back({"sealift:bundle:devices", devices});
    component->properties.push_back({"sealift:bundle:min-device-memory-bytes", bytes});
    require(target, Weight::blocking, "Device memory",
            "The bundle runs on " + devices + " devices, each with at least " + bytes +
                " bytes of memory: " + std::to_string(need.weight_bytes) + " for weights, " +
                std::to_string(need.cache_bytes) + " for " + std::to_string(need.sequences) +
                " sequences of " + std::to_string(need.context_tokens) + " tokens, " +
                std::to_string(need.overhead_bytes) + " declared for the engine, which may take " +
                std::to_string(need.utilisation_percent) + " percent",
            "");
}

void HardwareBomBuilder::add_software(const SoftwareRequirement& software) {
    struct KindFacts {
        ComponentType type;
        const char* ref;
        const char* title;
    };
    static constexpr KindFacts kinds[] = {
        {ComponentType::device_driver, "sw:driver:", "Driver"},
        {ComponentType::firmware, "fw:firmware:", "Firmware"},
        {ComponentType::library, "sw:toolkit:", "Toolkit"},
        {ComponentType::operating_system, "sw:operating-system:", "Operating system"},
    };
    const KindFacts& kind = kinds[static_cast<std::size_t>(software.kind)];
    const std::size_t number = ++of_kind_[static_cast<std::size_t>(software.kind)];
    Component component = required(kind.type, kind.ref + std::to_string(number), software.name);
    component.version_range = range_of(software);
    component.purl = "pkg:generic/" + manifests::url_of_path(software.name);
    if (!software.vendor.empty()) component.manufacturer = manifests::Organisation{software.vendor, "", ""};
    add_source(component, software.source);
    if (software.kind == SoftwareRequirement::Kind::driver) drivers_.push_back(component.ref);
    if (software.kind == SoftwareRequirement::Kind::firmware) firmware_.push_back(component.ref);
    if (software.kind == SoftwareRequirement::Kind::toolkit) toolkits_.push_back(component.ref);
    if (software.kind == SoftwareRequirement::Kind::operating_system) connect(root_ref, component.ref);
    require(component.ref, Weight::blocking, std::string(kind.title) + " version",
            software.name + " in the range " + range_of(software), software.source);
    bom_.components.push_back(std::move(component));
}

// system -> toolkit -> driver -> device -> firmware, each link where both of its ends are required.
void HardwareBomBuilder::connect_software() {
    const auto connect_all = [&](const std::vector<std::string>& from, const std::vector<std::string>& to) {
        for (const std::string& one : from) {
            for (const std::string& other : to)
                connect(one, other);
        }
    };
    const std::vector<std::string> system{root_ref};
    connect_all(system, toolkits_);
    connect_all(system, drivers_);
    connect_all(toolkits_, drivers_);
    connect_all(drivers_, accelerators_);
    connect_all(accelerators_.empty() ? system : accelerators_, firmware_);
}

} // namespace

std::string hardware_bom(const HardwareBomInputs& inputs) {
    return HardwareBomBuilder(inputs).build();
}

} // namespace packager
