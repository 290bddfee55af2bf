#pragma once
// Has a disk keep what is written into a large file while more is being written. A disk that is asked once,
// at the end, takes half as long again for 1 GiB as hashing it did; asked every so often, it is done when the
// writer is.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <thread>

#include "runtime/file_descriptor.hpp"

namespace runtime {

class BackgroundSync {
public:
    static constexpr std::uint64_t usual_step_bytes = 128ULL << 20;

    /// @param file  open as long as this is there. A small file gets no thread.
    /// @param step_bytes  how much is written before the disk is asked
    explicit BackgroundSync(const FileDescriptor& file, std::uint64_t step_bytes = usual_step_bytes)
        : file_(file), step_bytes_(step_bytes) {}
    BackgroundSync(const BackgroundSync&) = delete;
    BackgroundSync& operator=(const BackgroundSync&) = delete;
    /// Waits for the disk, if it was asked.
    ~BackgroundSync();

    /// So many bytes more. Any thread may say so; nobody waits.
    void written(std::uint64_t length_bytes);

    /// Waits for the disk. Has to be called before the last sync of the file: the system says once that
    /// bytes were lost, to whoever asks first.
    /// @throws Error  Fault::io if the disk could not keep something
    void finish(std::string_view path);

private:
    void run();
    void join();

    const FileDescriptor& file_;
    const std::uint64_t step_bytes_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t waiting_bytes_ = 0; ///< written since the disk was asked
    bool ended_ = false;
    int problem_ = 0; ///< errno
    std::thread thread_;
};

} // namespace runtime
