#pragma once
// What was unpacked of one file of an archive, so that it can be looked at like a file. In memory while it is
// small, then in a temporary file without a name; of what is too long for that, the front and the end.

#include <cstdint>
#include <string>
#include <string_view>

#include "packager/look_budget.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {

class LookSpool {
public:
    /// @param budget  must live as long
    explicit LookSpool(LookBudget& budget) : budget_(budget) {}
    LookSpool(const LookSpool&) = delete;
    LookSpool& operator=(const LookSpool&) = delete;
    ~LookSpool() { clear(); }

    void clear();
    /// @throws Error  Fault::io, the folder for temporary files is full
    void append(std::string_view bytes);

    std::uint64_t size_bytes() const { return size_bytes_; }
    /// Zeros for what was not kept; within size_bytes().
    std::string read(std::uint64_t offset, std::size_t length);
    /// Whether anything was read that was not kept, since the last clear().
    bool has_missed() const { return has_missed_; }

private:
    void keep(std::string_view bytes);
    void keep_end(std::string_view bytes);

    LookBudget& budget_;
    std::uint64_t size_bytes_ = 0;
    std::uint64_t kept_bytes_ = 0; // from the front on
    std::string memory_;           // the first of those
    runtime::FileDescriptor file_; // the others
    std::string end_;              // the last bytes, if not all are kept
    bool is_cut_ = false;
    bool has_missed_ = false;
};

} // namespace packager
