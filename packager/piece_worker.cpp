#include "packager/piece_worker.hpp"

#include <algorithm>
#include <utility>

namespace packager {
namespace {

// Of each thread, for its next file: 100,000 small ones would leave memory in pieces.
std::optional<runtime::DirectBuffer>& kept_buffer() {
    thread_local std::optional<runtime::DirectBuffer> kept;
    return kept;
}

} // namespace

PieceWorker::PieceWorker(Work in_order, Work in_any_order, std::uint64_t size_bytes, unsigned threads)
    : in_order_(std::move(in_order)), in_any_order_(std::move(in_any_order)) {
    constexpr std::size_t buffers = 8;
    if (threads == 0 || size_bytes < threaded_from_bytes) {
        if (!kept_buffer()) kept_buffer().emplace(piece_bytes);
        current_ = std::exchange(kept_buffer(), std::nullopt);
        return;
    }
    for (std::size_t i = 0; i < buffers; ++i)
        free_.emplace_back(piece_bytes);
    for (unsigned i = 0; i < threads; ++i)
        threads_.emplace_back([this] { run(); });
}

PieceWorker::~PieceWorker() {
    if (threads_.empty()) {
        kept_buffer() = std::move(current_);
        return;
    }
    {
        const std::lock_guard lock(mutex_);
        ended_ = true; // whoever did not finish() does not want what waits
    }
    changed_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
}

// Whatever has an order comes first, for only one thread at a time can do it.
std::deque<PieceWorker::Piece>* PieceWorker::next_queue() {
    if (!new_.empty() && !ordering_) return &new_;
    return ordered_.empty() ? nullptr : &ordered_;
}

void PieceWorker::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return ended_ || next_queue() != nullptr; });
        if (ended_) return;
        std::deque<Piece>& queue = *next_queue();
        const bool ordering = &queue == &new_;
        Piece piece = std::move(queue.front());
        queue.pop_front();
        ++working_;
        ordering_ = ordering_ || ordering;
        lock.unlock();
        work_on(piece, ordering ? in_order_ : in_any_order_);
        lock.lock();
        --working_;
        if (ordering) {
            ordering_ = false;
            ordered_.push_back(std::move(piece));
        } else {
            free_.push_back(std::move(piece.bytes));
        }
        changed_.notify_all();
    }
}

void PieceWorker::work_on(const Piece& piece, const Work& work) {
    try {
        {
            const std::lock_guard lock(mutex_);
            if (problem_) return; // then nobody wants what follows
        }
        work(reinterpret_cast<const char*>(piece.bytes.data()), piece.length_bytes, piece.offset);
    } catch (...) {
        const std::lock_guard lock(mutex_);
        problem_ = std::current_exception();
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
    if (threads_.empty()) {
        const auto* const data = reinterpret_cast<const char*>(current_->data());
        in_order_(data, length_bytes, offset);
        in_any_order_(data, length_bytes, offset);
        return;
    }
    const std::lock_guard lock(mutex_);
    if (problem_) std::rethrow_exception(problem_);
    new_.push_back({std::move(*current_), length_bytes, offset});
    current_.reset();
    changed_.notify_all();
}

void PieceWorker::finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return new_.empty() && ordered_.empty() && working_ == 0; });
    if (problem_) std::rethrow_exception(problem_);
}

} // namespace packager
