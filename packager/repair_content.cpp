// The chunks of files: which are not right, and where a right one is.

#include <algorithm>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/repair_session.hpp"
#include "runtime/proven_file.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
using manifests::chunk_bytes;
using manifests::Code;
using manifests::Error;
using manifests::Fault;
using runtime::BadContent;
using runtime::BadRange;
using runtime::ProvenFile;

// Where the file behind a place ends too early; nothing if it does not, or if no file is there to be mended.
std::optional<std::uint64_t> end_in(const BundleCopy& target, const BundleFile& file) {
    const auto item = target.item_of(file.digest);
    if (!item || target.items()[*item].kind != manifests::ItemKind::file) return std::nullopt;
    try {
        const std::uint64_t there = target.bytes_there(*item);
        return there < file.size_bytes ? std::optional(there) : std::nullopt;
    } catch (const Error& error) { // a link, which was named already
        if (error.fault() != Fault::damaged) throw;
        return std::nullopt;
    }
}

// Chunks that lie behind the end of what is there: reading stops in front of them.
void add_cut_off(const BundleCopy& target, const std::vector<runtime::ContentJob>& jobs,
                 runtime::ContentResult& found) {
    for (const runtime::ContentJob& job : jobs) {
        const auto end = end_in(target, *job.file);
        if (!end) continue;
        BadRange range;
        range.first_chunk = *end / chunk_bytes;
        range.chunks = manifests::chunk_count(job.file->size_bytes) - range.first_chunk;
        range.offset = range.first_chunk * chunk_bytes;
        range.length_bytes = job.file->size_bytes - range.offset;
        if (target.form() == Form::file)
            range.bundle_offset = target.place(*target.item_of(job.file->digest)).offset + range.offset;
        found.bad.push_back({job.file, range});
    }
    runtime::add_damage(found); // sorted and joined
}

class ContentMender {
public:
    ContentMender(RepairSession& session, const runtime::Bundle& front)
        : session_(session), front_(front), sources_(session.others().size()) {}

    void mend(const BadContent& bad) {
        if (bad.file != file_) open_sources(*bad.file);
        std::optional<BadRange> lost;
        const std::uint64_t end = bad.range.first_chunk + bad.range.chunks;
        for (std::uint64_t chunk = bad.range.first_chunk; chunk < end; ++chunk) {
            if (mend_chunk(bad, chunk)) {
                name(lost);
            } else {
                lose(bad, chunk, lost);
            }
        }
        name(lost);
    }

private:
    // A copy whose file or folder cannot be used for this file is passed over.
    void open_sources(const BundleFile& file) {
        file_ = &file;
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            sources_[i].reset();
            const BundleCopy& copy = *session_.others()[i];
            try {
                sources_[i].emplace(front_, file, copy.place(*copy.item_of(file.digest)));
            } catch (const Error& error) {
                pass_over(copy, error);
            }
        }
    }

    // Sectors that cannot be read are damage like any other, as long as another copy has the chunk.
    void pass_over(const BundleCopy& copy, const Error& error) {
        if (error.fault() == Fault::damaged) return;
        if (error.fault() != Fault::io) throw error;
        if (told_.insert(&copy).second)
            session_.result().notes.push_back(manifests::escaped(copy.path(), 4096) + ": " + error.what());
    }

    bool mend_chunk(const BadContent& bad, std::uint64_t chunk) {
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            if (!sources_[i]) continue;
            bool good = false;
            std::string bytes; // written only after reading is done: a failed write is not the source's fault
            try {
                sources_[i]->read(chunk, 1, nullptr, [&](const ProvenFile::Chunk& read) {
                    good = read.good;
                    bytes.assign(read.data, read.length_bytes);
                });
            } catch (const Error& error) {
                pass_over(*session_.others()[i], error);
                continue;
            }
            if (!good) continue;
            put(bad, chunk, bytes, session_.others()[i]->path());
            return true;
        }
        return false;
    }

    void put(const BadContent& bad, std::uint64_t chunk, const std::string& bytes, const std::string& from) {
        BundleCopy& target = session_.target();
        const std::uint64_t offset = chunk * chunk_bytes;
        if (!session_.dry_run()) target.write(*target.item_of(bad.file->digest), offset, bytes);
        Replacement replacement{.what = bad.file->path.text(),
                                .first_chunk = chunk,
                                .chunks = 1,
                                .offset = offset,
                                .length_bytes = bytes.size(),
                                .from = from};
        if (bad.range.bundle_offset)
            replacement.bundle_offset = *bad.range.bundle_offset + offset - bad.range.offset;
        session_.add(std::move(replacement));
    }

    void lose(const BadContent& bad, std::uint64_t chunk, std::optional<BadRange>& lost) const {
        const std::uint64_t offset = chunk * chunk_bytes;
        const std::uint64_t length_bytes =
            std::min<std::uint64_t>(chunk_bytes, bad.file->size_bytes - offset);
        if (!lost) {
            lost = BadRange{chunk, 0, offset, 0, std::nullopt};
            if (bad.range.bundle_offset)
                lost->bundle_offset = *bad.range.bundle_offset + offset - bad.range.offset;
        }
        ++lost->chunks;
        lost->length_bytes += length_bytes;
    }

    void name(std::optional<BadRange>& lost) {
        if (!lost) return;
        session_.remains(Code::content_digest, file_->path.text(), describe(*file_, *lost),
                         "no copy that was given has it; give another one with --from");
        lost.reset();
    }

    RepairSession& session_;
    const runtime::Bundle& front_;
    const BundleFile* file_ = nullptr;
    std::vector<std::optional<ProvenFile>> sources_; ///< for file_
    std::set<const BundleCopy*> told_;
};

} // namespace

bool has_right_chunk(RepairSession& session) {
    const runtime::Bundle front = session.front();
    bool found = false;
    const auto look = [&](const ProvenFile::Chunk& chunk) {
        const std::string_view bytes(chunk.data, chunk.length_bytes);
        found = found || (chunk.good && bytes.find_first_not_of('\0') != std::string_view::npos);
    };
    for (const runtime::ContentJob& job : runtime::jobs_of(front)) {
        try {
            const auto item = session.target().item_of(job.file->digest);
            const ProvenFile file(front, *job.file, session.target().place(*item));
            for (std::uint64_t chunk = 0; chunk < file.chunks() && !found; ++chunk)
                file.read(chunk, 1, nullptr, look);
        } catch (const Error& error) { // it ends here, or its table is lost
            if (error.fault() != Fault::damaged) throw;
        }
        if (found) return true;
    }
    return false;
}

void mend_content(RepairSession& session, const RepairRequest& request) {
    const runtime::Bundle front = session.front();
    const std::vector<runtime::ContentJob> jobs = runtime::jobs_of(front);
    session.result().bytes_all = runtime::content_bytes(front);
    runtime::ReadOptions options;
    options.jobs = request.jobs;
    if (request.on_start) options.on_bytes = request.on_start("reading", session.result().bytes_all);
    runtime::ContentResult found = runtime::read_content(front, jobs, options);
    for (const manifests::Finding& one : found.report.findings()) {
        const bool has_place = one.code == Code::content_digest || one.code == Code::format_truncated;
        if (!has_place) session.remains(one.code, one.where, one.text, one.hint);
    }
    add_cut_off(session.target(), jobs, found);
    ContentMender mender(session, front);
    for (const BadContent& bad : found.bad)
        mender.mend(bad);
}

} // namespace packager
