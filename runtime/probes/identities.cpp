#include <sys/utsname.h>

#include "manifests/text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

std::string host_name(Sysroot& root) {
    if (root.is_this_machine()) {
        struct utsname name {};
        if (::uname(&name) == 0) return manifests::escaped(name.nodename);
    }
    const auto running = root.line("/proc/sys/kernel/hostname");
    return running ? *running : root.line("/etc/hostname").value_or("");
}

} // namespace

void probe_identities(Sysroot& root, manifests::Machine& machine) {
    std::string folder = "/sys/class/dmi/id";
    if (root.names(folder).empty()) folder = "/sys/devices/virtual/dmi/id";
    const auto read = [&](const char* name) {
        const auto line = root.line(folder + "/" + name);
        return line && is_filled_in(*line) ? *line : std::string();
    };
    machine.identities = {.host_name = host_name(root),
                          .machine_id = root.line("/etc/machine-id").value_or(""),
                          .system_serial = read("product_serial"),
                          .system_uuid = read("product_uuid"),
                          .board_serial = read("board_serial"),
                          .chassis_serial = read("chassis_serial")};
}

} // namespace runtime
