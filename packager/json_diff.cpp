#include "packager/json_diff.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <nlohmann/json.hpp>

namespace packager {
namespace {

using manifests::Json;

std::string text_of(const Json& value) {
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() <= JsonChange::most_value_bytes) return text;
    std::size_t end = JsonChange::most_value_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) // not inside of a character
        --end;
    return text.substr(0, end) + "...";
}

std::string escaped_token(const std::string& token) {
    std::string text;
    for (const char c : token) {
        if (c == '~') {
            text += "~0";
        } else if (c == '/') {
            text += "~1";
        } else {
            text += c;
        }
    }
    return text;
}

using Named = std::map<std::string, std::size_t>;

// Name to index, or nothing if not every element is an object with a name of its own.
std::optional<Named> names_in(const Json& list, const char* member) {
    Named names;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Json& element = list[i];
        if (!element.is_object()) return std::nullopt;
        const auto name = element.find(member);
        if (name == element.end() || !name->is_string()) return std::nullopt;
        if (!names.emplace(name->get<std::string>(), i).second) return std::nullopt;
    }
    return names;
}

class Differ {
public:
    JsonDiff take() { return std::move(diff_); }

    void compare(const std::string& pointer, const Json& a, const Json& b) {
        if (a == b) return;
        if (a.is_object() && b.is_object()) return compare_objects(pointer, a, b);
        if (a.is_array() && b.is_array()) return compare_lists(pointer, a, b);
        add(pointer, &a, &b);
    }

private:
    std::size_t count() const noexcept { return diff_.changes.size() + diff_.more; }

    void add(const std::string& pointer, const Json* before, const Json* after) {
        if (diff_.changes.size() == JsonDiff::most_changes) {
            ++diff_.more;
            return;
        }
        JsonChange change{pointer, std::nullopt, std::nullopt};
        if (before != nullptr) change.before = text_of(*before);
        if (after != nullptr) change.after = text_of(*after);
        diff_.changes.push_back(std::move(change));
    }

    void compare_objects(const std::string& pointer, const Json& a, const Json& b) {
        for (const auto& [name, value] : a.items()) {
            const std::string at = pointer + "/" + escaped_token(name);
            const auto other = b.find(name);
            if (other == b.end()) {
                add(at, &value, nullptr);
            } else {
                compare(at, value, *other);
            }
        }
        for (const auto& [name, value] : b.items()) {
            if (!a.contains(name)) add(pointer + "/" + escaped_token(name), nullptr, &value);
        }
    }

    void compare_lists(const std::string& pointer, const Json& a, const Json& b) {
        for (const char* member : {"bom-ref", "ref", "id", "name", "path"}) {
            const auto names_a = names_in(a, member);
            const auto names_b = names_in(b, member);
            if (!a.empty() && !b.empty() && names_a && names_b)
                return compare_named(pointer, a, *names_a, b, *names_b, member);
        }
        compare_from_both_ends(pointer, a, b);
    }

    void compare_named(const std::string& pointer, const Json& a, const Named& names_a, const Json& b,
                       const Named& names_b, const char* member) {
        const std::size_t before = count();
        for (std::size_t i = 0; i < a.size(); ++i) {
            const std::string at = pointer + "/" + std::to_string(i);
            const auto other = names_b.find(a[i].at(member).get<std::string>());
            if (other == names_b.end()) {
                add(at, &a[i], nullptr);
            } else {
                compare(at, a[i], b[other->second]);
            }
        }
        for (std::size_t i = 0; i < b.size(); ++i) {
            if (!names_a.contains(b[i].at(member).get<std::string>()))
                add(pointer + "/" + std::to_string(i), nullptr, &b[i]);
        }
        if (count() == before) add(pointer, &a, &b); // the same elements in another order
    }

    void compare_from_both_ends(const std::string& pointer, const Json& a, const Json& b) {
        const std::size_t shorter = std::min(a.size(), b.size());
        std::size_t front = 0;
        while (front < shorter && a[front] == b[front])
            ++front;
        std::size_t back = 0;
        while (back < shorter - front && a[a.size() - 1 - back] == b[b.size() - 1 - back])
            ++back;
        const auto at = [&](std::size_t i) { return pointer + "/" + std::to_string(i); };
        const std::size_t end_a = a.size() - back;
        const std::size_t end_b = b.size() - back;
        for (std::size_t i = front; i < std::max(end_a, end_b); ++i) {
            if (i < end_a && i < end_b) {
                compare(at(i), a[i], b[i]);
            } else if (i < end_a) {
                add(at(i), &a[i], nullptr);
            } else {
                add(at(i), nullptr, &b[i]);
            }
        }
    }

    JsonDiff diff_;
};

} // namespace

JsonDiff diff_json(const Json& a, const Json& b) {
    Differ differ;
    differ.compare("", a, b);
    return differ.take();
}

} // namespace packager
