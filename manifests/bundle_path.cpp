#include "manifests/bundle_path.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <utf8proc.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw Error(Fault::damaged, Code::path_unclean, "path " + in_quotes(text) + " " + why);
}

// U+0080 to U+009F count too: terminals take U+009B for the start of a control sequence.
bool has_control_or_backslash(std::string_view utf8) {
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        const auto byte = static_cast<unsigned char>(utf8[i]);
        if (byte < 0x20 || byte == 0x7f || byte == '\\') return true;
        if (byte == 0xc2 && static_cast<unsigned char>(utf8[i + 1]) < 0xa0) return true;
    }
    return false;
}

void check_part(std::string_view text, std::string_view part) {
    if (part.empty()) refuse(text, "is absolute, ends in '/' or has an empty part");
    if (part == "." || part == "..") refuse(text, "has a part " + in_quotes(part));
    if (part.size() > BundlePath::most_name_bytes) {
        refuse(text, "has a part of " + std::to_string(part.size()) + " bytes, at most 255 are allowed");
    }
    if (part.back() == '.' || part.back() == ' ') refuse(text, "has a part that ends in a dot or a space");
}

struct Freer {
    void operator()(utf8proc_uint8_t* text) const { std::free(text); } // utf8proc allocates with malloc
};

std::string mapped(const std::string& text, int options) {
    utf8proc_uint8_t* result = nullptr;
    const utf8proc_ssize_t length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                 static_cast<utf8proc_ssize_t>(text.size()), &result,
                                                 static_cast<utf8proc_option_t>(UTF8PROC_STABLE | options));
    const std::unique_ptr<utf8proc_uint8_t, Freer> owner(result);
    if (length < 0) refuse(text, std::string("cannot be folded: ") + utf8proc_errmsg(length));
    return {reinterpret_cast<const char*>(result), static_cast<std::size_t>(length)};
}

} // namespace

BundlePath BundlePath::parse(std::string_view text) {
    if (text.empty()) refuse(text, "is empty");
    if (text.size() > most_bytes) {
        refuse(text, "has " + std::to_string(text.size()) + " bytes, at most " + std::to_string(most_bytes) +
                         " are allowed");
    }
    if (!is_utf8(text)) refuse(text, "is not UTF-8");
    if (has_control_or_backslash(text)) refuse(text, "has a control character or a backslash");
    BundlePath path{std::string(text)};
    const auto parts = path.parts();
    if (parts.size() > most_parts) {
        refuse(text, "is " + std::to_string(parts.size()) + " folders deep, at most " +
                         std::to_string(most_parts) + " are allowed");
    }
    for (const std::string_view part : parts)
        check_part(text, part);
    return path;
}

std::string_view BundlePath::name() const {
    const std::string_view text = text_;
    const std::size_t slash = text.rfind('/');
    return slash == std::string_view::npos ? text : text.substr(slash + 1);
}

std::vector<std::string_view> BundlePath::parts() const {
    std::vector<std::string_view> parts;
    const std::string_view text = text_;
    std::size_t from = 0;
    for (std::size_t slash = text.find('/'); slash != std::string_view::npos; slash = text.find('/', from)) {
        parts.push_back(text.substr(from, slash - from));
        from = slash + 1;
    }
    parts.push_back(text.substr(from));
    return parts;
}

bool BundlePath::is_inside(std::string_view folder) const {
    return text_.size() > folder.size() + 1 && text_.starts_with(folder) && text_[folder.size()] == '/';
}

std::string collision_key(const BundlePath& path) {
    const std::string& text = path.text();
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
    if (!ascii) return mapped(mapped(text, UTF8PROC_DECOMPOSE), UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD);
    std::string key = text;
    std::transform(key.begin(), key.end(), key.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return key;
}

} // namespace manifests
