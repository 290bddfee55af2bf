// Evidence comes from programs that we did not write: only Error comes out, and what is accepted fits into a
// machine's document.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/machine.hpp"
#include "manifests/probe_evidence.hpp"
#include "runtime/evidence.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    manifests::EvidenceFound evidence;
    try {
        evidence = manifests::parse_probe_evidence(bytes);
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        return 0;
    }
    manifests::Machine machine;
    machine.accelerators = {{"0000:01:00.0", "19e5:d802", "", "120000", "", "Huawei"}};
    runtime::add_evidence({evidence}, machine);
    const std::string once = manifests::write_json(machine.to_json());
    demand(manifests::write_json(manifests::Machine::parse(once).to_json()) == once,
           "a machine with evidence can be read");
    return 0;
}
