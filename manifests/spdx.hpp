#pragma once
#include <string_view>

namespace manifests {

/// What a text that states a licence is. Documents have a different member for each, and a scanner that finds
/// free text where it wants an identifier drops it or the whole document.
enum class LicenceForm {
    name,       ///< free text: "Acme Model Licence, May 2026"
    identifier, ///< on the SPDX list: "Apache-2.0"
    expression, ///< "MIT OR Apache-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-Acme"
};

/// Source: SPDX 3.0.1 annex "SPDX license expressions". Every identifier in an expression is on the list or a
/// LicenseRef-; operators are upper-case, as the annex's grammar has them.
LicenceForm form_of_licence(std::string_view text);

} // namespace manifests
