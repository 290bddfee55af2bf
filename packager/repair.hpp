#pragma once
// Repair in place: what is damaged in one copy of a bundle is taken from other copies, which may be damaged
// elsewhere. Every chunk is proven before it is copied, only what is wrong is written, and it is written to
// its place, so a repair may be stopped at any moment and started again. At the end everything is read once
// more.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/finding.hpp"
#include "runtime/content.hpp"

namespace packager {

struct RepairRequest {
    std::string bundle;
    std::vector<std::string> others; ///< tried in this order
    bool dry_run = false;
    unsigned jobs = 0;
    /// Called before each long read: "reading", "proving".
    std::function<runtime::OnBytes(const std::string& what, std::uint64_t total_bytes)> on_start;
};

/// Bytes that were replaced, or would be.
struct Replacement {
    std::string what; ///< path of a file, or "header of ...", "software BOM", ...; not yet escaped
    std::optional<std::uint64_t> first_chunk = {}; ///< of a file
    std::uint64_t chunks = 0;
    std::uint64_t offset = 0; ///< in the file, or in what else it is
    std::uint64_t length_bytes = 0;
    std::optional<std::uint64_t> bundle_offset = {}; ///< in the bundle file, if it is one
    std::string from = {}; ///< path of the copy; empty: it follows from the bundle document
    bool is_frame = false; ///< a header, padding, or the end of a bundle file
};

struct RepairResult {
    manifests::Digest digest;
    std::vector<Replacement> replaced = {};
    manifests::Report remaining = {}; ///< damage that no copy could mend; all of it was looked for
    std::uint64_t bytes_replaced = 0; ///< written over others; cutting and extending is none
    std::uint64_t bytes_all = 0;      ///< of content
    bool is_proven = false; ///< the whole bundle, read after the last write, is what its document says
    std::vector<std::string> notes = {};
};

/// @throws Error  Fault::refused if the copies are not of one bundle; Fault::damaged if none of them, nor all
/// of them together, says what the bundle is; Fault::io
RepairResult repair(const RepairRequest& request);

} // namespace packager
