#pragma once
// The tree of a file as FORMAT.md, section 13 has it, line by line and with SHA-256 as its only help: what
// the tests compare manifests/verity.hpp with, and what their sample documents are described by.

#include <string>
#include <string_view>

#include "manifests/bundle_document.hpp"

namespace tests {

/// 32 bytes; of up to 524288 bytes that are the bytes of a file from a multiple of 524288 on.
std::string plain_chunk(std::string_view bytes);
/// chunk(0) ... chunk(n - 1), 32 bytes each, whatever the size.
std::string plain_chunks(std::string_view bytes);
/// 32 bytes.
std::string plain_root(std::string_view bytes);
/// The 256 bytes that are hashed.
std::string plain_descriptor(std::uint64_t size_bytes, std::string_view root);
manifests::Digest plain_verity(std::string_view bytes);

/// A file of a bundle with everything that its bytes say.
manifests::BundleFile file_of(const std::string& path, manifests::Role role, std::string_view bytes,
                              manifests::FileMode mode = manifests::FileMode::plain);

} // namespace tests
