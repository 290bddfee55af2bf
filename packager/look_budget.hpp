#pragma once
// How much a look at one file may cost in all, archives within archives included: an archive of a few
// kilobytes can unpack to petabytes, hold itself, or list one file a million times.

#include <algorithm>
#include <cstdint>

namespace packager {

/// The sizes are in bytes.
struct LookLimits {
    unsigned levels = 6; ///< of archives and compressions, one in the other
    std::uint64_t files = 1'000'000;
    std::uint64_t unpacked = 4ULL << 30; ///< a large engine as a wheel has 3 GB
    std::uint64_t kept = 256ULL << 20;   ///< of what was unpacked, at one time, in a temporary file
    std::uint64_t read = 64ULL << 30;    ///< of the files inside; asked before each
};

class LookBudget {
public:
    explicit LookBudget(const LookLimits& limits) : levels(limits.levels), left_(limits) {}

    /// @return whether one more file can be looked at
    bool take_file() {
        if (left_.files == 0 || left_.read == 0) return false;
        --left_.files;
        return true;
    }
    bool take_unpacked(std::uint64_t length) {
        if (length > left_.unpacked) return false;
        left_.unpacked -= length;
        return true;
    }
    bool take_kept(std::uint64_t length) {
        if (length > left_.kept) return false;
        left_.kept -= length;
        return true;
    }
    void give_kept(std::uint64_t length) { left_.kept += length; }
    /// A read costs its system call, however little it brings.
    void note_read(std::uint64_t length) {
        constexpr std::uint64_t least_bytes = 4096;
        left_.read -= std::min(left_.read, std::max(length, least_bytes));
    }

    const unsigned levels;

private:
    LookLimits left_;
};

} // namespace packager
