#pragma once
// Engine arguments with placeholders, as RuntimeSection describes them: parsed once here, so that build, the
// reader and the launcher agree on what an argument means.

#include <string>
#include <string_view>
#include <vector>

namespace manifests {

struct ArgumentPiece {
    enum class Kind { text, file, fd, offset, dir, port, threads };
    Kind kind = Kind::text;
    std::string value; ///< the text, or the path that a placeholder names
};

/// "{file:engine/x.so}" and the like; "{{" is a brace. Adjacent text is one piece.
/// @throws Error  Fault::damaged for an unknown placeholder or an open brace
std::vector<ArgumentPiece> parse_argument(std::string_view text);

/// `text` with "{{" for every brace, so that parse_argument gives it back as text.
std::string plain_argument(std::string_view text);

} // namespace manifests
