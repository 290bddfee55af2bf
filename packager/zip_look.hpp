#pragma once
// The files in a zip, as archive_look.hpp has them for other archives.

#include <cstdint>
#include <string>

#include "packager/archive_look.hpp"
#include "packager/zip_directory.hpp"

namespace packager {

/// The files that one directory lists; those that are not compressed are read in place. What a reader that
/// goes from front to back would find, or find otherwise, is no honest zip and ends the look: other sizes or
/// another compression in the local header, a file between two others that the directory does not list.
/// @return why it could not be gone through to its end; empty if it was, or `on_inside` had enough
/// @throws  whatever `read` or `on_inside` throws
std::string look_inside_zip(const ZipDirectory& directory, std::uint64_t size_bytes, const ReadBytes& read,
                            LookBudget& budget, const OnInside& on_inside);

} // namespace packager
