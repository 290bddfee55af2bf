#include "manifests/bom_row_reader.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace manifests {
namespace {

template<std::size_t count>
bool is_one_of(const std::array<std::string_view, count>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::array<std::string_view, 5> of_document{"bomFormat", "specVersion", "serialNumber", "metadata",
                                                      "components"};
constexpr std::array<std::string_view, 3> of_metadata{"timestamp", "lifecycles", "component"};
constexpr std::array<std::string_view, 11> of_component{
    "type",         "name",     "version", "versionRange", "licenses",  "hashes",
    "manufacturer", "supplier", "bom-ref", "isExternal",   "components"};

} // namespace

BomRowReader::Kind BomRowReader::kind_of(Json::value_t type) const {
    const bool is_object = type == Json::value_t::object;
    const bool is_list = type == Json::value_t::array;
    if (open_.empty()) return is_object ? Kind::document : Kind::kept;
    switch (open_.back().kind) {
    case Kind::document:
        if (is_list && last_key() == "components") return Kind::components;
        if (is_object && last_key() == "metadata") return Kind::metadata;
        return is_one_of(of_document, last_key()) ? Kind::kept : Kind::skipped;
    case Kind::metadata:
        if (is_object && last_key() == "component") return Kind::component;
        return is_one_of(of_metadata, last_key()) ? Kind::kept : Kind::skipped;
    case Kind::component:
        if (is_list && last_key() == "components") return Kind::components;
        return is_one_of(of_component, last_key()) ? Kind::kept : Kind::skipped;
    case Kind::components:
        return is_object ? Kind::component : Kind::kept;
    case Kind::kept:
        return Kind::kept;
    case Kind::skipped:
        break;
    }
    return Kind::skipped;
}

Json* BomRowReader::add(Json value) {
    if (open_.empty()) return root_ = std::move(value), &root_;
    if (open_.back().kind == Kind::components) Fields refusing(value); // throws: it is no object
    Json& parent = *open_.back().value;
    if (parent.is_array()) return parent.push_back(std::move(value)), &parent.back();
    return &(parent[last_key()] = std::move(value));
}

bool BomRowReader::put(Json value) {
    if (kind_of(value.type()) == Kind::kept) add(std::move(value));
    return true;
}

bool BomRowReader::open(Json::value_t type) {
    Open entry{kind_of(type), nullptr, nullptr, {}};
    if (!open_.empty()) entry.place = open_.back().place;
    const bool is_in_metadata = !open_.empty() && open_.back().kind == Kind::metadata;
    if (entry.kind == Kind::components && open_.back().kind == Kind::component) {
        entry.place.has_parts = open_.back().place.has_parts = true;
        events_.parts(entry.place);
    }
    if (entry.kind == Kind::component) {
        entry.own = Json::object();
        entry.place = {components_++, is_in_metadata || entry.place.is_described, false};
    } else if (entry.kind != Kind::skipped && entry.kind != Kind::components) {
        entry.value = add(Json(type));
    }
    open_.push_back(std::move(entry));
    if (open_.back().kind == Kind::component) open_.back().value = &open_.back().own;
    return true;
}

bool BomRowReader::close() {
    if (open_.back().kind == Kind::component) events_.end(open_.back().place, open_.back().own);
    open_.pop_back();
    return true;
}

} // namespace manifests
