#pragma once
// The two names that a PCI function has: where it is and what it is.

#include <string_view>

namespace manifests {

/// Domain, bus, device and function as Linux prints them: "0000:c1:00.0"; domains have four to eight digits
/// ("10000:00:04.0" is real).
bool is_pci_address(std::string_view text);

/// Vendor and device, lower-case hex: "19e5:d802".
bool is_pci_id(std::string_view text);

/// Whether `text` has `digits` lower-case hex digits and nothing else.
bool is_lower_hex(std::string_view text, std::size_t digits);

} // namespace manifests
