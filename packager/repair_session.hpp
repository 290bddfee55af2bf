#pragma once
// What the parts of a repair share: the copies, what is known of the bundle, and the record of what was done.

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "packager/bundle_copy.hpp"
#include "packager/gathered_source.hpp"
#include "packager/repair.hpp"

namespace packager {

class RepairSession {
public:
    RepairSession(KnownBundle known, std::unique_ptr<BundleCopy> target,
                  std::vector<std::unique_ptr<BundleCopy>> others, bool dry_run);

    BundleCopy& target() noexcept { return *target_; }
    const BundleCopy& target() const noexcept { return *target_; }
    const std::vector<std::unique_ptr<BundleCopy>>& others() const noexcept { return others_; }
    /// With the signatures of the target.
    const KnownBundle& known() const noexcept { return known_; }
    bool dry_run() const noexcept { return dry_run_; }
    RepairResult& result() noexcept { return result_; }

    /// A copy that has this blob of the target whole; nullptr if there is none. For documents, BOMs and chunk
    /// tables.
    const BundleCopy* find_proven(const manifests::Digest& digest);
    /// Whether the target has this blob whole.
    bool is_whole(std::size_t item);
    /// Notes a replacement, joined with the one before if it goes on there.
    enum class Written { bytes, size_only };
    void add(Replacement replacement, Written written = Written::bytes);
    void remains(manifests::Code code, const std::string& where, const std::string& text,
                 const std::string& hint);

    /// Everything written is on the disk. From here on there is only the result, and remains(): reading the
    /// mended copy anew takes as much memory as the copies did.
    void close_copies();

    /// The bundle as the target's content is looked at: documents and tables from wherever they are whole.
    runtime::Bundle front();

private:
    KnownBundle known_;
    std::unique_ptr<BundleCopy> target_;
    std::vector<std::unique_ptr<BundleCopy>> others_;
    bool dry_run_;
    /// Of each item of the target, once it was looked for: 0 if there is none that is whole, 1 the target,
    /// from 2 on the others.
    std::vector<std::optional<std::uint16_t>> proven_;
    std::set<std::tuple<manifests::Code, std::string, std::string>> named_; ///< what remains, each once
    RepairResult result_;
};

/// Whether any chunk of the target's files is right where it should be: what no header says, content can
/// still say. Chunks of zeros say nothing.
bool has_right_chunk(RepairSession& session);
/// Mends everything but content: headers, padding, sizes, documents, BOMs. @throws Error  Fault::io
void mend_structure(RepairSession& session);
/// Mends chunk tables. @throws Error  Fault::io
void mend_tables(RepairSession& session);
/// Mends the chunks that are not right. @throws Error  Fault::io
void mend_content(RepairSession& session, const RepairRequest& request);

} // namespace packager
