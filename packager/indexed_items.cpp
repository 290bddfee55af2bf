#include "packager/indexed_items.hpp"

#include <algorithm>

namespace packager {

using manifests::Digest;
using manifests::LayoutItem;

IndexedItems::IndexedItems(std::vector<LayoutItem> items) : items_(std::move(items)) {
    by_digest_.reserve(items_.size());
    for (std::uint32_t i = 0; i < items_.size(); ++i)
        if (items_[i].is_blob()) by_digest_.push_back(i);
    std::sort(by_digest_.begin(), by_digest_.end(),
              [this](std::uint32_t a, std::uint32_t b) { return items_[a].digest < items_[b].digest; });
}

std::optional<std::size_t> IndexedItems::find(const Digest& digest) const {
    const auto found = std::lower_bound(
        by_digest_.begin(), by_digest_.end(), digest,
        [this](std::uint32_t item, const Digest& wanted) { return items_[item].digest < wanted; });
    if (found == by_digest_.end() || items_[*found].digest != digest) return std::nullopt;
    return *found;
}

std::shared_ptr<const IndexedItems> ItemLists::with(const std::vector<std::string>& envelopes) {
    for (const auto& [same, items] : made_)
        if (same == envelopes) return items;
    auto items = std::make_shared<const IndexedItems>(
        manifests::items_of({*known_.document, known_.assembly, envelopes}));
    made_.emplace_back(envelopes, items);
    return items;
}

} // namespace packager
