#include "manifests/profile_reader.hpp"

#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "manifests/time_text.hpp"

namespace manifests::profile_reader {
namespace {

bool is_lower_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

ProfileSource read_source(const Json& value) {
    Fields fields(value);
    ProfileSource source{.id = fields.text("id"),
                         .title = some_text(fields, "title"),
                         .url = fields.text_or("url", ""),
                         .date = fields.text("date")};
    fields.refuse_others();
    if (!is_profile_id(source.id)) refuse_document("source id " + in_quotes(source.id) + " is not clean");
    if (fields.has("url") && !source.url.starts_with("https://")) {
        refuse_document("url " + in_quotes(source.url) + " does not start with 'https://'");
    }
    if (!is_date(source.date)) refuse_document("date " + in_quotes(source.date) + " is not YYYY-MM-DD");
    return source;
}

} // namespace

Sources::Sources(const std::vector<ProfileSource>& sources) {
    for (const ProfileSource& source : sources)
        unused_.insert(source.id);
    known_ = unused_;
}

std::string Sources::named_by(Fields& figure, std::string_view member) {
    std::string id = figure.text(member);
    if (!known_.contains(id)) refuse_document("source " + in_quotes(id) + " is not listed in 'sources'");
    unused_.erase(id);
    return id;
}

void Sources::refuse_unused() const {
    if (!unused_.empty()) refuse_document("no figure names source " + in_quotes(*unused_.begin()));
}

std::string some_text(Fields& fields, std::string_view member) {
    std::string text = fields.text(member);
    if (text.empty()) refuse_document("member " + in_quotes(member) + " is empty");
    return text;
}

std::string some_text_or_none(Fields& fields, std::string_view member) {
    return fields.has(member) ? some_text(fields, member) : std::string();
}

std::vector<std::string> some_names(Fields& fields, std::string_view member) {
    std::vector<std::string> names = fields.texts(member);
    if (names.empty()) refuse_document("member " + in_quotes(member) + " is an empty list");
    must_rise(names, std::string(member) + ":");
    if (names.front().empty()) refuse_document("member " + in_quotes(member) + " has an empty text");
    return names;
}

std::vector<std::string> names_or_none(Fields& fields, std::string_view member) {
    return fields.has(member) ? some_names(fields, member) : std::vector<std::string>();
}

std::uint64_t some_count(Fields& fields, std::string_view member, std::uint64_t most) {
    const std::uint64_t count = fields.count(member);
    if (count == 0 || count > most) {
        refuse_document("member " + in_quotes(member) + " is " + std::to_string(count) + ", wanted 1 to " +
                        std::to_string(most));
    }
    return count;
}

const Json* some_list(Fields& fields, std::string_view member) {
    const Json* const list = fields.maybe_array(member);
    if (list != nullptr && list->empty()) {
        refuse_document("member " + in_quotes(member) + " is an empty list, and then it is left out");
    }
    return list;
}

void must_rise(const std::vector<std::string>& list, const std::string& what) {
    std::vector<Key> keys;
    for (const std::string& item : list)
        keys.push_back({item});
    must_rise(keys, what);
}

void must_rise(const std::vector<Key>& list, const std::string& what) {
    const auto joined = [](const Key& key) {
        std::string text;
        for (const std::string& part : key)
            text += (text.empty() ? "" : " ") + part;
        return in_quotes(text);
    };
    for (std::size_t i = 1; i < list.size(); ++i) {
        if (list[i - 1] < list[i]) continue;
        refuse_document(what + " " + joined(list[i]) + " comes after " + joined(list[i - 1]) +
                        ", wanted a sorted list without repeats");
    }
}

void check_features(const std::vector<std::string>& features) {
    must_rise(features, "feature");
    for (const std::string& feature : features) {
        const bool clean =
            feature.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
        if (!clean || feature.empty())
            refuse_document("feature " + in_quotes(feature) + " is not lower case");
    }
}

void check_pci_id(const std::string& id) {
    const bool clean =
        id.size() == 9 && id[4] == ':' && is_lower_hex(id.substr(0, 4)) && is_lower_hex(id.substr(5));
    if (!clean) refuse_document("PCI id " + in_quotes(id) + " is not four lower-case hex digits, ':', four");
}

void check_place(const std::string& path) {
    constexpr std::string_view allowed =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.+:-/";
    const std::string closed = path + "/";
    const bool clean = path.starts_with('/') && closed.find("//") == std::string::npos &&
                       closed.find("/./") == std::string::npos && closed.find("/../") == std::string::npos &&
                       path.find_first_not_of(allowed) == std::string::npos;
    if (!clean) {
        refuse_document("path " + in_quotes(path) +
                        " is not absolute, not in its shortest form, or has other characters than "
                        "letters, digits and _ . + : -");
    }
}

bool is_date(std::string_view text) {
    return text.size() == 10 && is_time_text(std::string(text) + "T00:00:00Z");
}

std::vector<ProfileSource> read_sources(Fields& fields) {
    std::vector<ProfileSource> sources;
    std::vector<std::string> ids;
    for (const Json& value : fields.array("sources")) {
        sources.push_back(read_source(value));
        ids.push_back(sources.back().id);
    }
    must_rise(ids, "source");
    return sources;
}

} // namespace manifests::profile_reader
