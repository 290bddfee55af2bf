// Everything in a copy that is no content: each byte of it follows from the bundle document, or has a digest
// there.

#include <algorithm>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/oci.hpp"
#include "manifests/text.hpp"
#include "packager/repair_session.hpp"
#include "runtime/content.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::ItemKind;
using manifests::LayoutItem;
using manifests::TarEntry;

// A document that comes from somewhere: its bytes are proven on the way out of the other copy.
void mend_document(RepairSession& session, std::size_t index) {
    BundleCopy& target = session.target();
    const LayoutItem& item = target.items()[index];
    if (session.is_whole(index)) return;
    const std::string what = describe_item(item, session.known().contents());
    const BundleCopy* from = session.find_proven(item.digest);
    if (from == nullptr) {
        const bool table = item.kind == ItemKind::chunk_table;
        session.remains(table ? Code::content_chunk_table : Code::content_digest, what,
                        "is damaged in every copy that was given", "give another copy with --from");
        return;
    }
    const runtime::BlobAt source = from->place(*from->item_of(item.digest));
    if (!session.dry_run()) {
        runtime::read_proven(source, item.digest,
                             [&](const char* data, std::size_t length_bytes, std::uint64_t at) {
                                 target.write(index, at, {data, length_bytes});
                             });
    }
    Replacement replacement{.what = what, .length_bytes = item.size_bytes, .from = from->path()};
    if (target.form() == Form::file) replacement.bundle_offset = target.place(index).offset;
    session.add(std::move(replacement));
}

// A link or a folder in the place of a file is nobody's to remove but its owner's.
template<typename Mend>
void or_name_it(RepairSession& session, std::size_t index, const Mend& mend) {
    try {
        mend();
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        session.remains(error.code().value_or(Code::layout_link),
                        describe_item(session.target().items()[index], session.known().contents()),
                        error.what(), "remove it, and repair again");
    }
}

class FileMender {
public:
    FileMender(RepairSession& session, FileCopy& target)
        : session_(session), target_(target), plan_(target.plan()) {}

    void mend() {
        mend_size();
        const auto& items = target_.items();
        for (const TarEntry& entry : plan_.entries) {
            const std::string name = entry.name(items);
            const std::string what =
                entry.padding != 0 ? name : describe_item(items[entry.item], session_.known().contents());
            compare_frame("header of " + what, entry.header_offset,
                          manifests::tar_header(name, entry.size_bytes));
            const std::uint64_t data_end = entry.data_offset() + entry.size_bytes;
            const std::uint64_t zeros = entry.padding != 0 ? entry.data_offset() : data_end;
            compare_frame("padding of " + what, zeros,
                          std::string(static_cast<std::size_t>(entry.end_offset() - zeros), '\0'));
            if (entry.padding == 0) mend_item(entry);
        }
        const std::uint64_t end = plan_.total_bytes;
        compare_frame("closing blocks", end - manifests::tar_end_bytes,
                      std::string(static_cast<std::size_t>(manifests::tar_end_bytes), '\0'));
    }

private:
    void mend_item(const TarEntry& entry) {
        const LayoutItem& item = target_.items()[entry.item];
        if (manifests::is_derived(item.kind)) {
            mend_derived(item, entry.data_offset());
        } else if (item.kind != ItemKind::file && item.kind != ItemKind::chunk_table) {
            mend_document(session_, entry.item);
        }
    }

    // What lies behind the end of the plan belongs to nothing; what is missing before it is written anew.
    void mend_size() {
        const std::uint64_t wanted = plan_.total_bytes;
        const std::uint64_t found = target_.size_bytes();
        if (found == wanted) return;
        if (!session_.dry_run()) target_.set_size(wanted);
        const bool longer = found > wanted;
        session_.add({.what = longer ? "bytes behind the end, cut off" : "end of the file, which was cut off",
                      .offset = std::min(found, wanted),
                      .length_bytes = longer ? found - wanted : wanted - found,
                      .bundle_offset = std::min(found, wanted)},
                     RepairSession::Written::size_only);
    }

    // Twice piece by piece, for these documents have 30 MB each for 100,000 files.
    void mend_derived(const LayoutItem& item, std::uint64_t offset) {
        const manifests::Contents contents = session_.known().contents();
        bool is_right = true;
        std::uint64_t at = offset;
        write_item(item, contents, [&](std::string_view piece) {
            is_right = is_right && target_.read(at, piece.size()) == piece;
            at += piece.size();
        });
        if (is_right) return;
        session_.add(
            {.what = describe_item(item, contents), .length_bytes = at - offset, .bundle_offset = offset});
        if (session_.dry_run()) return;
        at = offset;
        write_item(item, contents, [&](std::string_view piece) {
            target_.write_at(at, piece);
            at += piece.size();
        });
    }

    void compare_frame(const std::string& what, std::uint64_t offset, const std::string& wanted) {
        if (!differs(offset, wanted)) return;
        session_.add(
            {.what = what, .length_bytes = wanted.size(), .bundle_offset = offset, .is_frame = true});
    }

    // Whether it had to be written.
    bool differs(std::uint64_t offset, const std::string& wanted) {
        if (wanted.empty() || target_.read(offset, wanted.size()) == wanted) return false;
        if (!session_.dry_run()) target_.write_at(offset, wanted);
        return true;
    }

    RepairSession& session_;
    FileCopy& target_;
    const manifests::TarLayout plan_;
};

class FolderMender {
public:
    FolderMender(RepairSession& session, FolderCopy& target) : session_(session), target_(target) {}

    void mend() {
        for (std::size_t i = 0; i < target_.items().size(); ++i)
            or_name_it(session_, i, [&] { mend_item(i); });
    }

private:
    void mend_item(std::size_t index) {
        const LayoutItem& item = target_.items()[index];
        if (!item.is_blob()) {
            if (!is_right_by_meaning(index)) write_derived(index);
        } else if (manifests::is_derived(item.kind)) {
            if (!session_.is_whole(index)) write_derived(index);
        } else if (item.kind == ItemKind::file || item.kind == ItemKind::chunk_table) {
            mend_size(index);
        } else {
            mend_document(session_, index);
        }
    }

    void write_derived(std::size_t index) {
        const LayoutItem& item = target_.items()[index];
        std::uint64_t at = 0;
        write_item(item, session_.known().contents(), [&](std::string_view piece) {
            if (!session_.dry_run()) target_.write(index, at, piece);
            at += piece.size();
        });
        session_.add({.what = describe_item(item, session_.known().contents()), .length_bytes = at});
    }

    // Its chunks are looked at later; here it only gets its size, and an empty file its place.
    void mend_size(std::size_t index) {
        const LayoutItem& item = target_.items()[index];
        const auto found = target_.size_of(index);
        if (found == item.size_bytes) return;
        if (!session_.dry_run()) target_.write(index, 0, {});
        const bool longer = found.value_or(0) > item.size_bytes;
        if (found && !longer) return; // the chunks that are missing will be named
        if (!found && item.size_bytes > 0) return;
        session_.add({.what = describe_item(item, session_.known().contents()) +
                              (longer ? ": bytes behind its end, cut off" : ": was missing"),
                      .offset = item.size_bytes,
                      .length_bytes = found.value_or(item.size_bytes) - item.size_bytes},
                     RepairSession::Written::size_only);
    }

    // Tools rewrite these two files; FORMAT.md "Folder form" says what counts.
    bool is_right_by_meaning(std::size_t index) const {
        const auto size_bytes = target_.size_of(index);
        constexpr std::uint64_t most_bytes = 64ULL << 20;
        if (!size_bytes || *size_bytes > most_bytes) return false;
        runtime::BlobAt blob = target_.place(index);
        blob.size_bytes = *size_bytes;
        const std::string found = runtime::read_blob(blob, most_bytes);
        if (target_.items()[index].kind == ItemKind::layout_marker) return manifests::is_oci_layout(found);
        try {
            std::string wanted;
            write_item(target_.items()[index], session_.known().contents(),
                       [&](std::string_view piece) { wanted += piece; });
            return listed_in(found) == listed_in(wanted);
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            return false;
        }
    }

    static std::vector<manifests::Descriptor> listed_in(const std::string& index) {
        auto listed = manifests::ImageIndex::parse(index).manifests;
        for (manifests::Descriptor& one : listed) {
            std::erase_if(one.annotations, [](const auto& annotation) {
                return annotation.first != manifests::media::annotation_ref_name;
            });
        }
        std::sort(listed.begin(), listed.end(),
                  [](const auto& a, const auto& b) { return a.digest < b.digest; });
        return listed;
    }

    RepairSession& session_;
    FolderCopy& target_;
};

} // namespace

void mend_structure(RepairSession& session) {
    if (auto* file = dynamic_cast<FileCopy*>(&session.target())) return FileMender(session, *file).mend();
    FolderMender(session, dynamic_cast<FolderCopy&>(session.target())).mend();
}

void mend_tables(RepairSession& session) {
    for (std::size_t i = 0; i < session.target().items().size(); ++i)
        if (session.target().items()[i].kind == ItemKind::chunk_table)
            or_name_it(session, i, [&] { mend_document(session, i); });
}

} // namespace packager
