#pragma once
// What a bundle holds, in the order of the format, and where every byte of a bundle file lies. The plan
// follows from sizes alone, so a writer knows every offset before it has hashed anything, and a reader
// refuses a file whose entries are not where the plan says. Items are small values, for there may be 100,000
// of them; names and bytes are made when they are asked for.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "manifests/assembly.hpp"
#include "manifests/digest.hpp"
#include "manifests/tar_header.hpp"

namespace manifests {

inline constexpr std::uint64_t blob_alignment_bytes =
    65536; ///< holds for 4 KiB and 64 KiB pages, blocks and reflinks
inline constexpr std::uint64_t tar_end_bytes = 2 * tar_block_bytes; ///< two zero blocks end a tar

enum class ItemKind : std::uint8_t {
    layout_marker,
    index,
    bundle_manifest,
    document,
    model_manifest,
    model_config,
    attestation, ///< manifest around the envelope with the same number
    envelope,
    empty_config,
    profile,
    software_bom,
    hardware_bom,
    chunk_table, ///< of the file with this number
    file,
};

/// One thing that is stored under one name. Equal content is stored once, as the first kind that it is.
struct LayoutItem {
    ItemKind kind;
    std::uint32_t number = 0; ///< of an envelope, or of a file: its place in BundleDocument::files
    std::uint64_t size_bytes = 0;
    Digest digest; ///< of blobs; of nothing for layout_marker and index, which go by name

    bool is_blob() const { return kind != ItemKind::layout_marker && kind != ItemKind::index; }
    /// "oci-layout", "index.json", "blobs/sha256/..."
    std::string name() const;
};

/// Everything that decides what is in a bundle.
struct Contents {
    const BundleDocument& document;
    const Assembly& assembly;
    const std::vector<std::string>& envelopes; ///< DSSE, one attestation each
};

/// Everything in a bundle in the order of FORMAT.md "Order of entries". Equal blobs stand once, at their
/// first place.
/// @throws Error  Fault::damaged, Code::content_size if one digest is said to have two sizes
std::vector<LayoutItem> items_of(const Contents& contents);

/// Whether the bytes of an item follow from the contents; the others (profile, BOMs, chunk tables, files)
/// come from somewhere.
bool is_derived(ItemKind kind);
/// @param item  with is_derived(item.kind)
void write_item(const LayoutItem& item, const Contents& contents, const Sink& sink);

struct TarEntry {
    std::uint64_t size_bytes = 0;
    std::uint64_t header_offset = 0;
    std::uint64_t padding = 0; ///< number of an alignment filler, which is all zero; 0: the item itself
    std::uint32_t item = 0;    ///< index into the items; of a filler: of the item behind it

    std::uint64_t data_offset() const { return header_offset + tar_block_bytes; }
    /// Where the next header starts.
    std::uint64_t end_offset() const;
    std::string name(const std::vector<LayoutItem>& items) const;
};

struct TarLayout {
    std::vector<TarEntry> entries;
    std::uint64_t total_bytes = 0; ///< of the whole file, the two end blocks included
};

/// @throws Error  Fault::damaged, Code::format_limit if offsets leave 2^62
TarLayout plan_tar(const std::vector<LayoutItem>& items);

/// The entries of plan_tar() one after another, for who keeps none: 100,000 take 3 MB.
/// @return total_bytes
/// @throws Error  as plan_tar()
std::uint64_t for_each_tar_entry(const std::vector<LayoutItem>& items,
                                 const std::function<void(const TarEntry&)>& on_entry);

/// "sealift-padding/00000001": the n-th filler of a file.
std::string padding_name(std::uint64_t number);

} // namespace manifests
