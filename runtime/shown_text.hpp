#pragma once
// What Table and print_json() are made of, for output that is printed piece by piece.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/json.hpp"

namespace runtime {

/// A cell as a table shows it: escaped, "-" for an empty one.
std::string shown_cell(const std::string& cell);
/// The same for text that was escaped already.
std::string shown_safe_cell(const std::string& cell);

/// A line of such cells, with its line feed.
/// @param widths  columns on a terminal, one for each cell; that of the last one counts on the right only
std::string table_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                       const std::vector<bool>& right);

/// JSON text with the characters in its strings that a terminal obeys as \uXXXX; line feeds stay.
std::string harmless_json(std::string_view text);

/// What print_json() prints.
std::string shown_json(const manifests::OrderedJson& value);

} // namespace runtime
