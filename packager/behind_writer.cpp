#include "packager/behind_writer.hpp"

#include <algorithm>
#include <utility>

#include "runtime/clone.hpp"

namespace packager {
namespace {

constexpr std::uint64_t threaded_from_bytes = 16
                                              << 20; // a thread costs less than 0.1 ms, and 4 MiB of buffers
constexpr std::size_t buffers = 4;

} // namespace

BehindWriter::BehindWriter(const Target& target, std::uint64_t size_bytes) : target_(target) {
    if (target.file == nullptr || size_bytes < threaded_from_bytes) {
        free_.emplace_back(static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes, piece_bytes)));
        return;
    }
    for (std::size_t i = 0; i < buffers; ++i)
        free_.emplace_back(piece_bytes);
    thread_ = std::thread([this] { run(); });
}

BehindWriter::~BehindWriter() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        waiting_.clear(); // whoever did not finish() does not want them
    }
    changed_.notify_all();
    thread_.join();
}

void BehindWriter::put(const Piece& piece) const {
    runtime::write_behind(*target_.file, piece.bytes.data(), piece.length_bytes,
                          target_.offset + piece.offset, target_.where);
}

void BehindWriter::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return ended_ || !waiting_.empty(); });
        if (ended_) return;
        Piece piece = std::move(waiting_.front());
        waiting_.pop_front();
        writing_ = true;
        lock.unlock();
        std::exception_ptr problem;
        try {
            put(piece);
        } catch (...) {
            problem = std::current_exception();
        }
        lock.lock();
        writing_ = false;
        if (problem && !problem_) problem_ = problem;
        free_.push_back(std::move(piece.bytes));
        changed_.notify_all();
    }
}

std::vector<char>& BehindWriter::buffer() {
    if (!current_.empty()) return current_;
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !free_.empty(); });
    current_ = std::move(free_.back());
    free_.pop_back();
    return current_;
}

void BehindWriter::write(std::size_t length_bytes, std::uint64_t offset) {
    Piece piece{std::exchange(current_, {}), length_bytes, offset};
    if (!thread_.joinable()) {
        if (target_.file != nullptr) put(piece);
        free_.push_back(std::move(piece.bytes));
        return;
    }
    const std::lock_guard lock(mutex_);
    if (problem_) std::rethrow_exception(problem_);
    waiting_.push_back(std::move(piece));
    changed_.notify_all();
}

void BehindWriter::finish() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.empty() && !writing_; });
    if (problem_) std::rethrow_exception(problem_);
}

} // namespace packager
