#pragma once
// The one header a bundle file has for an entry: 512 bytes of GNU tar, made by libarchive. GNU and not PAX:
// with a PAX size record, a client that remembers one header per blob re-opens a blob of 8 GiB and more as
// empty.

#include <cstdint>
#include <string>

namespace runtime {

/// @param name  at most 100 ASCII bytes
std::string tar_header(const std::string& name, std::uint64_t size_bytes);

} // namespace runtime
