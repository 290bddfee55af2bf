#pragma once
// The commands of sealift, one file each beside this one; main.cpp adds them in this order.

#include "runtime/manual.hpp"

namespace packager {

using runtime::add_completion;
using runtime::add_manual;

} // namespace packager
