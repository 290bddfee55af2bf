#include "runtime/background_sync.hpp"

#include <cerrno>

#include <unistd.h>

namespace runtime {

BackgroundSync::~BackgroundSync() {
    join();
}

void BackgroundSync::written(std::uint64_t length_bytes) {
    const std::lock_guard lock(mutex_);
    waiting_bytes_ += length_bytes;
    if (waiting_bytes_ < step_bytes_) return;
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    changed_.notify_one();
}

void BackgroundSync::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return ended_ || waiting_bytes_ >= step_bytes_; });
        if (ended_) return;
        waiting_bytes_ = 0;
        lock.unlock();
        const int problem = ::fdatasync(file_.get()) == 0 ? 0 : errno;
        lock.lock();
        if (problem != 0) problem_ = problem;
    }
}

void BackgroundSync::join() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void BackgroundSync::finish(std::string_view path) {
    join();
    if (problem_ == 0) return;
    errno = problem_;
    throw_errno("cannot sync", path);
}

} // namespace runtime
