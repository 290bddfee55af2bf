#include "runtime/content.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "manifests/text.hpp"
#include "runtime/workers.hpp"

namespace runtime {

using manifests::BundleFile;
using manifests::chunk_bytes;
using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::Finding;
using manifests::Report;

void read_pieces(const BlobAt& blob,
                 const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece) {
    thread_local std::vector<char> buffer(read_unit_bytes);
    for (std::uint64_t done = 0; done < blob.size_bytes;) {
        const std::uint64_t left = blob.size_bytes - done;
        const std::size_t want = left < read_unit_bytes ? static_cast<std::size_t>(left) : read_unit_bytes;
        const std::size_t got = read_at(*blob.file, buffer.data(), want, blob.offset + done, blob.where);
        if (got < want) {
            throw Error(Fault::damaged, Code::format_truncated,
                        manifests::in_quotes(blob.where) + " ends after " + std::to_string(done + got) +
                            " bytes, wanted " + std::to_string(blob.size_bytes));
        }
        on_piece(buffer.data(), got, done);
        done += got;
    }
}

void read_proven(const BlobAt& blob, const Digest& wanted,
                 const std::function<void(const char*, std::size_t, std::uint64_t)>& on_piece) {
    manifests::Hasher hasher;
    read_pieces(blob, [&](const char* data, std::size_t length_bytes, std::uint64_t offset) {
        hasher.update(data, length_bytes);
        on_piece(data, length_bytes, offset);
    });
    const Digest found = hasher.finish();
    if (found == wanted) return;
    throw Error(Fault::damaged, Code::content_digest,
                manifests::escaped(blob.where) + ": found " + found.text() + ", wanted " + wanted.text())
        .hint("take this file, or the whole bundle, from another copy: sealift repair");
}

namespace {

constexpr std::uint64_t chunks_of_unit =
    16; // 8 MiB: small beside any file worth cutting, large beside a lock

std::uint64_t units_of(const ContentJob& job, Proof proof) {
    if (proof == Proof::tree_and_flat) return 1; // a flat digest has one order
    const std::uint64_t chunks = manifests::chunk_count(job.file->size_bytes);
    return std::max<std::uint64_t>((chunks + chunks_of_unit - 1) / chunks_of_unit, 1);
}

Finding finding_about(const BadContent& bad) {
    return {Code::content_digest, bad.file->path.text(), describe(*bad.file, bad.range),
            "take this file, or the whole bundle, from another copy: sealift repair"};
}

// A file that several threads work on.
struct OpenJob {
    OpenJob(const Bundle& bundle, const ContentJob& job, const BlobAt& blob, std::uint64_t units)
        : file(bundle, *job.file, blob), units_left(units) {}
    ProvenFile file;
    std::uint64_t units_left;
    bool damaged = false;
};

class ContentReader {
public:
    ContentReader(const Bundle& bundle, const std::vector<ContentJob>& jobs, const ReadOptions& options)
        : bundle_(bundle), jobs_(jobs), options_(options) {
        first_unit_.reserve(jobs.size() + 1);
        std::uint64_t units = 0;
        for (const ContentJob& job : jobs) {
            first_unit_.push_back(units);
            units += units_of(job, options.proof);
        }
        first_unit_.push_back(units);
    }

    ContentResult run() {
        for_each_index(static_cast<std::size_t>(first_unit_.back()), threads(),
                       [&](std::size_t unit) { do_unit(unit); });
        return take_result();
    }

private:
    struct Note {
        std::size_t job;
        std::optional<BadContent> bad;
        std::optional<Finding> finding;
    };

    bool passes_cache() const {
        return options_.cache == Cache::pass && options_.proof == Proof::tree && job_count(options_.jobs) > 1;
    }

    // A read past the cache is waited for, and so is a write.
    unsigned threads() const { return passes_cache() ? waiting_job_count(options_.jobs) : options_.jobs; }

    // In 4 MiB instead of 1 MiB a fast disk took a fifth less time; all threads together keep to what a
    // process may use.
    std::size_t at_a_time_bytes() const {
        constexpr std::size_t all_threads_bytes = 32 << 20;
        constexpr std::size_t most_chunks = 8;
        return std::clamp<std::size_t>(all_threads_bytes / chunk_bytes / job_count(threads()), 2,
                                       most_chunks) *
               chunk_bytes;
    }

    void do_unit(std::size_t unit) {
        const auto after = std::upper_bound(first_unit_.begin(), first_unit_.end(), unit);
        const auto job = static_cast<std::size_t>(after - first_unit_.begin()) - 1;
        if (options_.is_done && options_.is_done(unit, bytes_of(job, unit - first_unit_[job]))) return;
        try {
            const std::shared_ptr<OpenJob> open = open_job(job);
            if (!open) return; // its table was refused
            const bool good = read_unit(job, unit - first_unit_[job], *open);
            if (good && options_.on_good) options_.on_good(unit);
            close_unit(job, *open, good);
        } catch (const Error& error) {
            if (options_.taker != nullptr) throw;
            note({job, std::nullopt, finding_of(error, jobs_[job].file->path.text())});
        }
    }

    std::uint64_t bytes_of(std::size_t job, std::uint64_t unit) const {
        const std::uint64_t all = jobs_[job].file->size_bytes;
        if (options_.proof == Proof::tree_and_flat) return all;
        constexpr std::uint64_t unit_bytes = chunks_of_unit * chunk_bytes;
        return std::min(unit_bytes, all - unit * unit_bytes);
    }

    std::shared_ptr<OpenJob> open_job(std::size_t job) {
        const std::uint64_t units = first_unit_[job + 1] - first_unit_[job];
        if (units == 1) return fresh_job(job, units); // nobody else will ask for it
        const std::lock_guard lock(mutex_);
        const auto [place, fresh] = open_.emplace(job, nullptr);
        if (fresh) place->second = fresh_job(job, units); // throws once; nullptr stays
        return place->second;
    }

    std::shared_ptr<OpenJob> fresh_job(std::size_t job, std::uint64_t units) {
        const ContentJob& wanted = jobs_[job];
        BlobAt blob = wanted.held != nullptr ? *wanted.held : bundle_.locate(*wanted.file);
        if (options_.taker != nullptr) blob = options_.taker->begin(job, blob).value_or(blob);
        auto open = std::make_shared<OpenJob>(bundle_, wanted, blob, units);
        if (passes_cache()) open->file.read_past_cache(at_a_time_bytes());
        return open;
    }

    void close_unit(std::size_t job, OpenJob& open, bool good) {
        {
            const std::lock_guard lock(mutex_);
            open.damaged = open.damaged || !good;
            if (--open.units_left > 0) return;
        }
        if (options_.taker != nullptr && !open.damaged) options_.taker->end(job);
        const std::lock_guard lock(mutex_);
        open_.erase(job);
    }

    bool read_unit(std::size_t job, std::uint64_t unit, const OpenJob& open) {
        const ProvenFile& file = open.file;
        const bool flat = options_.proof == Proof::tree_and_flat;
        const std::uint64_t all = std::max<std::uint64_t>(file.chunks(), 1);
        const std::uint64_t first = unit * chunks_of_unit;
        hashing::Stream stream;
        bool good = true;
        const auto read = [&](std::uint64_t from, std::uint64_t count) {
            file.read(from, count, flat ? &stream : nullptr, [&](const ProvenFile::Chunk& chunk) {
                if (!chunk.good) {
                    good = false;
                    note_bad(job, file, chunk);
                } else if (options_.taker != nullptr && chunk.length_bytes > 0) {
                    options_.taker->take(job, chunk.data, chunk.length_bytes, chunk.offset);
                }
                if (options_.on_bytes) options_.on_bytes(chunk.length_bytes);
            });
        };
        if (!flat) {
            read(first, std::min(chunks_of_unit, all - first));
            return good;
        }
        for (std::uint64_t from = 0; from < all; from += chunks_of_unit)
            read(from, std::min(chunks_of_unit, all - from));
        const Digest found = Digest::from_bytes(stream.finish());
        const BundleFile& wanted = *jobs_[job].file;
        if (found == wanted.digest) return good;
        if (!good) return false;
        Finding lie{Code::content_digest, wanted.path.text(),
                    "found " + found.text() + ", wanted " + wanted.digest.text() +
                        ", although the tree is right",
                    "the bundle document contradicts itself; do not use this bundle"};
        fail({job, std::nullopt, std::move(lie)});
        return false;
    }

    void note_bad(std::size_t job, const ProvenFile& file, const ProvenFile::Chunk& chunk) {
        fail({job, BadContent{jobs_[job].file, file.bad_range(chunk)}, std::nullopt});
    }

    // Who takes the bytes wants none after the first that is not right.
    void fail(Note note_of_it) {
        if (options_.taker == nullptr) return note(std::move(note_of_it));
        const Finding finding = note_of_it.bad ? finding_about(*note_of_it.bad) : *note_of_it.finding;
        throw Error(Fault::damaged, finding.code, manifests::escaped(finding.where) + ": " + finding.text)
            .hint(finding.hint);
    }

    void note(Note one) {
        constexpr std::size_t most_notes = 100'000; // 50 GB of damage in single chunks: enough to say so
        const std::lock_guard lock(mutex_);
        if (notes_.size() < most_notes) notes_.push_back(std::move(one));
    }

    // The order does not depend on threads.
    ContentResult take_result() {
        std::stable_sort(notes_.begin(), notes_.end(),
                         [](const Note& a, const Note& b) { return a.job < b.job; });
        ContentResult result;
        for (Note& one : notes_) {
            if (one.finding) result.report.add(std::move(*one.finding));
            if (one.bad) result.bad.push_back(*one.bad);
        }
        add_damage(result);
        return result;
    }

    const Bundle& bundle_;
    const std::vector<ContentJob>& jobs_;
    const ReadOptions& options_;
    std::vector<std::uint64_t> first_unit_; // of each job, and the number of all
    std::mutex mutex_;
    std::map<std::size_t, std::shared_ptr<OpenJob>> open_;
    std::vector<Note> notes_;
};

} // namespace

void add_damage(ContentResult& result) {
    std::sort(result.bad.begin(), result.bad.end(), [](const BadContent& a, const BadContent& b) {
        return a.file != b.file ? a.file->path < b.file->path : a.range.offset < b.range.offset;
    });
    std::vector<BadContent> joined;
    for (const BadContent& bad : result.bad) {
        const bool goes_on =
            !joined.empty() && joined.back().file == bad.file &&
            joined.back().range.first_chunk + joined.back().range.chunks >= bad.range.first_chunk;
        if (!goes_on) {
            joined.push_back(bad);
        } else if (joined.back().range.first_chunk + joined.back().range.chunks == bad.range.first_chunk) {
            joined.back().range.chunks += bad.range.chunks;
            joined.back().range.length_bytes += bad.range.length_bytes;
        }
    }
    result.bad = std::move(joined);
    for (const BadContent& bad : result.bad)
        result.report.add(finding_about(bad));
}

ContentResult read_content(const Bundle& bundle, const std::vector<ContentJob>& jobs,
                           const ReadOptions& options) {
    return ContentReader(bundle, jobs, options).run();
}

std::size_t unit_count(const std::vector<ContentJob>& jobs, Proof proof) {
    std::uint64_t units = 0;
    for (const ContentJob& job : jobs)
        units += units_of(job, proof);
    return static_cast<std::size_t>(units);
}

void prove_content(const Bundle& bundle, const std::vector<ContentJob>& jobs, const ReadOptions& options) {
    const ContentResult result = read_content(bundle, jobs, options);
    for (const Finding& finding : result.report.findings())
        throw Error(Fault::damaged, finding.code, manifests::escaped(finding.where) + ": " + finding.text)
            .hint(finding.hint);
}

namespace {

// Sorted digests of everything that is no file.
std::vector<Digest> documents_among(const std::vector<manifests::LayoutItem>& items) {
    std::vector<Digest> documents;
    for (const manifests::LayoutItem& item : items)
        if (item.kind != manifests::ItemKind::file) documents.push_back(item.digest);
    std::sort(documents.begin(), documents.end());
    return documents;
}

} // namespace

std::vector<ContentJob> document_twins(const manifests::BundleDocument& document,
                                       const std::vector<manifests::LayoutItem>& items) {
    const std::vector<Digest> documents = documents_among(items);
    std::vector<ContentJob> twins;
    for (const BundleFile& file : document.files)
        if (std::binary_search(documents.begin(), documents.end(), file.digest)) twins.push_back({&file});
    return twins;
}

// In a bundle equal files share one blob, so one read proves them all; in a generation each has bytes of its
// own.
std::vector<ContentJob> jobs_of(const Bundle& bundle, const Held& held) {
    const auto& files = bundle.document().files;
    const bool each = bundle.form() == Bundle::Form::generation;
    std::vector<bool> first_of_its_kind(files.size(), each);
    const std::vector<manifests::LayoutItem> items = bundle.items();
    for (const manifests::LayoutItem& item : items)
        if (item.kind == manifests::ItemKind::file) first_of_its_kind[item.number] = true;
    const std::vector<Digest> documents = documents_among(items);
    std::vector<ContentJob> jobs;
    for (const std::uint32_t number : manifests::layer_order(bundle.document())) {
        const BundleFile& file = files[number];
        const auto mine = held.find(file.path);
        const bool is_held = mine != held.end();
        // A file with the bytes of a document has no blob of its own, and a tree all the same.
        const bool twin = std::binary_search(documents.begin(), documents.end(), file.digest);
        if (!first_of_its_kind[number] && !is_held && !twin) continue;
        jobs.push_back({&file, is_held ? &mine->second : nullptr});
    }
    return jobs;
}

Report check_content(const Bundle& bundle, unsigned jobs, const OnBytes& on_bytes, const Held& held) {
    ReadOptions options;
    options.jobs = jobs;
    options.on_bytes = on_bytes;
    return read_content(bundle, jobs_of(bundle, held), options).report;
}

std::uint64_t content_bytes(const Bundle& bundle) {
    std::uint64_t total = 0;
    for (const ContentJob& job : jobs_of(bundle))
        total += job.file->size_bytes;
    return total;
}

Finding finding_of(const Error& error, const std::string& where) {
    if (error.fault() != Fault::damaged) throw error;
    return {error.code().value_or(Code::format_document), where, error.what(), error.hint()};
}

} // namespace runtime
