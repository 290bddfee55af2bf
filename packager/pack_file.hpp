#pragma once
// One input, read once: into its place in the bundle, and through every hash that the bundle says of it.

#include <optional>

#include "manifests/bundle_document.hpp"
#include "packager/bundle_output.hpp"
#include "packager/inputs.hpp"
#include "runtime/content.hpp"

namespace packager {

struct Packed {
    manifests::Digest digest;
    manifests::Digest fs_verity;
    std::optional<manifests::Digest> chunk_table;
    std::optional<Sha512> sha512;
};

struct PackRequest {
    const runtime::BlobAt& source;
    std::uint64_t size_bytes; ///< that was planned
    Target content;
    Target table; ///< of files that have one
    bool with_sha512 = false;
    runtime::OnBytes on_bytes;
    bool two_threads = false;                    ///< for a large file: there are more processors than files
    runtime::Cache cache = runtime::Cache::keep; ///< of the source
};

/// Clones the file where the file system can share blocks, and then reads the clone; writes it otherwise. A
/// piece that is all zero is not written: it stays a hole, or reserved space that reads as zeros.
/// @throws Error  Fault::damaged, Code::content_size / format_truncated if the source has another size now;
/// Fault::io
Packed pack_file(const PackRequest& request);

} // namespace packager
