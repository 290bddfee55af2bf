#pragma once
// One copy of a known bundle on its disk, damaged or not: where everything in it has its place, for reading
// and for writing right bytes over wrong ones. Writing goes straight to the place and needs no second file,
// on a full stick too; who stops it halfway has a copy that is less damaged than before.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/tar_layout.hpp"
#include "packager/bundle_output.hpp"
#include "packager/indexed_items.hpp"
#include "runtime/blob_source.hpp"

namespace packager {

class BundleCopy {
public:
    virtual ~BundleCopy() = default;
    BundleCopy(const BundleCopy&) = delete;
    BundleCopy& operator=(const BundleCopy&) = delete;

    const std::string& path() const noexcept { return path_; }
    virtual Form form() const noexcept = 0;
    const std::vector<manifests::LayoutItem>& items() const noexcept { return items_->list(); }

    /// The item with this digest, if the bundle has one.
    std::optional<std::size_t> item_of(const manifests::Digest& digest) const { return items_->find(digest); }
    /// Where the bytes of an item are or should be. It has the right size; the file behind it may end
    /// earlier.
    virtual runtime::BlobAt place(std::size_t item) const = 0;
    /// Bytes of the item that the file behind place() has.
    virtual std::uint64_t bytes_there(std::size_t item) const = 0;

    /// Writes into an item, at an offset in it.
    /// @throws Error  Fault::io, also if another file stands under the path by now
    virtual void write(std::size_t item, std::uint64_t offset, std::string_view bytes) = 0;
    /// Everything written is on the disk.
    virtual void sync() = 0;

protected:
    BundleCopy(std::string path, std::shared_ptr<const IndexedItems> items)
        : path_(std::move(path)), items_(std::move(items)) {}
    std::string path_;

private:
    std::shared_ptr<const IndexedItems> items_;
};

/// The file form: every place is planned, and each byte outside of content is known.
class FileCopy final : public BundleCopy {
public:
    FileCopy(const std::string& path, std::shared_ptr<const IndexedItems> items);
    Form form() const noexcept override { return Form::file; }
    runtime::BlobAt place(std::size_t item) const override;
    std::uint64_t bytes_there(std::size_t item) const override;
    void write(std::size_t item, std::uint64_t offset, std::string_view bytes) override;
    void sync() override;

    /// Made anew: few ask, and 100,000 entries take 3 MB.
    manifests::TarLayout plan() const { return manifests::plan_tar(items()); }
    std::uint64_t size_bytes() const noexcept { return size_bytes_; }
    /// Up to `length_bytes` of the file. @throws Error  Fault::io
    std::string read(std::uint64_t offset, std::size_t length_bytes) const;
    void write_at(std::uint64_t offset, std::string_view bytes);
    /// Cuts or extends the file. @throws Error  Fault::io
    void set_size(std::uint64_t size_bytes);

private:
    const runtime::FileDescriptor& for_writing();

    std::vector<std::uint64_t> offsets_;
    std::shared_ptr<const runtime::FileDescriptor> file_;
    std::uint64_t size_bytes_ = 0;
    runtime::FileDescriptor written_;
};

/// The folder form: a file for each item.
class FolderCopy final : public BundleCopy {
public:
    FolderCopy(const std::string& path, std::shared_ptr<const IndexedItems> items);
    Form form() const noexcept override { return Form::folder; }
    runtime::BlobAt place(std::size_t item) const override;
    std::uint64_t bytes_there(std::size_t item) const override;
    /// Makes the file, and the folders above it, if they are not there; and gives the file its right size.
    void write(std::size_t item, std::uint64_t offset, std::string_view bytes) override;
    void sync() override;

    /// Size of the file; nothing if there is none. @throws Error  Fault::damaged, Code::layout_link if
    /// something else than a regular file stands there
    std::optional<std::uint64_t> size_of(std::size_t item) const;
    /// Names that belong to nothing in the bundle, sorted; not yet escaped.
    std::vector<std::string> spare_names() const;

private:
    runtime::FileDescriptor open_parent(const std::string& name) const;
    void open_for_writing(std::size_t item);

    runtime::FileDescriptor folder_;
    std::shared_ptr<const runtime::FileDescriptor> nothing_; ///< stands for files that are not there
    std::optional<std::size_t> written_item_;
    runtime::FileDescriptor written_;
};

} // namespace packager
