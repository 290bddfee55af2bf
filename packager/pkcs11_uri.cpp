#include "packager/pkcs11_uri.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

constexpr std::string_view scheme = "pkcs11:";
// RFC 7512, 2.3: what may stand unescaped besides letters, digits and "-._~".
constexpr std::string_view path_marks = ":[]@!$'()*+,=&";
constexpr std::string_view query_marks = ":[]@!$'()*+,=/?|";
constexpr std::size_t most_label_bytes = 255; // of an object; PKCS#11 has no limit, tokens do

[[noreturn]] void refuse(const std::string& text, const std::string& hint = "") {
    throw Error(Fault::usage, "pkcs11 URI: " + text).hint(hint);
}

bool is_unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string decoded(std::string_view name, std::string_view value, std::string_view marks) {
    std::string bytes;
    for (std::size_t at = 0; at < value.size(); ++at) {
        if (is_unreserved(value[at]) || marks.find(value[at]) != std::string_view::npos) {
            bytes += value[at];
            continue;
        }
        if (value[at] != '%')
            refuse(std::string(name) + " has a character that must be escaped",
                   "a space is %20, a slash in a label is %2F");
        const int high = at + 2 < value.size() ? hex_value(value[at + 1]) : -1;
        const int low = high >= 0 ? hex_value(value[at + 2]) : -1;
        if (low < 0) refuse(std::string(name) + " has a '%' without two hex digits behind it");
        bytes += static_cast<char>(16 * high + low);
        at += 2;
    }
    return bytes;
}

// A text as a token keeps it: padded with spaces, so none may stand at its end.
std::string label(std::string_view name, const std::string& value, std::size_t most_bytes) {
    if (value.size() > most_bytes)
        refuse(std::string(name) + " has " + std::to_string(value.size()) + " bytes, at most " +
               std::to_string(most_bytes) + " are possible");
    if (value.find('\0') != std::string::npos || !manifests::is_utf8(value))
        refuse(std::string(name) + " is not text in UTF-8");
    return value;
}

std::string padded_label(std::string_view name, const std::string& value, std::size_t most_bytes) {
    if (value.back() == ' ') refuse(std::string(name) + " ends in a space, which no token can tell apart");
    return label(name, value, most_bytes);
}

std::uint64_t number(std::string_view name, const std::string& value) {
    std::uint64_t result = 0;
    const char* const end = value.data() + value.size();
    const auto [at, problem] = std::from_chars(value.data(), end, result);
    if (problem != std::errc{} || at != end || (value.size() > 1 && value.front() == '0'))
        refuse(std::string(name) + " is not a decimal number");
    return result;
}

std::string absolute_path(std::string_view name, const std::string& value) {
    if (value.front() != '/' || value.find('\0') != std::string::npos)
        refuse(std::string(name) + " is not an absolute path");
    return value;
}

std::string pin_path(const std::string& value) {
    constexpr std::string_view file = "file:";
    constexpr std::string_view no_host = "//";
    std::string_view path = value;
    if (!path.starts_with(file))
        refuse("pin-source is no file", "write pin-source=file:/path; or give --passphrase-file");
    path.remove_prefix(file.size());
    if (path.starts_with(no_host)) path.remove_prefix(no_host.size());
    if (path.empty()) refuse("pin-source names no file");
    return absolute_path("pin-source", std::string(path));
}

void set_path_attribute(Pkcs11Uri& uri, std::string_view name, const std::string& value) {
    if (name == "token") {
        uri.token = padded_label(name, value, 32);
    } else if (name == "manufacturer") {
        uri.manufacturer = padded_label(name, value, 32);
    } else if (name == "model") {
        uri.model = padded_label(name, value, 16);
    } else if (name == "serial") {
        uri.serial = padded_label(name, value, 16);
    } else if (name == "slot-id") {
        uri.slot_id = number(name, value);
    } else if (name == "object") {
        uri.object = label(name, value, most_label_bytes);
    } else if (name == "id") {
        if (value.size() > most_label_bytes) refuse("id is longer than any token takes");
        uri.id = value;
    } else if (name == "type") {
        if (value != "private") refuse("type is not 'private', and only a private key can sign");
    } else {
        refuse(
            "the attribute " + in_quotes(name) + " is not known here",
            "known are token, manufacturer, model, serial, slot-id, object, id and type=private, and behind "
            "'?' module-path and pin-source");
    }
}

void set_query_attribute(Pkcs11Uri& uri, std::string_view name, const std::string& value) {
    if (name == "module-path") {
        uri.module_path = absolute_path(name, value);
    } else if (name == "pin-source") {
        uri.pin_file = pin_path(value);
    } else if (name == "module-name") {
        refuse("module-name is not looked up",
               "give module-path=/path/to/module.so, or set SEALIFT_PKCS11_MODULE to that path");
    } else {
        refuse("the attribute " + in_quotes(name) + " is not known behind '?'",
               "known there are module-path and pin-source");
    }
}

using SetAttribute = void (*)(Pkcs11Uri&, std::string_view, const std::string&);

void read_attribute(Pkcs11Uri& uri, std::set<std::string>& seen, std::string_view text,
                    std::string_view marks, SetAttribute set) {
    const std::size_t equals = text.find('=');
    const std::string_view name = text.substr(0, equals);
    if (name == "pin-value")
        refuse("pin-value is not accepted: other users of this machine see command lines",
               "put the PIN into a file of mode 0600 and give pin-source=file:/path or --passphrase-file; "
               "change a PIN that was typed here");
    // Whatever stands here without '=' is not shown: it may be half of a PIN with a '&' or ';' in it.
    if (equals == std::string_view::npos || name.empty()) refuse("an attribute is not NAME=VALUE");
    if (!seen.insert(std::string(name)).second) refuse(in_quotes(name) + " is given twice");
    const std::string value = decoded(manifests::escaped(name), text.substr(equals + 1), marks);
    if (value.empty()) refuse(in_quotes(name) + " is empty", "leave out what does not matter");
    set(uri, name, value);
}

void read_attributes(Pkcs11Uri& uri, std::string_view list, char separator, std::string_view marks,
                     SetAttribute set) {
    std::set<std::string> seen;
    for (std::size_t at = 0; !list.empty();) {
        const std::size_t end = std::min(list.find(separator, at), list.size());
        read_attribute(uri, seen, list.substr(at, end - at), marks, set);
        if (end == list.size()) return;
        at = end + 1;
    }
}

std::string encoded(const std::string& value, bool in_query) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (const char c : value) {
        if (is_unreserved(c) || (in_query && (c == '/' || c == ':'))) {
            text += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            text += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return text;
}

} // namespace

bool is_pkcs11_uri(std::string_view name) {
    return name.size() >= scheme.size() &&
           std::equal(scheme.begin(), scheme.end(), name.begin(), [](char wanted, char found) {
               return found == wanted || (found >= 'A' && found <= 'Z' && found + ('a' - 'A') == wanted);
           });
}

Pkcs11Uri Pkcs11Uri::parse(std::string_view text) {
    if (!is_pkcs11_uri(text)) refuse("it does not begin with 'pkcs11:'");
    if (text.size() > most_bytes) refuse("it is longer than " + std::to_string(most_bytes) + " bytes");
    text.remove_prefix(scheme.size());
    const std::size_t question = text.find('?');
    Pkcs11Uri uri;
    read_attributes(uri, text.substr(0, question), ';', path_marks, set_path_attribute);
    if (question != std::string_view::npos)
        read_attributes(uri, text.substr(question + 1), '&', query_marks, set_query_attribute);
    return uri;
}

std::string Pkcs11Uri::text() const {
    std::string text(scheme);
    const auto add = [&](std::string_view name, const std::optional<std::string>& value, bool in_query) {
        if (!value) return;
        if (in_query) {
            text += text.find('?') == std::string::npos ? '?' : '&';
        } else if (text.size() > scheme.size()) {
            text += ';';
        }
        text += std::string(name) + "=" + encoded(*value, in_query);
    };
    add("token", token, false);
    add("manufacturer", manufacturer, false);
    add("model", model, false);
    add("serial", serial, false);
    add("slot-id", slot_id ? std::optional(std::to_string(*slot_id)) : std::nullopt, false);
    add("object", object, false);
    add("id", id, false);
    add("module-path", module_path, true);
    add("pin-source", pin_file ? std::optional("file:" + *pin_file) : std::nullopt, true);
    return text;
}

} // namespace packager
