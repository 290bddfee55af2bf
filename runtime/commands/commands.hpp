#pragma once
// The commands of sealift-runtime, one file each beside this one; main.cpp adds them in this order.

#include "runtime/manual.hpp"

namespace runtime {

// add_completion and add_manual are in runtime/manual.hpp, for both programs have them.

} // namespace runtime
