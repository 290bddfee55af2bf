#pragma once
// The files in an archive or behind a compression, for nothing but the question whether one of them is a
// pickle. What stands in the archive as it is, is read in place; the rest is unpacked, within a budget.

#include <cstdint>
#include <functional>
#include <string>

#include "packager/look_budget.hpp"
#include "packager/tensors.hpp"
#include "packager/unpacking.hpp"

namespace packager {

/// One file inside; `read` is valid during the call. @return whether to go on
using OnInside =
    std::function<bool(const std::string& name, std::uint64_t size_bytes, const ReadBytes& read)>;

/// Tar, 7z, and the one file behind a compression, which has no name. A file that breaks off is shown as far
/// as it goes.
/// @return why it could not be gone through to its end; empty if it was, or `on_inside` had enough
/// @throws  whatever `read` or `on_inside` throws
std::string look_inside(Packing packing, std::uint64_t size_bytes, const ReadBytes& read, LookBudget& budget,
                        const OnInside& on_inside);

/// The same for what zlib made smaller, which libarchive reads only as gzip.
std::string look_inside_zlib(std::uint64_t size_bytes, const ReadBytes& read, LookBudget& budget,
                             const OnInside& on_inside);

/// Shows what was unpacked.
/// @param go_on  becomes what on_inside answers
/// @return why the file could not be gone through
std::string show_unpacked(LookSpool& spool, LookBudget& budget, const std::string& name,
                          const OnInside& on_inside, bool& go_on);

/// `length` bytes from `from` on, as a file of their own. @param read  must live as long
ReadBytes window_of(const ReadBytes& read, std::uint64_t from);

inline constexpr const char* too_much_inside = "there is too much in it";

} // namespace packager
