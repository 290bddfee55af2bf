// Machines come from customers: only Error comes out, what is accepted has one spelling, and both doors give
// the same machine.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/machine.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        const manifests::Machine machine = manifests::Machine::parse_found(bytes);
        const std::string once = manifests::write_json(machine.to_json());
        const manifests::Machine again = manifests::Machine::parse(once);
        demand(manifests::write_json(again.to_json()) == once, "a machine has one spelling");
        for (const manifests::PciFound& device : machine.accelerators)
            demand(device.devices >= 1, "a function has a device");
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
    }
    return 0;
}
