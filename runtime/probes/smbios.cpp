#include <algorithm>
#include <array>
#include <string_view>

#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

// What board makers leave where a name should be; compared without regard to case.
constexpr std::array<std::string_view, 19> fillers{
    "to be filled by o.e.m.",
    "to be filled by oem",
    "default string",
    "not specified",
    "not applicable",
    "not available",
    "system product name",
    "system manufacturer",
    "system name",
    "base board product name",
    "base board manufacturer",
    "o.e.m.",
    "oem",
    "none",
    "n/a",
    "unknown",
    "undefined",
    "empty",
    "type1productconfigid",
};

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

} // namespace

bool is_filled_in(const std::string& text) {
    if (std::find(fillers.begin(), fillers.end(), lower(text)) != fillers.end()) return false;
    return text.find_first_not_of("0xX.-_* ") != std::string::npos; // "0", "xxxx", "........", "----"
}

void probe_smbios(Sysroot& root, manifests::Machine& machine) {
    // Some copied trees have lost the link in /sys/class and still have what it led to.
    std::string folder = "/sys/class/dmi/id";
    if (root.names(folder).empty()) folder = "/sys/devices/virtual/dmi/id";
    const auto read = [&](const char* name) {
        const auto line = root.line(folder + "/" + name);
        return line && is_filled_in(*line) ? *line : std::string();
    };
    machine.firmware = {.system_vendor = read("sys_vendor"),
                        .product_name = read("product_name"),
                        .board_vendor = read("board_vendor"),
                        .board_name = read("board_name"),
                        .bios_vendor = read("bios_vendor"),
                        .bios_version = read("bios_version"),
                        .bios_date = read("bios_date")};
}

} // namespace runtime
