#pragma once
// The front of what zlib made smaller, up to a mistake in it. A loader that reads piece by piece has acted on
// what stands before the mistake; libarchive gives nothing then.

#include <cstddef>
#include <string>
#include <string_view>

namespace packager {

/// @param packed  without the two bytes of zlib's front; may be cut short
/// @return what it unpacks to, up to `most` bytes and to the first mistake
/// Source: RFC 1951
std::string inflate_front(std::string_view packed, std::size_t most);

} // namespace packager
