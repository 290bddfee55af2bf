#pragma once
// A file that appears whole or not at all.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/cleanup.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {

enum class Replace { refuse, allow };

/// Written without a name in the folder of its target, so that whatever kills the process leaves nothing;
/// where the file system has no such files, as ".NAME.sealift-<16 hex>", which the destructor or a signal
/// removes. commit() gives it its name.
class AtomicFile {
public:
    /// @param target  where it shall appear; without a slash, in the current directory
    /// @param mode    the final one, whatever the umask says
    /// @throws Error  Fault::io if the folder cannot be written to; Fault::usage if the target is there and
    /// is
    ///                no regular file (a folder, a device, a symbolic link)
    explicit AtomicFile(std::string target, unsigned mode = 0644);

    /// Opened for reading and writing, empty.
    FileDescriptor& file() noexcept { return file_; }
    const std::string& target() const noexcept { return target_; }
    /// Where it lies until commit(), if it has a name.
    std::optional<std::string> temporary_path() const;

    /// Sets the mode, syncs the file, gives it its name, syncs the folder. Once only; file() stays open.
    /// @throws Error  Fault::usage if `refuse` and the target exists; Fault::io
    void commit(Replace replace);

private:
    std::string target_;
    std::string name_;           // of the target, in its folder
    std::string temporary_name_; // same folder; empty: the file has no name yet
    void create_named(const std::string& folder_with_slash);
    void give_temporary_name();

    unsigned mode_;
    FileDescriptor folder_;
    FileDescriptor file_;
    TemporaryPath temporary_;
};

/// ".NAME.sealift-<16 hex>", cut to what a file system takes: for what is written beside its final name.
std::string temporary_name_for(const std::string& name);

/// Before long work: the same refusal as commit(Replace::refuse) would give after it.
/// @throws Error  Fault::usage if something is at `target`
void refuse_existing(const std::string& target);

/// @throws Error  as AtomicFile
void write_file_whole(const std::string& target, std::string_view bytes, unsigned mode = 0644,
                      Replace replace = Replace::refuse);

} // namespace runtime
