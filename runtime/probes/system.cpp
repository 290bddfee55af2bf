#include "manifests/text.hpp"
#include "runtime/probes/key_text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {

// Source: os-release(5): the second file counts only if the first is not there.
void probe_system(Sysroot& root, manifests::Machine& machine) {
    auto text = root.text("/etc/os-release");
    if (!text) text = root.text("/usr/lib/os-release");
    if (!text) return;
    machine.system_id = manifests::escaped(value_of(*text, "ID").value_or(""));
    machine.system_version = manifests::escaped(value_of(*text, "VERSION_ID").value_or(""));
}

} // namespace runtime
