#pragma once
// Whether bytes are a Python pickle: a program for a small stack machine that can call anything, and does so
// while it is being loaded. Recognised by what they are, not by their name, and never by a list of bad names:
// such lists keep losing. Nothing is executed; the machine's stack is followed as far as its height.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "packager/tensors.hpp"

namespace packager {

struct PickleFacts {
    std::uint64_t protocol = 0;     ///< as it says; 0 for one that does not
    std::vector<std::string> names; ///< the first of those that it fetches: "os.system"; from outside
    bool is_inert = false;          ///< it breaks off before anything was fetched
};

/// Bytes that begin with 0x80 and a protocol of 0 to 5 are one, whole or broken: what stands before a mistake
/// has run when a loader meets it. Bytes without that front (protocols 0 and 1, and later ones that leave it
/// out) are one if they can be read as its instructions, fetch a name, and then call it, build from it or
/// end, if the name is one of a module; or if they are valid for so long that what comes of them is left
/// open. Several may stand one behind the other.
/// @throws  whatever `read` throws
/// Source: Python's Lib/pickletools.py for the instructions
std::optional<PickleFacts> look_for_pickle(std::uint64_t size_bytes, const ReadBytes& read);

} // namespace packager
