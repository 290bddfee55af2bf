#include "packager/piece_worker.hpp"

#include <algorithm>
#include <utility>

namespace packager {

PieceWorker::PieceWorker(Work work, std::uint64_t size_bytes, bool with_thread) : work_(std::move(work)) {
    constexpr std::size_t buffers = 8;
    if (!with_thread || size_bytes < threaded_from_bytes) {
        free_.emplace_back(static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes, piece_bytes)));
        return;
    }
    for (std::size_t i = 0; i < buffers; ++i)
        free_.emplace_back(piece_bytes);
    thread_ = std::thread([this] { run(); });
}

PieceWorker::~PieceWorker() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        waiting_.clear(); // whoever did not finish() does not want them
    }
    changed_.notify_all();
    thread_.join();
}

void PieceWorker::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
        if (ended_) return;
        Piece piece = std::move(waiting_.front());
        waiting_.pop_front();
        working_ = true;
        const bool failed = problem_ != nullptr; // then nobody wants what follows
        lock.unlock();
        std::exception_ptr problem;
        try {
            if (!failed)
                work_(reinterpret_cast<const char*>(piece.bytes.data()), piece.length_bytes, piece.offset);
        } catch (...) {
            problem = std::current_exception();
        }
        lock.lock();
        working_ = false;
        if (problem) problem_ = problem;
        free_.push_back(std::move(piece.bytes));
        changed_.notify_all();
    }
}

const runtime::DirectBuffer& PieceWorker::buffer() {
    if (current_) return *current_;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !free_.empty(); });
    current_ = std::move(free_.back());
    free_.pop_back();
    return *current_;
}

void PieceWorker::hand_over(std::size_t length_bytes, std::uint64_t offset) {
    Piece piece{std::move(*current_), length_bytes, offset};
    current_.reset();
    if (!thread_.joinable()) {
        work_(reinterpret_cast<const char*>(piece.bytes.data()), piece.length_bytes, piece.offset);
        free_.push_back(std::move(piece.bytes));
        return;
    }
    const std::lock_guard lock(mutex_);
    if (problem_) std::rethrow_exception(problem_);
    waiting_.push_back(std::move(piece));
    changed_.notify_all();
}

void PieceWorker::finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty() && !working_; });
    if (problem_) std::rethrow_exception(problem_);
}

} // namespace packager
