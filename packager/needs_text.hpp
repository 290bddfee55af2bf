#pragma once
// What a bundle asks of a machine, in lines for people; outside text in them is escaped.

#include <string>

#include "manifests/needs.hpp"

namespace packager {

/// Lines that begin with "needs" and "devices", each with a line feed; empty if nothing is asked for.
std::string needs_text(const manifests::Needs& needs);

} // namespace packager
