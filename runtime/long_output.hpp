#pragma once
// Tables and JSON that are as long as a bundle has files. 100,000 rows kept as cells take 50 MB and as JSON
// values 100 MB; here each row is asked for when it is printed. What comes out is what Table and print_json()
// print.

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "manifests/json.hpp"
#include "manifests/text.hpp"

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

/// The same for rows that come one after another from something that cannot be asked for row i: each is
/// given to measure(), in any order, then each to print(), and end() prints what is left.
class StreamedTable {
public:
    /// Whether the cells of a row are as they came, or were escaped already (messages of an Error are).
    enum class Cells { raw, safe };
    /// @param right  one for each header: numbers stand on the right
    StreamedTable(std::vector<std::string> headers, std::vector<bool> right);
    /// @param row  one cell for each header
    void measure(const std::vector<std::string>& row, Cells cells = Cells::raw);
    /// @throws Error  as print() does
    void print(std::vector<std::string> row, Cells cells = Cells::raw);
    void end();

private:
    std::vector<std::size_t> widths_;
    std::vector<bool> right_;
    std::string waiting_; ///< the headers, then few writes instead of many
    std::vector<std::string> headers_;
    bool begun_ = false;
};

/// Prints text that is given out piece by piece. @throws Error  as print() does, and what `next` throws
void print_pieces(const manifests::NextPiece& next);

/// Prints `head` with one more member behind its own: an array of item(0) to item(count - 1).
/// @param head  an object with at least one member
/// @throws Error  as print() does
void print_long_json(const manifests::OrderedJson& head, const std::string& name, std::size_t count,
                     const std::function<manifests::OrderedJson(std::size_t i)>& item);

/// A document that is too long for a value, as manifests::write_json() spells it.
using WriteText = std::function<void(const manifests::Sink& sink)>;

/// A list of item(0) to item(count - 1).
WriteText list_text(std::size_t count, std::function<manifests::OrderedJson(std::size_t i)> item);

/// Prints `value` with texts in the place of some of its members.
/// @param texts  names of members of `value` that are null, in their order
/// @throws Error  as print() does, and what a text throws
void print_json_around(const manifests::OrderedJson& value,
                       const std::vector<std::pair<std::string, WriteText>>& texts);

} // namespace runtime
