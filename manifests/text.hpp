#pragma once
// Text that came from outside, made safe to show, and small number formats. Everything printed or put into an
// Error that we did not write ourselves passes through here, so a file name cannot move the cursor of a
// terminal.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace manifests {

/// Takes a text front to back, piece by piece: for documents that are too long to be held whole.
using Sink = std::function<void(std::string_view)>;

/// `text` with control characters, invalid UTF-8, bidirectional overrides, invisible characters and
/// backslashes shown as escapes (\n, \x1b, \u202e), so that none can be forged; cut after
/// `most_bytes` with "..." in its place.
std::string escaped(std::string_view text, std::size_t most_bytes = 200);

/// escaped() between single quotes.
std::string in_quotes(std::string_view text);

/// SI sizes, as disks are sold: 999 B, 1.2 kB, 700 GB.
std::string size_text(std::uint64_t size_bytes);

/// Exact numbers that people read: 81,920.
std::string count_text(std::uint64_t count);

struct CodePoint {
    char32_t value;
    std::size_t length_bytes; ///< 0: the bytes at this place are not UTF-8
};
/// The character that begins at text[at]; at is below text.size().
CodePoint decode_utf8(std::string_view text, std::size_t at);

/// Characters that change how the text around them is shown: control characters, direction overrides.
bool is_deceptive(char32_t character);

/// Whether `text` is well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text);

/// Lower-case hex of bytes.
std::string to_hex(std::string_view bytes);

/// The bytes behind lower-case hex; throws Error Fault::damaged for any other character or an odd length.
std::string from_hex(std::string_view hex);

} // namespace manifests
