#pragma once
// Where the bytes of a bundle go while it is written: one file whose every offset is planned, a folder, or
// nowhere (to learn the digests only). Places are known before digests are, so content is written once, to
// its final place, and the documents that name it are filled in last although they stand first.

#include <memory>
#include <string>
#include <vector>

#include "manifests/tar_layout.hpp"
#include "runtime/disk_writer.hpp"

namespace packager {

enum class Form { file, folder };

/// Where an item's bytes are to be written.
struct Target {
    const runtime::FileDescriptor* file = nullptr; ///< nullptr: nowhere
    std::uint64_t offset = 0;
    std::string where;                     ///< for messages
    runtime::DiskWriter* writer = nullptr; ///< of the file, and there with it: for what is long
};

class BundleOutput {
public:
    virtual ~BundleOutput() = default;
    /// How large content is written, and better read as well.
    virtual runtime::Cache cache() const = 0;
    /// Called once for each item that is written ahead, from any thread.
    /// @param item  index into the items that the output was made for
    virtual Target begin(std::size_t item) = 0;
    /// The item is whole.
    virtual void end(std::size_t item) = 0;
    /// Names what was written, writes everything that follows from `contents`, and lets the output appear.
    /// @param items  the final ones: same kinds, numbers and sizes, other digests
    /// @throws Error  Fault::io
    virtual void finish(const manifests::Contents& contents,
                        const std::vector<manifests::LayoutItem>& items) = 0;
};

/// Before long work: whether something is at `output` that a bundle must not replace. Only an older bundle of
/// the same form, an empty file or an empty folder goes.
/// @throws Error  Fault::usage
void check_output(const std::string& output, Form form);

/// The output appears whole, by one rename in finish(), and replaces an older bundle of the same form;
/// without finish() nothing is left.
/// @param items       as far as they are known: kinds, numbers and sizes
/// @param hole_bytes  how much of these items is zeros that will not be written; if any, the rest takes its
///                    room as it is written
/// @throws Error  Fault::io if there is no room; as check_output()
std::unique_ptr<BundleOutput> open_output(const std::string& output, Form form,
                                          const std::vector<manifests::LayoutItem>& items,
                                          std::uint64_t hole_bytes);
/// Keeps nothing.
std::unique_ptr<BundleOutput> no_output();

/// Of the places of all that is not derived, which was written before all digests were known: the same for
/// two lists if one can stand for the other. Envelopes are sorted by the digests of their manifests, which
/// nobody knows before they are signed: among themselves they may trade places.
manifests::Digest digest_of_places(const std::vector<manifests::LayoutItem>& items);

} // namespace packager
