#include "packager/repair.hpp"

#include <algorithm>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/import.hpp"
#include "packager/recognise.hpp"
#include "packager/repair_session.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using runtime::Bundle;

// A copy as it was found: whole in front, or with the reason why not.
struct Found {
    std::string path;
    Form form = Form::file;
    std::optional<Digest> bundle = {};
    std::vector<std::string> envelopes = {}; ///< if it is whole in front
    std::string problem = {};
};

// Copies are looked at one after another, and only the last one's document is kept: each takes as much memory
// as the rest of a repair.
class Copies {
public:
    void look_at(const std::string& path) {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) runtime::throw_errno("cannot open", path);
        if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode))
            throw Error(Fault::refused, in_quotes(path) + " is neither a file nor a folder");
        Found found{path, S_ISDIR(status.st_mode) ? Form::folder : Form::file};
        known_.reset();
        try {
            known_ = Bundle::open(path).known();
            found.bundle = known_->digest();
            found.envelopes = known_->envelopes;
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            found.problem = error.what();
        }
        all_.push_back(std::move(found));
    }

    const std::vector<Found>& all() const noexcept { return all_; }

    /// What the document of `copy`, which is whole in front, says the bundle is.
    KnownBundle known_from(const Found& copy) {
        if (!known_) known_ = runtime::open_bundle(copy.path).known();
        if (known_->digest() != copy.bundle)
            throw Error(Fault::io, in_quotes(copy.path) + " has changed since it was opened");
        known_->envelopes = copy.envelopes;
        return *std::exchange(known_, std::nullopt);
    }

private:
    std::vector<Found> all_;
    std::optional<KnownBundle> known_; ///< of the copy that was looked at last
};

void refuse_itself(const std::string& bundle, const std::string& other) {
    struct stat a {};
    struct stat b {};
    if (::stat(bundle.c_str(), &a) != 0 || ::stat(other.c_str(), &b) != 0) return; // opening will say why
    if (a.st_dev == b.st_dev && a.st_ino == b.st_ino)
        throw Error(Fault::usage, in_quotes(other) + " is the very copy that is to be repaired")
            .hint("give another copy with --from");
}

[[noreturn]] void refuse_other(const std::string& path, const std::string& digest,
                               const std::string& other_path, const Digest& other) {
    throw Error(Fault::refused, in_quotes(path) + " is bundle " + digest + ", " + in_quotes(other_path) +
                                    " is bundle " + other.text() + ": nothing of one belongs into the other")
        .hint("give a copy of the same bundle with --from");
}

// The front of any copy will do, for they are all the same; and where none is whole, they may be together.
KnownBundle known_of(Copies& copies) {
    const Found* first = nullptr;
    for (const Found& copy : copies.all()) {
        if (!copy.bundle) continue;
        if (first == nullptr) {
            first = &copy;
        } else if (copy.bundle != first->bundle) {
            refuse_other(first->path, first->bundle->text(), copy.path, *copy.bundle);
        }
    }
    if (first != nullptr) return copies.known_from(*first);
    BlobPool pool;
    std::string problems;
    for (const Found& copy : copies.all()) {
        problems +=
            (problems.empty() ? "" : "; ") + manifests::escaped(copy.path, 4096) + ": " + copy.problem;
        try {
            pool.add(copy.path);
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
        }
    }
    if (auto known = known_from(pool)) return *known;
    throw Error(Fault::damaged, Code::format_not_a_bundle, "no copy says what the bundle is: " + problems)
        .hint("give a copy whose front is whole with --from");
}

[[noreturn]] void refuse_stranger(const Found& copy, const Recognition& seen, const KnownBundle& known) {
    const bool claims = seen.claim && *seen.claim != known.digest();
    if (claims) refuse_other(copy.path, seen.claim->text(), "the copy", known.digest());
    throw Error(Fault::refused, in_quotes(copy.path) + " cannot be told to be a copy of bundle " +
                                    known.digest().text() + " (" + copy.problem + ")")
        .hint("if it is one all the same, copy the whole bundle anew");
}

std::vector<std::vector<std::string>> envelope_sets(const std::vector<Found>& copies) {
    std::vector<std::vector<std::string>> sets;
    for (const Found& copy : copies)
        if (copy.bundle) sets.push_back(copy.envelopes);
    return sets;
}

std::vector<std::unique_ptr<BundleCopy>> place_others(const std::vector<Found>& copies, ItemLists& lists,
                                                      std::vector<std::string>& notes) {
    std::vector<std::unique_ptr<BundleCopy>> others;
    for (std::size_t i = 1; i < copies.size(); ++i) {
        const Found& copy = copies[i];
        if (copy.bundle) {
            others.push_back(place_copy(copy.path, copy.form, lists, copy.envelopes));
            continue;
        }
        const Recognition seen = recognise(copy.path, copy.form, lists, envelope_sets(copies));
        if (seen.likeness == Likeness::other) refuse_stranger(copy, seen, lists.known());
        if (seen.likeness == Likeness::same) {
            others.push_back(place_copy(copy.path, copy.form, lists, seen.envelopes));
        } else {
            notes.push_back(manifests::escaped(copy.path, 4096) +
                            " is of no use: nothing in it is of this bundle");
        }
    }
    return others;
}

// Signatures belong to a copy: those that it carries stay, whatever others carry.
RepairSession open_session(const RepairRequest& request, Copies& found) {
    KnownBundle known = known_of(found);
    const std::vector<Found>& copies = found.all();
    ItemLists lists(known);
    std::vector<std::string> notes;
    auto others = place_others(copies, lists, notes);
    const Found& target = copies[0];
    Recognition seen;
    if (target.bundle) {
        seen.likeness = Likeness::same;
        known.envelopes = target.envelopes;
    } else {
        seen = recognise(target.path, target.form, lists, envelope_sets(copies));
        if (seen.likeness == Likeness::other) refuse_stranger(target, seen, known);
        known.envelopes = seen.envelopes;
        if (seen.lost_signatures > 0)
            notes.push_back("signatures that only this copy had are lost: " +
                            std::to_string(seen.lost_signatures));
    }
    auto place = place_copy(target.path, target.form, lists, known.envelopes);
    RepairSession session(std::move(known), std::move(place), std::move(others), request.dry_run);
    session.result().notes = std::move(notes);
    if (seen.likeness == Likeness::unknown && !has_right_chunk(session))
        refuse_stranger(target, seen, session.known());
    return session;
}

void name_spares(RepairSession& session) {
    const auto* folder = dynamic_cast<const FolderCopy*>(&session.target());
    if (folder == nullptr) return;
    for (const std::string& name : folder->spare_names())
        session.remains(Code::layout_blob_spare, name, "it belongs to nothing in this bundle",
                        "if you do not need it, remove it; a repair removes no files");
}

bool has_spares(const RepairSession& session) {
    const auto* folder = dynamic_cast<const FolderCopy*>(&session.target());
    return folder != nullptr && !folder->spare_names().empty();
}

// What counts is what a site will read: the copy is opened anew, and every byte of it is compared.
void prove(RepairSession& session, const RepairRequest& request) {
    const std::string path = session.target().path();
    const bool spares_are_named = has_spares(session);
    session.close_copies();
    try {
        const Bundle bundle = Bundle::open(path);
        const runtime::OnBytes on_bytes = request.on_start
                                              ? request.on_start("proving", runtime::content_bytes(bundle))
                                              : runtime::OnBytes{};
        const manifests::Report report = runtime::check_content(bundle, request.jobs, on_bytes);
        for (const manifests::Finding& one : report.findings())
            session.remains(one.code, one.where, one.text, one.hint);
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        if (!spares_are_named) // each
            session.remains(error.code().value_or(Code::format_document), path, error.what(), error.hint());
    }
}

} // namespace

RepairResult repair(const RepairRequest& request) {
    Copies copies;
    copies.look_at(request.bundle);
    for (const std::string& other : request.others) {
        refuse_itself(request.bundle, other);
        copies.look_at(other);
    }
    RepairSession session = open_session(request, copies);
    const bool has_front = copies.all()[0].bundle.has_value();
    if (!has_front) {
        mend_structure(session);
        name_spares(session);
    }
    mend_tables(session);
    mend_content(session, request);
    RepairResult& result = session.result();
    // Where nothing had to be written, all of it was read just now.
    if (!request.dry_run && (!result.replaced.empty() || !has_front)) prove(session, request);
    result.is_proven = result.remaining.passed() && (!request.dry_run || result.replaced.empty());
    return std::move(result);
}

} // namespace packager
