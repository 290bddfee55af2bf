#pragma once
// How far long work has come, on stderr, never on stdout.
//
// add() is called by every hashing thread for every chunk, so it is one relaxed atomic addition and never
// looks at a clock. A small ticker thread draws. That also keeps the rate honest when a slow stick blocks all
// readers: drawing inside add() would freeze exactly when the person wants to know.
//
//   auto   a bar that is redrawn, only if stderr is a terminal; first drawn after one second, cleared at the
//   end plain  a line every two seconds and one at the end with total, seconds and rate: for logs none
//   nothing; --quiet means none

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/terminal.hpp"

namespace runtime {

class Progress {
public:
    /// @param what         "verifying", shown as it is, escaped
    /// @param total_bytes  0 if unknown: no percentage and no time left then
    Progress(std::string what, std::uint64_t total_bytes, const OutputOptions& options);
    /// Without finish() the work was given up: the bar is cleared and no closing line is written.
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// From any thread.
    void add(std::uint64_t bytes) noexcept;
    /// The work is done. Later calls do nothing.
    void finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// The two spellings, pure so that tests can look at them.
struct ProgressNumbers {
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;
    double elapsed_s = 0;
    double bytes_per_s = 0; ///< of the last seconds, for rate and time left; the closing line takes the mean
};
/// "verifying  42% [########............] 1.2 GB of 2.9 GB  840 MB/s  0:02 left", at most `columns` wide
std::string progress_bar(const std::string& what, const ProgressNumbers& numbers, std::size_t columns);
/// "verifying: 42%, 1.2 GB of 2.9 GB, 840 MB/s, 0:02 left"
std::string progress_line(const std::string& what, const ProgressNumbers& numbers);
/// "verifying: 2.9 GB in 3.4 s, 840 MB/s"
std::string progress_closing_line(const std::string& what, const ProgressNumbers& numbers);

} // namespace runtime
