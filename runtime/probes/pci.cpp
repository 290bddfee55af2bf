#include <algorithm>
#include <array>
#include <string_view>

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

std::string subsystem_of(Sysroot& root, const std::string& folder) {
    const std::string vendor = hex_digits(root.line(folder + "/subsystem_vendor"), 4);
    const std::string device = hex_digits(root.line(folder + "/subsystem_device"), 4);
    if (vendor.empty() || device.empty() || vendor + device == "00000000") return "";
    return vendor + ":" + device;
}

// Domain of four to eight digits ("10000:00:04.0" is real), bus, device, function.
bool is_address(std::string_view name) {
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos || colon < 4 || colon > 8 || name.size() != colon + 8) return false;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const std::size_t after = i - colon; // wraps around before the colon, and then is large
        const char wanted = after == 0 || after == 3 ? ':' : (after == 6 ? '.' : '0');
        const bool hex = (name[i] >= '0' && name[i] <= '9') || (name[i] >= 'a' && name[i] <= 'f');
        if (wanted == '0' ? !hex : name[i] != wanted) return false;
    }
    return true;
}

} // namespace

std::string accelerator_vendor(const std::string& vendor_id) {
    const Maker* maker = maker_of(vendor_id);
    return maker == nullptr ? "" : std::string(maker->name);
}

void probe_pci(Sysroot& root, manifests::Machine& machine) {
    const std::string all = "/sys/bus/pci/devices";
    for (const std::string& address : root.names(all)) {
        if (!is_address(address)) continue;
        const std::string folder = all + "/" + address;
        const std::string class_code = hex_digits(root.line(folder + "/class"), 6);
        const std::string vendor = hex_digits(root.line(folder + "/vendor"), 4);
        const std::string device = hex_digits(root.line(folder + "/device"), 4);
        if (vendor.empty() || device.empty()) {
            // An accelerator that cannot be named must not look like no accelerator.
            if (class_code.empty() || is_accelerator_class(class_code)) root.add_unreadable(folder);
            continue;
        }
        if (class_code.empty()) {
            root.add_unreadable(folder + "/class");
            continue;
        }
        const std::string id = vendor + ":" + device;
        if (!is_accelerator(id, class_code) || root.has_link(folder + "/physfn")) continue;
        machine.accelerators.push_back({.address = address,
                                        .id = id,
                                        .subsystem_id = subsystem_of(root, folder),
                                        .class_code = class_code,
                                        .driver = root.link_name(folder + "/driver"),
                                        .vendor = accelerator_vendor(vendor)});
    }
}

} // namespace runtime
