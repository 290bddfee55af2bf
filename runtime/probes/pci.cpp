#include <algorithm>
#include <array>
#include <string_view>

#include "manifests/pci_name.hpp"
#include "manifests/text.hpp"
#include "runtime/probes/key_text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

struct Maker {
    std::string_view vendor_id;
    std::string_view name;
    /// Makes accelerators and nothing else, so that a function of class 0780 (other communication controller:
    /// Kunlun 1) or ff (unassigned) is one too.
    bool only_accelerators;
};

// Source: Huawei's and Moore Threads' published drivers (Huawei binds three OEM ids too), pci.ids 2026.08.22.
constexpr std::array makers{
    Maker{"1002", "AMD", false},      Maker{"10de", "NVIDIA", false}, Maker{"1d22", "Kunlunxin", false},
    Maker{"1d94", "Hygon", false},    Maker{"1ded", "T-Head", false}, Maker{"19e5", "Huawei", false},
    Maker{"1bcf", "NEC", false},      Maker{"1e36", "Enflame", true}, Maker{"1e3e", "Iluvatar", true},
    Maker{"1ec6", "Vastai", true},    Maker{"1ecc", "Sunrise", true}, Maker{"1ed5", "Moore Threads", true},
    Maker{"1ee0", "Biren", true},     Maker{"203f", "Huawei", false}, Maker{"20c6", "Huawei", false},
    Maker{"20e9", "Huawei", false},   Maker{"8086", "Intel", false},  Maker{"9999", "MetaX", true},
    Maker{"cabc", "Cambricon", true},
};

// Displays that compute nothing: of management controllers and hypervisors. "*" is every device of the
// vendor.
constexpr std::array<std::string_view, 10> plain_displays{
    "1013:*",    "102b:*", "1234:1111", "1414:*", "15ad:*",
    "19e5:1711", "1a03:*", "1af4:*",    "1b36:*", "1d22:1380",
};

const Maker* maker_of(std::string_view vendor_id) {
    const auto* found = std::find_if(makers.begin(), makers.end(),
                                     [&](const Maker& maker) { return maker.vendor_id == vendor_id; });
    return found == makers.end() ? nullptr : found;
}

bool is_plain_display(std::string_view id) {
    return std::any_of(plain_displays.begin(), plain_displays.end(), [&](std::string_view display) {
        return display.ends_with('*') ? id.substr(0, 4) == display.substr(0, 4) : id == display;
    });
}

// Classes: 03 display (Hygon and MetaX use 0380), 12 processing accelerator, 0b40 co-processor. Bridges,
// audio and network functions of the same makers have other classes.
bool is_accelerator_class(std::string_view class_code) {
    return class_code.starts_with("03") || class_code.starts_with("12") || class_code.starts_with("0b40");
}

bool is_accelerator(std::string_view id, std::string_view class_code) {
    if (is_accelerator_class(class_code)) return !is_plain_display(id);
    const Maker* maker = maker_of(id.substr(0, 4));
    const bool odd_class = class_code.starts_with("0780") || class_code.starts_with("ff");
    if (id == "1d22:3684" && odd_class) return true; // Kunlun 1; the vendor makes storage too
    return odd_class && maker != nullptr && maker->only_accelerators;
}

// "0x120000" with 6 digits is "120000"; anything else is "".
std::string hex_digits(const std::optional<std::string>& line, std::size_t digits) {
    if (!line || line->size() != digits + 2 || !line->starts_with("0x")) return "";
    std::string text = line->substr(2);
    const bool clean = text.find_first_not_of("0123456789abcdef") == std::string::npos;
    return clean ? text : "";
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

// One folder of /sys/bus/pci/devices. Where a file of its own is missing, as in some copied trees, `uevent`
// may say the same; where links have become folders, what is in them is as good as the link.
struct Function {
    std::string folder;
    std::string uevent;

    std::string id(Sysroot& root, const char* vendor_file, const char* device_file, const char* key) const {
        const std::string vendor = hex_digits(root.line(folder + vendor_file), 4);
        const std::string device = hex_digits(root.line(folder + device_file), 4);
        if (!vendor.empty() && !device.empty()) return vendor + ":" + device;
        const std::string other = lower(value_of(uevent, key).value_or(""));
        return manifests::is_pci_id(other) ? other : "";
    }
    std::string driver(Sysroot& root) const {
        const std::string name = root.link_name(folder + "/driver");
        return name.empty() ? manifests::escaped(value_of(uevent, "DRIVER").value_or("")) : name;
    }
    std::string class_code(Sysroot& root) const {
        const std::string code = hex_digits(root.line(folder + "/class"), 6);
        if (!code.empty()) return code;
        std::string other = lower(value_of(uevent, "PCI_CLASS").value_or("")); // without leading zeros
        if (other.size() == 5) other.insert(0, "0");
        return manifests::is_lower_hex(other, 6) ? other : "";
    }
};

std::string subsystem_of(Sysroot& root, const Function& function) {
    std::string id = function.id(root, "/subsystem_vendor", "/subsystem_device", "PCI_SUBSYS_ID");
    return id == "0000:0000" ? "" : id;
}

// -1, which the kernel prints where firmware does not say, is no number here.
std::optional<std::uint64_t> numa_node_of(Sysroot& root, const std::string& folder) {
    const auto line = root.line(folder + "/numa_node");
    return line ? number_in(*line) : std::nullopt;
}

// Source: Huawei's published driver, devdrv_get_pdev_davinci_dev_num(): two NPUs stand behind one function of
// a 310P whose subsystem device is 0x0110 to 0x011f, and one behind every other function, also behind those
// that it calls "2P" (d501, d804).
std::uint64_t devices_behind(const std::string& id, const std::string& subsystem_id) {
    const bool may_be_two = id.ends_with(":d500") || id.ends_with(":d501");
    const bool is_ascend = accelerator_vendor(id.substr(0, 4)) == "Huawei";
    return is_ascend && may_be_two && subsystem_id.substr(0, 8).ends_with(":011") ? 2 : 1;
}

bool is_network_class(std::string_view class_code) {
    return class_code.starts_with("02");
}

// "Virtual PCIe Placeholder Endpoint": what a 310P is for as long as its bus is reset.
constexpr std::string_view placeholder_id = "1000:02b2";

// A function that may be an accelerator and does not say which, must not look like no accelerator.
void add_unnamed(Sysroot& root, const std::string& folder, const std::string& class_code) {
    if (class_code.empty() || is_accelerator_class(class_code)) root.add_unreadable(folder);
}

manifests::PciFound found_in(Sysroot& root, const std::string& address, const Function& function,
                             const std::string& id, const std::string& class_code) {
    manifests::PciFound found{.address = address,
                              .id = id,
                              .subsystem_id = subsystem_of(root, function),
                              .class_code = class_code,
                              .driver = function.driver(root),
                              .vendor = accelerator_vendor(id.substr(0, 4))};
    found.numa_node = numa_node_of(root, function.folder);
    found.devices = devices_behind(id, found.subsystem_id);
    found.revision = hex_digits(root.line(function.folder + "/revision"), 2);
    return found;
}

void add_function(Sysroot& root, const std::string& address, manifests::Machine& machine) {
    Function function{.folder = "/sys/bus/pci/devices/" + address, .uevent = ""};
    function.uevent = root.text(function.folder + "/uevent").value_or("");
    const std::string class_code = function.class_code(root);
    const std::string id = function.id(root, "/vendor", "/device", "PCI_ID");
    if (id.empty()) return add_unnamed(root, function.folder, class_code);
    if (id == placeholder_id) return root.add_unreadable(function.folder);
    if (class_code.empty()) return root.add_unreadable(function.folder + "/class");
    const bool accelerator = is_accelerator(id, class_code);
    if (!accelerator && !is_network_class(class_code)) return;
    if (root.has_link(function.folder + "/physfn") || root.node(function.folder + "/physfn")) return;
    auto& list = accelerator ? machine.accelerators : machine.networks;
    list.push_back(found_in(root, address, function, id, class_code));
}

} // namespace

std::string accelerator_vendor(const std::string& vendor_id) {
    const Maker* maker = maker_of(vendor_id);
    return maker == nullptr ? "" : std::string(maker->name);
}

void probe_pci(Sysroot& root, manifests::Machine& machine) {
    for (const std::string& address : root.names("/sys/bus/pci/devices")) {
        if (manifests::is_pci_address(address)) add_function(root, address, machine);
    }
}

} // namespace runtime
