#pragma once
// Whether a copy that cannot be opened is a copy of this bundle, and with which signatures. Repairing writes
// into the copy, so it has to be known that nothing else is overwritten: names of blobs are digests, and
// where they stand is planned, so each one that is found in its place speaks for the bundle, and another one
// against it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "packager/bundle_copy.hpp"
#include "packager/gathered_source.hpp"

namespace packager {

enum class Likeness {
    same,
    other,   ///< it is of another bundle
    unknown, ///< no name in it says anything
    empty,   ///< nothing is in it that could be lost
};

struct Recognition {
    Likeness likeness = Likeness::unknown;
    std::optional<manifests::Digest> claim; ///< the digest of the bundle that its index names
    std::vector<std::string> envelopes;     ///< the signatures that it carries, as far as it can be told
    std::size_t lost_signatures = 0;        ///< that its index names and that no copy has whole
};

/// @param lists  of the known bundle
/// @param envelope_sets  the signatures that other copies carry
/// @throws Error  Fault::io
Recognition recognise(const std::string& path, Form form, ItemLists& lists,
                      const std::vector<std::vector<std::string>>& envelope_sets);

/// The copy at `path`, of which recognise() or its own front said what it carries.
std::unique_ptr<BundleCopy> place_copy(const std::string& path, Form form, ItemLists& lists,
                                       const std::vector<std::string>& envelopes);

} // namespace packager
