#pragma once
// What people want to see of a bill of material: one row per component. Reads any CycloneDX 1.x JSON, also
// documents of other tools, for a vendor's own document may be shown beside ours.

#include <string>
#include <string_view>
#include <vector>

namespace manifests {

/// Texts are as the document has them: not yet escaped; empty: not stated.
struct BomRow {
    std::string type;
    std::string name;
    std::string version;  ///< version, or the version range of what has to be there
    std::string licence;  ///< several are separated by ", "
    std::string sha256;   ///< 64 lower-case hex digits
    std::string supplier; ///< name of the supplier, else of the manufacturer
    std::string ref;
    bool is_external = false; ///< not delivered
};

struct BomSummary {
    std::string spec_version; ///< "1.7"
    std::string serial_number;
    std::string timestamp;
    std::string phase;
    std::vector<BomRow> rows; ///< the described thing first, then its components with their parts after them
};

/// @throws Error  Fault::damaged for what is not CycloneDX 1.x JSON, or has a member of the wrong kind where
///                a row is read
BomSummary read_bom_summary(std::string_view document);

} // namespace manifests
