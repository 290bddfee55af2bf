#pragma once
// The blobs of several OCI image layouts, folders or uncompressed tars of one, by the digest in their names.
// Other tools wrote them, so nothing is believed: a name only says where to look.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/digest.hpp"
#include "runtime/blob_source.hpp"

namespace packager {

class BlobPool {
public:
    /// @param path  a layout folder, with or without its index.json; or a tar of one, which may end early
    /// @throws Error  Fault::damaged, Code::format_not_a_bundle if there is nothing like blobs/sha256 in it;
    /// Code::format_limit; Fault::io
    void add(const std::string& path);

    /// Every blob with that name, layouts in the order they were added.
    std::vector<runtime::BlobAt> find_all(const manifests::Digest& digest) const;
    /// The first one that really has the digest.
    /// @param most_bytes  larger ones are not looked at
    std::optional<runtime::BlobAt> find_proven(const manifests::Digest& digest,
                                               std::uint64_t most_bytes) const;
    /// Its bytes.
    std::optional<std::string> proven_text(const manifests::Digest& digest, std::uint64_t most_bytes) const;
    /// Every blob in the order of digests, whatever layout it is in; each is opened for the call only.
    void for_each(const std::function<void(const manifests::Digest&, const runtime::BlobAt&)>& on_blob) const;

    struct Index {
        std::string layout; ///< path that was given
        std::string text;
    };
    /// The index.json of each layout that has one.
    const std::vector<Index>& indexes() const noexcept { return indexes_; }
    std::size_t size() const noexcept { return places_.size(); }

private:
    struct Layout {
        std::string path;
        std::shared_ptr<const runtime::FileDescriptor> file; ///< the tar, or the folder blobs/sha256
        bool is_tar = false;
    };
    struct Place {
        manifests::Digest digest;
        std::uint32_t layout;
        std::uint64_t offset = 0;
        std::uint64_t size_bytes = 0; ///< in a tar; a file in a folder says it itself
    };
    void add_layout(const std::string& path);
    void add_folder(const std::string& path);
    void add_tar(const std::string& path);
    void add_entry(const runtime::BlobAt& entry);
    void sort_places();
    std::optional<runtime::BlobAt> open(const Place& place) const;

    std::vector<Layout> layouts_;
    std::vector<Place> places_; ///< sorted by digest, layout and offset; small, for there may be 100,000
    std::vector<Index> indexes_;
};

} // namespace packager
