#pragma once
// The one door for JSON. Everything that comes from outside is read by read_json(), everything written goes
// through write_json(). Two linear passes: sax_parse with our handler sees what a parsed value no longer
// shows (members given twice, depth, the spelling of numbers), then parse builds the value. nlohmann's own
// parser keeps the last of two equal members, skips a byte order mark and turns 18446744073709551616 into a
// double.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace manifests {

using Json = nlohmann::json;                ///< what is read: members in any order
using OrderedJson = nlohmann::ordered_json; ///< what is written: members in the order of the code that writes

struct JsonRules {
    /// Documents of a bundle with 100,000 files stay under this; what is larger is an attack.
    std::uint64_t most_bytes = 64ULL << 20;
    std::uint64_t most_depth = 32;
    std::uint64_t most_members = 10'000; ///< of one object; keeps every look-up cheap
    bool comments = false;               ///< // and /* */, for recipes that people write
    bool floats = false;                 ///< 0.5 and 1e3; off for our own documents
};

/// Refuses besides everything that is not RFC 8259 JSON: a byte order mark, NUL (also as \u0000), a member
/// given twice, integers beyond 64 bits, floats unless allowed, and anything over the limits.
/// @throws Error  Fault::damaged, Code::format_json (format_limit for limits)
Json read_json(std::string_view text, const JsonRules& rules = {});

/// The next piece of a long document; empty when there is no more.
using NextPiece = std::function<std::string_view()>;

/// read_json() for a document with one long list: the elements of the array `list`, a member of the outermost
/// object, are handed over one at a time and forgotten; the value that comes back has an empty array there.
/// So a document with 100,000 files never stands in memory as a JSON value, which takes ten times its text.
/// @throws Error  as read_json, and what `on_element` throws
Json read_json_list(const NextPiece& next, std::string_view list,
                    const std::function<void(const Json&)>& on_element, const JsonRules& rules = {});

/// `text` as a JSON string with its quotes, spelled as write_json() spells it.
/// @throws Error  Fault::internal if it is not UTF-8
void append_json_string(std::string& out, std::string_view text);

/// Compact UTF-8 with the members in the order they were put in; no spaces, no line feed at the end.
std::string write_json(const OrderedJson& value);
/// Indented by two spaces, with a line feed at the end: for files that people read.
std::string write_json_for_people(const OrderedJson& value);

/// Reads the members of one object by asked kind: a count is a count, not -1 or 3.9. Every message names the
/// member. A member that nobody asked for is refused by refuse_others().
class Fields {
public:
    /// @throws Error  Fault::damaged, Code::format_document if `value` is not an object
    explicit Fields(const Json& value);

    bool has(std::string_view name) const;
    const Json& member(std::string_view name);
    const Json* maybe(std::string_view name);
    std::string text(std::string_view name);
    std::string text_or(std::string_view name, std::string_view otherwise);
    std::optional<std::string> maybe_text(std::string_view name);
    /// 0 to 2^63-1
    std::uint64_t count(std::string_view name);
    std::uint64_t count_or(std::string_view name, std::uint64_t otherwise);
    bool flag_or(std::string_view name, bool otherwise);
    const Json& array(std::string_view name);
    const Json* maybe_array(std::string_view name);
    const Json& object(std::string_view name);
    std::vector<std::string> texts(std::string_view name);
    std::vector<std::string> texts_or_none(std::string_view name);
    /// Throws unless the member is exactly `wanted`.
    void must_be(std::string_view name, std::string_view wanted);
    void must_be(std::string_view name, std::uint64_t wanted);

    /// Refuses members that were not read. Every reader ends with this or with allow_others().
    void refuse_others() const;
    /// For foreign documents whose standard tells readers to ignore what they do not know.
    void allow_others(std::string_view reason) const;

private:
    const Json* find(std::string_view name);
    const Json& value_;
    std::set<std::string, std::less<>> read_;
};

/// Throws Fault::damaged, Code::format_document with `text`.
[[noreturn]] void refuse_document(const std::string& text);

} // namespace manifests
