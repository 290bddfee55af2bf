#include "manifests/json.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json_door.hpp"
#include "manifests/json_members.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view kind_of(const Json& value) {
    switch (value.type()) {
    case Json::value_t::null:
        return "null";
    case Json::value_t::object:
        return "an object";
    case Json::value_t::array:
        return "an array";
    case Json::value_t::string:
        return "a string";
    case Json::value_t::boolean:
        return "true or false";
    case Json::value_t::number_integer:
        return "a negative number";
    case Json::value_t::number_unsigned:
        return "a number";
    case Json::value_t::number_float:
        return "a fraction";
    default:
        return "something else";
    }
}

[[noreturn]] void wrong_kind(std::string_view name, const Json& value, std::string_view wanted) {
    refuse_document("member " + in_quotes(name) + " is " + std::string(kind_of(value)) + ", wanted " +
                    std::string(wanted));
}

std::string text_of(std::string_view name, const Json& value) {
    if (!value.is_string()) wrong_kind(name, value, "a string");
    return value.get_ref<const std::string&>();
}

// Text from outside is checked where it comes in, so what cannot be written here is our own mistake.
std::string dump(const OrderedJson& value, int indent) {
    try {
        return value.dump(indent);
    } catch (const OrderedJson::exception& problem) {
        throw Error(Fault::internal, "cannot write JSON: " + escaped(problem.what()));
    }
}

} // namespace

void refuse_document(const std::string& text) {
    throw Error(Fault::damaged, Code::format_document, text);
}

void refuse_unreadable(std::string_view text, const JsonRules& rules) {
    const auto refuse = [](Code code, const std::string& why) { throw Error(Fault::damaged, code, why); };
    if (text.size() > rules.most_bytes) {
        refuse(Code::format_limit, "document has " + std::to_string(text.size()) + " bytes, at most " +
                                       std::to_string(rules.most_bytes) + " are allowed");
    }
    if (text.starts_with("\xef\xbb\xbf")) refuse(Code::format_json, "document starts with a byte order mark");
    if (text.find('\0') != std::string_view::npos) refuse(Code::format_json, "document contains NUL");
    // nlohmann checks strings only, and lets anything pass inside a comment.
    if (rules.comments && !is_utf8(text)) refuse(Code::format_json, "document is not UTF-8");
}

Json read_json(std::string_view text, const JsonRules& rules) {
    refuse_unreadable(text, rules);
    DoorKeeper keeper(rules);
    Json::sax_parse(text.begin(), text.end(), &keeper, Json::input_format_t::json, true, rules.comments);
    return Json::parse(text.begin(), text.end(), nullptr, true, rules.comments);
}

void append_json_string(std::string& out, std::string_view text) {
    const auto is_plain = [](unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
    if (std::all_of(text.begin(), text.end(),
                    [&](char c) { return is_plain(static_cast<unsigned char>(c)); })) {
        out += '"';
        out += text;
        out += '"';
        return;
    }
    out += dump(std::string(text), -1);
}

std::string write_json(const OrderedJson& value) {
    return dump(value, -1);
}

std::string write_json_for_people(const OrderedJson& value) {
    return dump(value, 2) + "\n";
}

Fields::Fields(const Json& value) : value_(value) {
    if (!value.is_object()) refuse_document("found " + std::string(kind_of(value)) + ", wanted an object");
}

const Json* Fields::find(std::string_view name) {
    read_.emplace(name);
    const auto member = value_.find(std::string(name));
    return member == value_.end() ? nullptr : &*member;
}

bool Fields::has(std::string_view name) const {
    return value_.contains(std::string(name));
}

const Json* Fields::maybe(std::string_view name) {
    return find(name);
}

const Json& Fields::member(std::string_view name) {
    const Json* member = find(name);
    if (member == nullptr) refuse_document("member " + in_quotes(name) + " is missing");
    return *member;
}

std::string Fields::text(std::string_view name) {
    return text_of(name, member(name));
}

std::string Fields::text_or(std::string_view name, std::string_view otherwise) {
    return maybe_text(name).value_or(std::string(otherwise));
}

std::optional<std::string> Fields::maybe_text(std::string_view name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    return text_of(name, *value);
}

std::uint64_t Fields::count(std::string_view name) {
    const Json& value = member(name);
    if (!value.is_number_unsigned()) wrong_kind(name, value, "a count (an integer of 0 or more)");
    return value.get<std::uint64_t>();
}

std::uint64_t Fields::count_or(std::string_view name, std::uint64_t otherwise) {
    return has(name) ? count(name) : (read_.emplace(name), otherwise);
}

bool Fields::flag_or(std::string_view name, bool otherwise) {
    const Json* value = find(name);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean()) wrong_kind(name, *value, "true or false");
    return value->get<bool>();
}

const Json& Fields::array(std::string_view name) {
    const Json& value = member(name);
    if (!value.is_array()) wrong_kind(name, value, "an array");
    return value;
}

const Json* Fields::maybe_array(std::string_view name) {
    const Json* value = find(name);
    if (value != nullptr && !value->is_array()) wrong_kind(name, *value, "an array");
    return value;
}

const Json& Fields::object(std::string_view name) {
    const Json& value = member(name);
    if (!value.is_object()) wrong_kind(name, value, "an object");
    return value;
}

std::vector<std::string> Fields::texts(std::string_view name) {
    std::vector<std::string> list;
    for (const Json& value : array(name))
        list.push_back(text_of(name, value));
    return list;
}

std::vector<std::string> Fields::texts_or_none(std::string_view name) {
    if (!has(name)) return read_.emplace(name), std::vector<std::string>{};
    return texts(name);
}

void Fields::must_be(std::string_view name, std::string_view wanted) {
    const std::string found = text(name);
    if (found != wanted)
        refuse_document("member " + in_quotes(name) + " is " + in_quotes(found) + ", wanted " +
                        in_quotes(wanted));
}

void Fields::must_be(std::string_view name, std::uint64_t wanted) {
    const std::uint64_t found = count(name);
    if (found != wanted) {
        refuse_document("member " + in_quotes(name) + " is " + std::to_string(found) + ", wanted " +
                        std::to_string(wanted));
    }
}

void Fields::refuse_others() const {
    for (const auto& [name, value] : value_.items()) {
        if (!read_.contains(name)) refuse_document("member " + in_quotes(name) + " is unknown");
    }
}

void Fields::allow_others(std::string_view) const {}

} // namespace manifests
