#pragma once
// A folder or a file that is being filled goes away also when the process that fills it is killed (SIGKILL,
// or the kernel short of memory), of which the process itself learns nothing: a second process waits for
// that. After a power cut, or when both are killed at once, the next run for the same name removes a folder
// (StagingFolder).

#include <string>

#include <sys/types.h>

#include "runtime/file_descriptor.hpp"

namespace packager {

class DeathWatch {
public:
    /// To be called first in main: a watcher is this very program, run with words that no user knows. Without
    /// this call it is a copy of the process.
    static void run_if_asked(int count, char** arguments);

    /// Where no process can be made, nothing is watched.
    /// @param path  removed with all that is in it if this process ends while the watch lasts
    explicit DeathWatch(const std::string& path);
    /// What is there is left alone.
    ~DeathWatch();
    DeathWatch(const DeathWatch&) = delete;
    DeathWatch& operator=(const DeathWatch&) = delete;

private:
    runtime::FileDescriptor alive_; ///< closed by the kernel when this process is gone
    pid_t watcher_ = -1;
};

} // namespace packager
