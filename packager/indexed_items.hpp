#pragma once
// Everything in a bundle, and each blob of it by its digest. There may be 100,000 files and as many chunk
// tables, so a place in the list is four bytes, and copies of one bundle share one list.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "manifests/tar_layout.hpp"
#include "packager/gathered_source.hpp"

namespace packager {

class IndexedItems {
public:
    explicit IndexedItems(std::vector<manifests::LayoutItem> items);

    const std::vector<manifests::LayoutItem>& list() const noexcept { return items_; }
    /// Place in the list of the blob with this digest, if the bundle has one.
    std::optional<std::size_t> find(const manifests::Digest& digest) const;

private:
    std::vector<manifests::LayoutItem> items_;
    std::vector<std::uint32_t> by_digest_;
};

/// The lists of one bundle as copies of it have them, for each copy has signatures of its own.
class ItemLists {
public:
    /// @param known  outlives this
    explicit ItemLists(const KnownBundle& known) : known_(known) {}

    const KnownBundle& known() const noexcept { return known_; }
    /// The same list for the same envelopes.
    std::shared_ptr<const IndexedItems> with(const std::vector<std::string>& envelopes);

private:
    const KnownBundle& known_;
    std::vector<std::pair<std::vector<std::string>, std::shared_ptr<const IndexedItems>>> made_;
};

} // namespace packager
