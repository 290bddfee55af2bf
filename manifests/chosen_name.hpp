#pragma once
// Names that people choose and that become members of signed documents: of products and of sites.

#include <cstddef>
#include <string_view>

namespace manifests {

inline constexpr std::size_t most_chosen_name_bytes = 255; ///< names become file names and annotations

/// a-z and 0-9, with '.', '_' and '-' inside; the rule for products.
/// @throws Error  Fault::damaged, Code::format_document; says `what` it is: "product", "site_id"
void check_chosen_name(std::string_view what, std::string_view name);

} // namespace manifests
