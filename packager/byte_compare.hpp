#pragma once
// Two open files side by side.

#include <cstdint>
#include <optional>

#include "runtime/blob_source.hpp"
#include "runtime/content.hpp"

namespace packager {

/// A part of one file and the part of another that it is compared with.
struct ByteRanges {
    std::uint64_t from_a = 0; ///< from the start of the blob
    std::uint64_t from_b = 0;
    std::uint64_t length_bytes = 0; ///< both blobs have that many from there on
};

/// The first byte, counted from the start of the ranges, in which they differ; nothing if they are the same.
/// @param on_bytes  told of every byte once, those behind the difference too; may be empty
/// @throws Error  Fault::damaged, Code::format_truncated if a file ends early; Fault::io
std::optional<std::uint64_t> first_difference(const runtime::BlobAt& a, const runtime::BlobAt& b,
                                              const ByteRanges& ranges, const runtime::OnBytes& on_bytes);

} // namespace packager
