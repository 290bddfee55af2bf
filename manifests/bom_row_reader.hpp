#pragma once
// Reads a CycloneDX document front to back and keeps of it one component at a time: the software BOM of
// 100,000 files has 138 MB of text and ten times that as a value, most of it in members that no row shows.
// Only for bom_summary.cpp.

#include <cstddef>
#include <deque>
#include <functional>
#include <string>

#include "manifests/json_values.hpp"

namespace manifests {

/// A component while it is read; they are numbered in the order in which they begin.
struct BomPlace {
    std::size_t number = 0;
    bool is_described = false; ///< it is metadata.component, or a part of that
    bool has_parts = false;    ///< it has a member "components", if only an empty one
};

class BomRowReader final : public ValueKeeper {
public:
    struct Events {
        /// Before the first part of a component, so possibly before members of its own.
        std::function<void(const BomPlace& place)> parts;
        /// Has the members that a row is made of, without the parts.
        std::function<void(const BomPlace& place, const Json& component)> end;
    };

    BomRowReader(const JsonRules& rules, const Events& events) : ValueKeeper(rules), events_(events) {}

    /// The document itself: bomFormat, specVersion, serialNumber and metadata, and what stands for an object
    /// or a list and is none.
    Json take() { return std::move(root_); }

private:
    enum class Kind { skipped, kept, document, metadata, components, component };
    struct Open {
        Kind kind;
        Json* value; ///< of what is kept; else nullptr
        Json own;    ///< of a component
        BomPlace place;
    };

    Kind kind_of(Json::value_t type) const;
    bool put(Json value) override;
    bool open(Json::value_t type) override;
    bool close() override;
    Json* add(Json value);

    const Events& events_;
    Json root_;
    std::deque<Open> open_; // addresses stay
    std::size_t components_ = 0;
};

} // namespace manifests
