#pragma once
// Descriptors that this process inherited and never asked for: a pipe of the shell that started it, the lock
// file of a script. Ours are all close-on-exec; whatever is not belongs to somebody else, and neither an
// engine nor a background process may keep it open.

#include <vector>

namespace runtime {

/// Open descriptors above 2 that an executed program would inherit.
std::vector<int> foreign_descriptors();

} // namespace runtime
