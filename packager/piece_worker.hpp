#pragma once
// Part of the work on each piece of a large file, done by other threads: one file of 400 GB is then packed at
// the speed of its flat digest, which has one order, while the tree, which has one as well, and the writing,
// which has none but waits for a disk, keep nobody waiting.

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

    /// @param in_order      done with the pieces one after the other, in their order
    /// @param in_any_order  done with a piece after that, with several at once if there are more threads
    /// @param size_bytes    of the file
    /// @param threads       0: all is done at once, by the caller. Without a processor to spare another
    /// thread
    ///                      would only move the bytes from the cache of one processor to another's.
    PieceWorker(Work in_order, Work in_any_order, std::uint64_t size_bytes, unsigned threads);
    PieceWorker(const PieceWorker&) = delete;
    PieceWorker& operator=(const PieceWorker&) = delete;
    ~PieceWorker();

    /// A buffer of piece_bytes; waits until one is free. The same one until it is handed over.
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
    void work_on(const Piece& piece, const Work& work);
    std::deque<Piece>* next_queue();

    Work in_order_;
    Work in_any_order_;
    std::optional<runtime::DirectBuffer> current_; ///< without threads, the only one
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<runtime::DirectBuffer> free_;
    std::deque<Piece> new_;
    std::deque<Piece> ordered_; ///< and waiting for the rest
    bool ordering_ = false;
    unsigned working_ = 0; ///< threads
    bool ended_ = false;
    std::exception_ptr problem_;
    std::vector<std::thread> threads_;
};

} // namespace packager
