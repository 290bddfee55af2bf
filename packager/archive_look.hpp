#pragma once
// What is inside of an archive or behind a compression: the front of every file in it, for nothing but the
// question whether one of them is a pickle.

#include <cstdint>
#include <functional>
#include <string>

#include "packager/tensors.hpp"

namespace packager {

/// The front of one file inside, up to 64 KiB. @return whether to go on
using OnInside = std::function<bool(const std::string& name, const std::string& front)>;

/// Zip, 7z, tar, and whatever stands behind gzip, bzip2, xz, zstd or lz4.
/// @return why it could not be gone through to its end; empty if it was, or `on_inside` had enough
/// @throws  whatever `read` or `on_inside` throws
std::string look_inside(std::uint64_t size_bytes, const ReadBytes& read, const OnInside& on_inside);

} // namespace packager
