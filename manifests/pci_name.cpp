#include "manifests/pci_name.hpp"

#include <algorithm>

namespace manifests {

bool is_lower_hex(std::string_view text, std::size_t digits) {
    return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_pci_address(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    if (colon < 4 || colon > 8 || text.size() != colon + 8) return false;
    const std::string_view rest = text.substr(colon); // ":c1:00.0"
    return is_lower_hex(text.substr(0, colon), colon) && is_lower_hex(rest.substr(1, 2), 2) &&
           rest[3] == ':' && is_lower_hex(rest.substr(4, 2), 2) && rest[6] == '.' &&
           is_lower_hex(rest.substr(7), 1);
}

bool is_pci_id(std::string_view text) {
    return text.size() == 9 && is_lower_hex(text.substr(0, 4), 4) && text[4] == ':' &&
           is_lower_hex(text.substr(5), 4);
}

} // namespace manifests
