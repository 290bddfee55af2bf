#pragma once
// What people want to see of a bill of material: one row per component. Reads any CycloneDX 1.x JSON, also
// documents of other tools, for a vendor's own document may be shown beside ours.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/json.hpp"

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

/// What a document says of itself.
struct BomHead {
    std::string spec_version; ///< "1.7"
    std::string serial_number;
    std::string timestamp;
    std::string phase;
};

struct BomSummary : BomHead {
    std::vector<BomRow> rows; ///< the described thing first, then its components with their parts after them
};

/// @throws Error  Fault::damaged for what is not CycloneDX 1.x JSON, or has a member of the wrong kind where
///                a row is read
BomSummary read_bom_summary(std::string_view document);

using TakeRow = std::function<void(const BomRow& row)>;

/// The same for a document of any length, of which one component at a time is in memory, and besides only
/// those that have parts.
/// @param open  starts the bytes again from the front: they are read twice
/// @param seen  takes every row during the first reading, in no order that counts: for widths
/// @param row   takes every row during the second one, in the order of BomSummary::rows
/// @throws Error  as read_bom_summary(), during the first reading
BomHead read_bom_rows(const std::function<NextPiece()>& open, const TakeRow& seen, const TakeRow& row);

/// The head alone; the rows are checked and forgotten.
BomHead read_bom_head(const NextPiece& next);

} // namespace manifests
