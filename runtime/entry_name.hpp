#pragma once
// Names of entries of a bundle file in 33 bytes each: most are digests, and a file may have 1,000,000 of
// them.

#include <compare>
#include <cstdint>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/tar_layout.hpp"

namespace runtime {

/// Rises in no order that means anything.
struct EntryName {
    bool is_blob; ///< the digest is that of the blob; else that of the name
    manifests::Digest digest;

    friend auto operator<=>(const EntryName&, const EntryName&) = default;
};

EntryName shortened(std::string_view name);

/// The names that the entries of a bundle have, in any order.
class PlannedNames {
public:
    /// @param items  of the bundle; they outlive this
    PlannedNames(const manifests::TarLayout& plan, const std::vector<manifests::LayoutItem>& items);
    bool contains(std::string_view name) const;

private:
    const std::vector<manifests::LayoutItem>& items_;
    std::vector<std::uint32_t> blobs_; ///< of the items, rising by digest
    std::uint64_t paddings_ = 0;
};

} // namespace runtime
