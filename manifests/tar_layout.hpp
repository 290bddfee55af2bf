#pragma once
// Where every byte of a bundle file lies. The plan follows from names and sizes alone, so a writer knows
// every offset before it has hashed anything, and a reader refuses a file whose entries are not where the
// plan says.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/assembly.hpp"
#include "manifests/digest.hpp"

namespace manifests {

inline constexpr std::uint64_t tar_block_bytes = 512;
inline constexpr std::uint64_t blob_alignment_bytes =
    65536; ///< holds for 4 KiB and 64 KiB pages, blocks and reflinks
inline constexpr std::uint64_t tar_end_bytes = 2 * tar_block_bytes; ///< two zero blocks end a tar

/// What is stored under one name: an own document given as bytes, or a file's blob.
struct LayoutItem {
    std::string name; ///< in the tar: "oci-layout", "index.json", "blobs/sha256/..."
    std::uint64_t size_bytes = 0;
    std::optional<std::string> bytes; ///< of documents
    std::optional<Digest> digest;     ///< of blobs
    const BundleFile* file = nullptr; ///< of file blobs: the first file with this content
};

struct TarEntry {
    std::string name;
    std::uint64_t size_bytes = 0;
    std::uint64_t header_offset = 0;
    std::uint64_t data_offset = 0;
    bool padding = false; ///< the alignment filler in front of the next entry; all zero
    std::size_t item = 0; ///< index into the items, for entries that are not padding
};

struct TarLayout {
    std::vector<TarEntry> entries;
    std::uint64_t total_bytes = 0; ///< of the whole file, the two end blocks included
};

/// Documents that are not in the assembly but travel in the bundle.
struct CarriedDocuments {
    std::string profile;
    std::string software_bom;
    std::string hardware_bom;
    std::vector<std::string> envelopes; ///< DSSE, one attestation each
};

/// Everything in a bundle in the order of the format: layout marker, index, bundle manifest, bundle document,
/// model manifest, model config, attestation manifests and envelopes by rising digest, the empty config,
/// profile, BOMs, then the files' blobs by role and path. Equal blobs stand once, at their first place.
/// @param document  must outlive the result, which points at its files
/// @throws Error  Fault::damaged, Code::content_size if one digest is said to have two sizes
std::vector<LayoutItem> items_of(const Assembly& assembly, const BundleDocument& document,
                                 const CarriedDocuments& documents);

/// @throws Error  Fault::damaged, Code::format_limit if offsets leave 2^63
TarLayout plan_tar(const std::vector<LayoutItem>& items);

/// "sealift-padding/00000001": the n-th filler of a file.
std::string padding_name(std::uint64_t number);

} // namespace manifests
