#pragma once
// Which archives and compressions a file can be by how it begins. One that is a zip by its end is another
// matter: zip_directory.hpp.

#include <string_view>
#include <vector>

#include "packager/unpacking.hpp"

namespace packager {

struct ContainerKind {
    Packing packing;
    std::string_view kind; ///< "7z", "tar", "gzip", "bzip2", "xz", "lzma", "lzip", "zstd", "lz4", "zlib"
    /// Or so few bytes tell that other files begin with them too: then it is one if it can be unpacked.
    bool is_sure = true;
    bool is_zlib = false; ///< which is unpacked as gzip, with another front
};

/// Source: the formats' specifications; for tar, also of the time before "ustar", what Python's tarfile takes
std::vector<ContainerKind> containers_by_front(std::string_view front);

/// A zip as readers know it that go from front to back.
bool begins_as_zip(std::string_view front);

} // namespace packager
