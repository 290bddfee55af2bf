#pragma once
// Writes pieces of one large file from a second thread, so that one file of 400 GB is hashed at the speed of
// hashing: what is written costs half as much again, and would otherwise be waited for.

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "packager/bundle_output.hpp"

namespace packager {

class BehindWriter {
public:
    static constexpr std::size_t piece_bytes = 1 << 20;

    /// @param size_bytes  of the file; a small one is written at once, without a thread
    BehindWriter(const Target& target, std::uint64_t size_bytes);
    BehindWriter(const BehindWriter&) = delete;
    BehindWriter& operator=(const BehindWriter&) = delete;
    ~BehindWriter();

    /// A buffer of piece_bytes, or of the whole file if that is smaller; waits until one is free. The same
    /// one until it is written.
    std::vector<char>& buffer();
    /// Hands over the buffer. @param offset  in the file
    /// @throws Error  Fault::io, also for an earlier piece
    void write(std::size_t length_bytes, std::uint64_t offset);
    /// Waits until all is written. @throws Error  Fault::io
    void finish();

private:
    struct Piece {
        std::vector<char> bytes;
        std::size_t length_bytes;
        std::uint64_t offset;
    };
    void run();
    void put(const Piece& piece) const;

    const Target& target_;
    std::vector<char> current_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::vector<char>> free_;
    std::deque<Piece> waiting_;
    bool writing_ = false;
    bool ended_ = false;
    std::exception_ptr problem_;
    std::thread thread_;
};

} // namespace packager
