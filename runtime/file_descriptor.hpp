#pragma once
// An open file that closes itself, and the few calls on it that every other file needs: each does the whole
// of what it was asked or throws Fault::io with the path.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace runtime {

class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int number) : number_(number) {}
    FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    ~FileDescriptor();

    int get() const noexcept { return number_; }
    explicit operator bool() const noexcept { return number_ >= 0; }
    /// For handing the number to a C library that will close it.
    int release() noexcept { return std::exchange(number_, -1); }

private:
    int number_ = -1;
};

/// Opens for reading. @throws Error  Fault::io, with a hint when the file does not exist
FileDescriptor open_to_read(const std::string& path);

enum class FileKind { regular, directory, other };
struct FileFacts {
    FileKind kind;
    std::uint64_t size_bytes;
    bool executable; ///< by its owner
};
FileFacts facts_of(const FileDescriptor& file, std::string_view path);

/// Reads at `offset` until the buffer is full or the file ends. @return bytes read
std::size_t read_at(const FileDescriptor& file, void* buffer, std::size_t length_bytes, std::uint64_t offset,
                    std::string_view path);
/// Writes all of it at `offset`.
void write_at(const FileDescriptor& file, const char* data, std::size_t length_bytes, std::uint64_t offset,
              std::string_view path);
void write_all(const FileDescriptor& file, const void* data, std::size_t length_bytes, std::string_view path);
/// fsync; a failed sync is a failed write.
void sync(const FileDescriptor& file, std::string_view path);
/// Syncs the folder at `path`, so that names made or renamed in it survive a power cut.
void sync_folder(const std::string& path);

/// The whole of a small file. @throws Error  Fault::io; Code::format_limit if it is over `most_bytes`
std::string read_small_file(const std::string& path, std::uint64_t most_bytes = 64ULL << 20);

/// Throws Fault::io with `what` and the text of the current errno.
[[noreturn]] void throw_errno(const std::string& what, std::string_view path);

} // namespace runtime
