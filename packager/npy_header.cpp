#include "packager/npy_header.hpp"

#include <algorithm>
#include <string>

#include "packager/file_view.hpp"

namespace packager {
namespace {

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// An O that is no part of a word: "O", "|O8", "f4,O".
bool has_lone_o(std::string_view text) {
    for (std::size_t at = text.find('O'); at != std::string_view::npos; at = text.find('O', at + 1)) {
        const bool joined =
            (at > 0 && is_letter(text[at - 1])) || (at + 1 < text.size() && is_letter(text[at + 1]));
        if (!joined) return true;
    }
    return false;
}

// Python joins texts that stand side by side: 'ob' 'ject'. Without escapes and comments, a text ends at its
// next quote, and what may follow in the header of an array is one of five.
bool joins_texts(std::string_view header) {
    for (std::size_t at = header.find_first_of("'\""); at != std::string_view::npos;) {
        const std::size_t end = header.find(header[at], at + 1);
        if (end == std::string_view::npos) return true;
        const std::size_t next = header.find_first_not_of(" \t\r\n\f", end + 1);
        if (next == std::string_view::npos ||
            std::string_view(":,)]}").find(header[next]) == std::string_view::npos)
            return true;
        at = header.find_first_of("'\"", end + 1);
    }
    return false;
}

} // namespace

bool is_npy(std::string_view front) {
    return front.starts_with("\x93NUMPY");
}

bool has_objects(std::string_view npy) {
    constexpr std::size_t version_at = 6, length_at = 8;
    if (npy.size() <= version_at) return false;
    const std::size_t length_bytes = npy[version_at] == 1 ? 2 : 4;
    if (npy.size() < length_at + length_bytes) return false; // and nothing behind it
    const std::uint64_t length = little_number(npy, length_at, length_bytes);
    const std::string_view rest = npy.substr(length_at + length_bytes);
    if (rest.size() < length) return true;
    const std::string_view header = rest.substr(0, static_cast<std::size_t>(length));
    if (header.find_first_of("\\#") != std::string_view::npos) return true;
    if (header.find("descr") == std::string_view::npos) return true;
    if (in_lower_case(header).find("object") != std::string::npos) return true;
    return has_lone_o(header) || joins_texts(header);
}

} // namespace packager
