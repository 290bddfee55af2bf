#pragma once
// One half of the work on each piece of a large file, done by a second thread: one file of 400 GB is then
// packed at the speed of its flat digest, which has one order, while the tree and the writing, which cost as
// much again, wait for nobody.

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "manifests/verity.hpp"
#include "runtime/direct_file.hpp"

namespace packager {

class PieceWorker {
public:
    static constexpr std::size_t piece_bytes = manifests::chunk_bytes;
    /// From there on a thread is worth it: it costs less than 0.1 ms, and 4 MiB of buffers.
    static constexpr std::uint64_t threaded_from_bytes = 16 << 20;

    using Work = std::function<void(const char* data, std::size_t length_bytes, std::uint64_t offset)>;

    /// @param work         done with the pieces one after the other, in their order
    /// @param size_bytes   of the file
    /// @param with_thread  there is a processor for it; without one, a thread only moves the bytes from the
    ///                     cache of one processor to another's, and the work is done at once
    PieceWorker(Work work, std::uint64_t size_bytes, bool with_thread);
    PieceWorker(const PieceWorker&) = delete;
    PieceWorker& operator=(const PieceWorker&) = delete;
    ~PieceWorker();

    /// A buffer of piece_bytes, or of the whole file if that is smaller; waits until one is free. The same
    /// one until it is handed over.
    const runtime::DirectBuffer& buffer();
    /// Hands over the buffer. @param offset  in the file
    /// @throws whatever the work throws, also for an earlier piece
    void hand_over(std::size_t length_bytes, std::uint64_t offset);
    /// Waits until all is done. @throws as hand_over()
    void finish();

private:
    struct Piece {
        runtime::DirectBuffer bytes;
        std::size_t length_bytes;
        std::uint64_t offset;
    };
    void run();

    Work work_;
    std::optional<runtime::DirectBuffer> current_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<runtime::DirectBuffer> free_;
    std::deque<Piece> waiting_;
    bool working_ = false;
    bool ended_ = false;
    std::exception_ptr problem_;
    std::thread thread_;
};

} // namespace packager
