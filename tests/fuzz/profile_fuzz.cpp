// Profiles and machines come from outside: only Error may come out of their readers, and a machine that is
// accepted is written again as a machine that is accepted.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/machine.hpp"
#include "manifests/profile.hpp"
#include "manifests/version_range.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try {
        manifests::Profile::parse(bytes);
    } catch (const manifests::Error&) {
        // refused
    }
    try {
        manifests::VersionRange::parse(bytes).contains("1.2.3");
    } catch (const manifests::Error&) {
        // refused
    }
    std::string again;
    try {
        again = manifests::write_json(manifests::Machine::parse(bytes).to_json());
    } catch (const manifests::Error&) {
        return 0;
    }
    if (manifests::write_json(manifests::Machine::parse(again).to_json()) != again) std::abort();
    return 0;
}
