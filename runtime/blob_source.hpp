#pragma once
// Where the blobs of a bundle lie: in the bundle file, in a folder, or in an installed generation. A source
// finds bytes; it vouches for none of them.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/digest.hpp"
#include "manifests/tar_layout.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {

/// Bytes in an open file. The descriptor stays open between check and use, so what was verified is what is
/// used.
struct BlobAt {
    std::shared_ptr<const FileDescriptor> file;
    std::uint64_t offset = 0;
    std::uint64_t size_bytes = 0;
    std::string where; ///< for messages
};

class PipeSpool;

class BlobSource {
public:
    virtual ~BlobSource() = default;
    /// "oci-layout" and "index.json"
    virtual std::string read_named(const std::string& name) const = 0;
    virtual std::optional<BlobAt> find(const manifests::Digest& digest) const = 0;
    /// Called before a document is read, once its size was compared: a pipe is read on as far as that takes.
    virtual void fetch(const BlobAt&) const {}
    /// A file of the bundle; by default the blob with its digest.
    virtual std::optional<BlobAt> find_file(const manifests::BundleFile& file) const {
        return find(file.digest);
    }
    /// The closed world: what is there is exactly `items`, where and how the format puts them; in a
    /// generation, which has no blobs for them, exactly the files of the document.
    /// @throws Error  Fault::damaged with the code of the first difference
    virtual void refuse_others(const manifests::Contents& contents,
                               const std::vector<manifests::LayoutItem>& items) = 0;
};

/// @throws Error  Fault::damaged, Code::format_not_a_bundle / format_truncated / ... if `path` is no bundle
/// at all
std::unique_ptr<BlobSource> open_bundle_file(const std::string& path);
/// The front of a bundle file that comes through a pipe: everything but the files.
std::unique_ptr<BlobSource> open_bundle_pipe(std::shared_ptr<PipeSpool> spool);
std::unique_ptr<BlobSource> open_bundle_folder(const std::string& path);
/// An installed generation: small documents in `path`/bundle, files under their own names in `path`/files.
std::unique_ptr<BlobSource> open_generation_folder(const std::string& path);

/// All of a small blob; not yet checked. @throws Error  if it is over `most_bytes` or ends early
std::string read_blob(const BlobAt& blob, std::uint64_t most_bytes);

/// A long blob in pieces of 64 KiB; not yet checked.
manifests::NextPiece pieces_of(const BlobAt& blob);

} // namespace runtime
