#pragma once
// Compilers fill up with zeros between the containers of device code in one section.

#include <cstdint>

#include "packager/file_view.hpp"

namespace packager {

/// @return the place of the first byte from `at` on, and before `end`, that is not zero; `end` if there is
/// none
std::uint64_t skip_zeros(const FileView& file, std::uint64_t at, std::uint64_t end);

} // namespace packager
