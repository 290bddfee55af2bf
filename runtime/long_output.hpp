#pragma once
// Tables and JSON that are as long as a bundle has files. 100,000 rows kept as cells take 50 MB and as JSON
// values 100 MB; here each row is asked for when it is printed. What comes out is what Table and print_json()
// print.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "manifests/json.hpp"

namespace runtime {

struct LongTable {
    std::vector<std::string> headers;
    std::vector<bool> right; ///< one for each header: numbers stand on the right
    std::size_t rows = 0;
    /// Row i, one cell for each header. Called twice for each row, for the widths come first.
    std::function<std::vector<std::string>(std::size_t i)> row;
};

/// @throws Error  as print() does
void print_long_table(const LongTable& table);

/// Prints `head` with one more member behind its own: an array of item(0) to item(count - 1).
/// @param head  an object with at least one member
/// @throws Error  as print() does
void print_long_json(const manifests::OrderedJson& head, const std::string& name, std::size_t count,
                     const std::function<manifests::OrderedJson(std::size_t i)>& item);

} // namespace runtime
