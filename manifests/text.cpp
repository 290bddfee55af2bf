#include "manifests/text.hpp"

#include <array>
#include <cstdio>

#include "manifests/error.hpp"

namespace manifests {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

} // namespace

CodePoint decode_utf8(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at);
    if (first < 0x80) return {first, 1};
    std::size_t length = 0;
    char32_t value = 0;
    char32_t smallest = 0;
    if ((first & 0xe0) == 0xc0) {
        length = 2, value = first & 0x1fU, smallest = 0x80;
    } else if ((first & 0xf0) == 0xe0) {
        length = 3, value = first & 0x0fU, smallest = 0x800;
    } else if ((first & 0xf8) == 0xf0) {
        length = 4, value = first & 0x07U, smallest = 0x10000;
    } else {
        return {0, 0};
    }
    if (at + length > text.size()) return {0, 0};
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(at + i) & 0xc0) != 0x80) return {0, 0};
        value = (value << 6) | (byte(at + i) & 0x3fU);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < smallest || value > 0x10ffff || surrogate) return {0, 0};
    return {value, length};
}

bool is_deceptive(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xad || c == 0x180e ||
           c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe007f);
}

namespace {

std::string escape_of(char32_t c) {
    if (c == '\n') return "\\n";
    if (c == '\t') return "\\t";
    if (c == '\r') return "\\r";
    std::array<char, 16> buffer{};
    const char* form = c < 0x80 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
    std::snprintf(buffer.data(), buffer.size(), form, static_cast<unsigned>(c));
    return buffer.data();
}

} // namespace

std::string escaped(std::string_view text, std::size_t most_bytes) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        if (out.size() >= most_bytes) return out + "...";
        const CodePoint point = decode_utf8(text, at);
        if (point.length_bytes == 0) {
            out += "\\x" + to_hex(text.substr(at, 1)); // U+0085 is \u0085, the byte 0x85 is \x85
            ++at;
            continue;
        }
        if (point.value == '\\') {
            out += "\\\\";
        } else if (is_deceptive(point.value)) {
            out += escape_of(point.value);
        } else {
            out += text.substr(at, point.length_bytes);
        }
        at += point.length_bytes;
    }
    return out;
}

std::string in_quotes(std::string_view text) {
    return "'" + escaped(text) + "'";
}

std::string size_text(std::uint64_t size_bytes) {
    if (size_bytes < 1000) return std::to_string(size_bytes) + " B";
    constexpr std::array units{"kB", "MB", "GB", "TB", "PB", "EB"};
    double value = static_cast<double>(size_bytes);
    std::size_t unit = 0;
    for (value /= 1000; value >= 999.5 && unit + 1 < units.size(); ++unit)
        value /= 1000;
    std::array<char, 32> buffer{};
    std::snprintf(buffer.data(), buffer.size(), value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    return buffer.data();
}

std::string count_text(std::uint64_t count) {
    std::string text = std::to_string(count);
    for (std::size_t at = text.size(); at > 3;) {
        at -= 3;
        text.insert(at, ",");
    }
    return text;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const CodePoint point = decode_utf8(text, at);
        if (point.length_bytes == 0) return false;
        at += point.length_bytes;
    }
    return true;
}

std::string to_hex(std::string_view bytes) {
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        hex += hex_digits[byte >> 4];
        hex += hex_digits[byte & 15];
    }
    return hex;
}

std::string from_hex(std::string_view hex) {
    if (hex.size() % 2 != 0) throw Error(Fault::damaged, "hex text has an odd number of digits");
    std::string bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const std::size_t high = hex_digits.find(hex[i]);
        const std::size_t low = hex_digits.find(hex[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            throw Error(Fault::damaged, in_quotes(hex.substr(i, 2)) + " is not lower-case hex");
        }
        bytes += static_cast<char>(high * 16 + low);
    }
    return bytes;
}

} // namespace manifests
