#pragma once
// Half-written files and folders go away, also when a person presses Ctrl-C after an hour.
//
// A signal may arrive in the middle of anything, malloc included, so the handler may use almost nothing:
// system calls and memory that is there already. Hence a fixed table of absolute paths whose rows are claimed
// without locks, a remover that reads folders by the getdents64 system call into a buffer on the stack, and a
// handler that first brings all other threads to a stop: one of them may be about to create what is removed.
// What it cannot do, said openly: nothing is removed after SIGKILL or a power cut (names are chosen so that
// the next run, or a person, recognises them), and a thread that hangs in the kernel for half a second, on a
// dying disk, is no longer waited for. It then goes over a folder several times and gives up on one that
// keeps filling.

#include <string>

namespace runtime {

enum class TemporaryKind : int { file = 2, folder = 3 };

/// While it lives, the path is removed if the process ends by SIGINT, SIGTERM or SIGHUP; when it dies, the
/// path is removed too, unless keep() was called. A folder goes with everything in it; symbolic links are
/// removed and never followed, and other file systems mounted in it are left alone. A forked child inherits
/// the object but never removes anything.
class TemporaryPath {
public:
    TemporaryPath() = default;
    /// Register first, create then: the other order leaves a gap. Nothing needs to exist yet.
    /// @throws Error  Fault::internal if 64 are registered already, Fault::io if the path has over 4095 bytes
    TemporaryPath(const std::string& path, TemporaryKind kind);
    TemporaryPath(TemporaryPath&& other) noexcept;
    TemporaryPath& operator=(TemporaryPath&& other) noexcept;
    ~TemporaryPath();

    /// It has become what it was meant to be (renamed, linked), or was never created.
    void keep() noexcept;
    /// Removes it now.
    void remove() noexcept;

private:
    int slot_ = -1;
};

/// For SIGINT, SIGTERM and SIGHUP, each unless it is ignored (nohup): remove what is registered and die by
/// the same signal, so that a shell sees 130, 143 or 129. As PID 1, for which default signals do nothing, the
/// exit status is that number. Further signals wait for the clean-up; SIGQUIT (Ctrl-\) is untouched and ends
/// at once. A command that wants these signals for itself (a supervisor) installs its own handlers
/// afterwards.
void install_signal_handlers();

/// Removes a file, or a folder with everything in it, as described above. Async-signal-safe.
/// @return whether nothing is left there; errno says why not
bool remove_tree(const char* path) noexcept;

/// A bar is on the last line of stderr: the handler clears it. Async-signal-safe.
void set_unfinished_line(bool drawn) noexcept;
bool has_unfinished_line() noexcept;

} // namespace runtime
