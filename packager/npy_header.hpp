#pragma once
// Whether an array of NumPy holds numbers, or Python objects, which are a pickle behind its header.

#include <string_view>

namespace packager {

bool is_npy(std::string_view front);

/// The header is a text of Python: one that is written in another way than numpy writes it may say anything,
/// and counts as one of objects.
/// @param npy  the front of a file that is_npy
bool has_objects(std::string_view npy);

} // namespace packager
