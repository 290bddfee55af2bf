#pragma once
// Compact JSON made readable while it passes by: the bundle document of 100,000 files has 29 MB of text and
// ten times that as a value, which nobody needs in order to see it.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "manifests/text.hpp"

namespace runtime {

/// Gives for text of manifests::write_json() what shown_json() gives for its value, without the line feed at
/// the end.
class JsonIndent {
public:
    /// @param sink   gets pieces of some 64 KiB
    /// @param depth  of the value in the text around it; its first line is not indented
    explicit JsonIndent(manifests::Sink sink, std::size_t depth = 0)
        : sink_(std::move(sink)), depth_(depth) {}

    /// Pieces may end anywhere, also inside of a character.
    void take(std::string_view piece);
    void end();

private:
    void add(char c);
    void begin_line();

    manifests::Sink sink_;
    std::size_t depth_;
    std::string rest_; ///< bytes of a character whose end is in the next piece
    std::string out_;
    bool is_in_string_ = false;
    bool is_escaped_ = false; ///< the character before was a backslash
    bool is_first_ = false;   ///< nothing was written yet behind the bracket
};

} // namespace runtime
