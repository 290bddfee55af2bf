#pragma once
// How wide text is in a terminal. The C library's wcwidth() needs a locale, which this project never sets, so
// the few ranges that matter are here: East Asian wide and full-width characters and emoji take two columns,
// combining marks none. Source: Unicode 15 EastAsianWidth.txt (W and F) and general categories Mn and Me,
// joined into larger ranges where what lies between is unassigned.

#include <cstddef>
#include <string_view>

namespace runtime {

/// Columns that `text` takes. Bytes that are not UTF-8 count 1 each.
std::size_t display_width(std::string_view text) noexcept;

/// The longest beginning of `text` that takes at most `columns`.
std::string_view cut_to_width(std::string_view text, std::size_t columns) noexcept;

} // namespace runtime
