#include "runtime/entry_name.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace runtime {

using manifests::Digest;
using manifests::LayoutItem;

EntryName shortened(std::string_view name) {
    constexpr std::string_view folder = "blobs/sha256/";
    constexpr std::size_t hex_digits = 2 * Digest::size_bytes;
    const bool is_blob = name.size() == folder.size() + hex_digits && name.starts_with(folder) &&
                         name.find_first_not_of("0123456789abcdef", folder.size()) == std::string_view::npos;
    if (!is_blob) return {false, Digest::of(name)};
    return {true, Digest::parse("sha256:" + std::string(name.substr(folder.size())))};
}

PlannedNames::PlannedNames(const manifests::TarLayout& plan, const std::vector<LayoutItem>& items)
    : items_(items) {
    for (const manifests::TarEntry& entry : plan.entries) {
        if (entry.padding != 0)
            ++paddings_;
        else if (items[entry.item].is_blob())
            blobs_.push_back(entry.item);
    }
    std::sort(blobs_.begin(), blobs_.end(),
              [&](std::uint32_t a, std::uint32_t b) { return items[a].digest < items[b].digest; });
}

bool PlannedNames::contains(std::string_view name) const {
    const EntryName wanted = shortened(name);
    if (wanted.is_blob) {
        const auto found = std::lower_bound(
            blobs_.begin(), blobs_.end(), wanted.digest,
            [this](std::uint32_t item, const Digest& digest) { return items_[item].digest < digest; });
        return found != blobs_.end() && items_[*found].digest == wanted.digest;
    }
    if (name == "oci-layout" || name == "index.json") return true;
    const std::size_t digits = name.rfind('/') + 1;
    std::uint64_t number = 0;
    const auto [stop, problem] = std::from_chars(name.data() + digits, name.data() + name.size(), number);
    return problem == std::errc{} && number > 0 && number <= paddings_ &&
           name == manifests::padding_name(number);
}

} // namespace runtime
