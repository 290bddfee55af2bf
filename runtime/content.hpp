#pragma once
// The bytes of a bundle's files against the digests its document names. Many files in parallel; the tree that
// cuts one large file across threads hooks in here.

#include <cstdint>
#include <functional>
#include <map>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/finding.hpp"
#include "runtime/bundle.hpp"

namespace runtime {

/// Called from any thread with the number of bytes just done.
using OnBytes = std::function<void(std::uint64_t)>;

/// Unit of reading: large enough that calls cost nothing, small enough to stay in a core's L2 cache.
inline constexpr std::size_t read_unit_bytes = 1 << 20;

/// Reads a blob in order and hands over each piece with its offset.
/// @throws Error  Fault::damaged, Code::format_truncated if it ends early; Fault::io
void read_pieces(const BlobAt& blob,
                 const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece);

/// The same, hashing on the way, for copies: what `on_piece` got counts only once this has returned.
/// @throws Error  besides, Fault::damaged, Code::content_digest if the bytes are not `wanted`
void read_proven(const BlobAt& blob, const manifests::Digest& wanted,
                 const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece);

manifests::Digest hash_blob(const BlobAt& blob, const OnBytes& on_bytes);

/// Files that the caller has open and will use: these very descriptors are read, not fresh ones.
using Held = std::map<manifests::BundlePath, BlobAt>;

/// Reads every file of the bundle and files a finding for each that is not what the document says.
manifests::Report check_content(const Bundle& bundle, unsigned jobs, const OnBytes& on_bytes,
                                const Held& held = {});

/// Bytes that check_content reads: each content once.
std::uint64_t content_bytes(const Bundle& bundle);

/// A finding from the error that a bundle's own bytes caused.
/// @throws the error again if it is not one of those
manifests::Finding finding_of(const manifests::Error& error, const std::string& where);

} // namespace runtime
