// What a profile says of the software around its chip: what a site must have, where its version stands, the
// file modes that an engine insists on, and the versions that somebody has run together.

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "manifests/bundle_document.hpp"
#include "manifests/profile_reader.hpp"
#include "manifests/text.hpp"
#include "manifests/version_range.hpp"

namespace manifests::profile_reader {
namespace {

using Kind = SoftwareRequirement::Kind;
constexpr std::array<std::string_view, 4> kind_names{"driver", "firmware", "toolkit", "operating_system"};
constexpr std::array<std::string_view, 6> member_kinds{"driver",    "engine",           "firmware",
                                                       "framework", "operating_system", "toolkit"};

Kind read_kind(Fields& fields) {
    const std::string name = fields.text("kind");
    const auto* found = std::find(kind_names.begin(), kind_names.end(), name);
    if (found == kind_names.end()) {
        refuse_document("member 'kind' is " + in_quotes(name) +
                        ", wanted 'driver', 'firmware', 'toolkit' or 'operating_system'");
    }
    return static_cast<Kind>(found - kind_names.begin());
}

SoftwareRequirement::Place read_place(const Json& value) {
    Fields fields(value);
    SoftwareRequirement::Place place{.path = fields.text("path"), .key = some_text_or_none(fields, "key")};
    fields.refuse_others();
    check_place(place.path);
    if (place.key.find_first_of("=: \t\r\n") != std::string::npos)
        refuse_document("key " + in_quotes(place.key) + " has a blank, '=' or ':' in it");
    return place;
}

// In the order in which a probe tries them, so they need not rise.
void read_places(const Json& value, Sources& sources, SoftwareRequirement& software) {
    Fields fields(value);
    std::set<std::string> seen;
    const Json* const files = some_list(fields, "files");
    if (files == nullptr) refuse_document("member 'files' is missing");
    for (const Json& file : *files) {
        software.places.push_back(read_place(file));
        const std::string& path = software.places.back().path;
        if (!seen.insert(path).second) refuse_document("place " + in_quotes(path) + " is given twice");
    }
    software.places_source = sources.named_by(fields);
    fields.refuse_others();
}

ValidatedSet::Member read_member(const Json& value) {
    Fields fields(value);
    ValidatedSet::Member member{.kind = fields.text("kind"),
                                .name = some_text(fields, "name"),
                                .version_range = fields.text("version_range")};
    fields.refuse_others();
    if (std::find(member_kinds.begin(), member_kinds.end(), member.kind) == member_kinds.end()) {
        refuse_document("member 'kind' is " + in_quotes(member.kind) +
                        ", wanted 'driver', 'engine', 'firmware', 'framework', 'operating_system' or "
                        "'toolkit'");
    }
    VersionRange::parse(member.version_range);
    return member;
}

} // namespace

SoftwareRequirement read_software(const Json& value, Sources& sources) {
    Fields fields(value);
    SoftwareRequirement software{.kind = read_kind(fields),
                                 .name = some_text(fields, "name"),
                                 .vendor = some_text_or_none(fields, "vendor"),
                                 .version_range = fields.text("version_range"),
                                 .source = sources.named_by(fields)};
    if (const Json* places = fields.maybe("places")) read_places(*places, sources, software);
    fields.refuse_others();
    VersionRange::parse(software.version_range);
    return software;
}

FileModeRule read_file_mode(const Json& value, Sources& sources) {
    Fields fields(value);
    FileModeRule rule{.engine = some_text_or_none(fields, "engine"),
                      .role = fields.text("role"),
                      .mode = fields.text("mode"),
                      .source = sources.named_by(fields)};
    fields.refuse_others();
    parse_role(rule.role);
    parse_mode(rule.mode);
    return rule;
}

ValidatedSet read_validated_set(const Json& value, Sources& sources) {
    Fields fields(value);
    ValidatedSet set{.id = fields.text("id"), .date = fields.text("date"), .members = {}, .source = {}};
    std::vector<Key> order;
    for (const Json& member : fields.array("members")) {
        set.members.push_back(read_member(member));
        order.push_back({set.members.back().kind, set.members.back().name});
    }
    set.source = sources.named_by(fields);
    fields.refuse_others();
    must_rise(order, "member (kind and name)");
    if (!is_profile_id(set.id)) refuse_document("set id " + in_quotes(set.id) + " is not clean");
    if (!is_date(set.date) && !(set.date.size() == 7 && is_date(set.date + "-01")))
        refuse_document("date " + in_quotes(set.date) + " is not YYYY-MM-DD or YYYY-MM");
    if (set.members.size() < 2)
        refuse_document("set " + in_quotes(set.id) + " has " + std::to_string(set.members.size()) +
                        " members, wanted 2 or more that belong together");
    return set;
}

} // namespace manifests::profile_reader

namespace manifests {

std::string_view name_of(SoftwareRequirement::Kind kind) {
    return profile_reader::kind_names[static_cast<std::size_t>(kind)];
}

} // namespace manifests
