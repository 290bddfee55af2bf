#pragma once
// What an interrupted verification has proven already, so that the next one can go on. The record is
// believed, so it belongs to whoever verifies: it lies in their own state folder and not beside the bundle,
// where whoever brings the bundle could write it, and it is only taken from a file that nobody else can write
// to. It is about these very files as they are: another size, time or inode, and it is void.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "runtime/content.hpp"

namespace runtime {

class VerifyRecord {
public:
    /// Opens or begins the record.
    /// @throws Error  Fault::refused if the file belongs to somebody else or others may write to it;
    /// Fault::io
    VerifyRecord(const std::string& path, const Bundle& bundle, const std::vector<ContentJob>& jobs,
                 Proof proof);

    /// Whether an earlier run has proven this unit of read_content().
    bool has(std::size_t unit) const { return unit < done_.size() && done_[unit]; }
    void add(std::size_t unit);
    /// Everything was proven: there is nothing to go on with.
    void remove();

private:
    void load(const std::string& text, const std::string& title);

    std::string path_;
    FileDescriptor file_;
    std::vector<bool> done_;
    std::mutex mutex_;
};

/// Where the record of a bundle lies unless another place is named: below XDG_STATE_HOME or ~/.local/state.
/// @throws Error  Fault::usage if there is no home
std::string usual_record_path(const std::string& bundle_path);

} // namespace runtime
