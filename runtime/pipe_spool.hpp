#pragma once
// A bundle that comes through a pipe. Its front (all that is needed to decide about trust) is kept in a file
// without a name, so that it can be read like the front of any bundle file; what comes behind the front, the
// files themselves, is taken from the pipe as it flows and never kept here.

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/file_descriptor.hpp"

namespace runtime {

class PipeSpool {
public:
    /// Documents, BOMs and chunk tables of any bundle we plan for stay below; more is no bundle.
    static constexpr std::uint64_t most_front_bytes = 4ULL << 30;

    /// @param input   stays open as long as this object
    /// @param folder  where the file without a name is made
    /// @throws Error  Fault::io
    PipeSpool(FileDescriptor input, const std::string& folder);

    /// The kept front; reading it is only right below what need() was called for.
    const std::shared_ptr<const FileDescriptor>& file() const { return file_; }
    /// Takes from the pipe until `end` bytes are kept, or the pipe ends.
    /// @throws Error  Fault::damaged, Code::format_limit beyond most_front_bytes; Fault::io
    void need(std::uint64_t end);
    std::uint64_t kept_bytes() const { return kept_bytes_; }

    /// Reads on behind what is kept. @return bytes read; fewer only at the end of the pipe, or after stop()
    std::size_t read_on(char* buffer, std::size_t length_bytes);

    /// From any thread: whoever waits for the pipe waits no longer, however slow the sender is.
    void stop();

private:
    bool wait_for_bytes() const;
    std::size_t take(char* buffer, std::size_t length_bytes);

    FileDescriptor input_;
    FileDescriptor stopped_; ///< an event
    std::shared_ptr<const FileDescriptor> file_;
    std::uint64_t kept_bytes_ = 0;
};

} // namespace runtime
