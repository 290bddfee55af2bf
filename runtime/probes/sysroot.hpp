#pragma once
// The files that probes read: those of this machine, or of a tree copied from one. In a copied tree every
// name and every symbolic link is resolved inside the tree (openat2, RESOLVE_IN_ROOT), so a link to /sys/...
// in it never leads to this machine.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/file_descriptor.hpp"

namespace runtime {

struct NodeFacts {
    enum class Kind { file, folder, character_device, other };
    Kind kind = Kind::other;
    unsigned mode = 0; ///< permissions alone
    std::uint64_t user = 0;
    std::uint64_t group = 0;
    std::uint64_t size_bytes = 0;
};

class Sysroot {
public:
    /// @param path  "" or "/" for this machine itself
    /// @throws Error  Fault::io if there is no such folder
    explicit Sysroot(const std::string& path);

    /// Whether the tree is this very machine's, perhaps mounted elsewhere (a container that has the host at
    /// /host): its boot id is ours. Only then is what the processor says of itself about this tree.
    bool is_this_machine() const;

    /// The first line without blanks around it; absent if there is no such file, or it says nothing. A file
    /// that is there and cannot be read goes on the list.
    std::optional<std::string> line(const std::string& path);
    /// The whole file, under the same rules; one of over 64 KiB is none that a probe wants, and unreadable.
    std::optional<std::string> text(const std::string& path);
    /// The first 64 KiB of a file that may be longer: /proc/cpuinfo of a large machine.
    std::optional<std::string> front(const std::string& path);
    /// An open regular file, for reading parts of it; closed if there is none or it cannot be opened.
    FileDescriptor file(const std::string& path);
    /// What is at a path, links followed; absent if there is nothing.
    std::optional<NodeFacts> node(const std::string& path);
    /// Names in a folder, sorted; none if there is no such folder.
    std::vector<std::string> names(const std::string& path);
    /// The last part of where a symbolic link points, or "".
    std::string link_name(const std::string& path);
    bool has_link(const std::string& path) { return !link_name(path).empty(); }

    /// A source that exists and could not be read or understood; the path is one of the probed machine.
    void add_unreadable(const std::string& path) { unreadable_.push_back(path); }
    /// Sorted, each once.
    std::vector<std::string> unreadable() const;

private:
    FileDescriptor open(const std::string& path, int flags) const;
    enum class Length { whole, front };
    std::optional<std::string> read(const std::string& path, Length length, bool& problem) const;

    FileDescriptor root_;
    bool copied_ = false;
    std::vector<std::string> unreadable_;
};

} // namespace runtime
