#include "runtime/sealed_file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "runtime/content.hpp"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U // Linux 6.3: says that the file is meant to be executed
#endif

namespace runtime {

FileDescriptor seal(const BlobAt& blob, const manifests::Digest& wanted, const std::string& name) {
    const std::string shown =
        name.substr(name.size() > 200 ? name.size() - 200 : 0); // NAME_MAX less "memfd:"
    FileDescriptor memory(::memfd_create(shown.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC));
    if (!memory && errno == EINVAL) { // older kernels do not know MFD_EXEC, and need it not
        memory = FileDescriptor(::memfd_create(shown.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
    }
    if (!memory) throw_errno("cannot get memory for", name);
    read_proven(blob, wanted, [&](const char* data, std::size_t length_bytes, std::uint64_t) {
        write_all(memory, data, length_bytes, name);
    });
    const int seals = F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
    if (::fchmod(memory.get(), 0555) != 0 || ::fcntl(memory.get(), F_ADD_SEALS, seals) != 0)
        throw_errno("cannot seal", name);
    return memory;
}

std::string inherited_path(int number) {
    return "/proc/self/fd/" + std::to_string(number);
}

} // namespace runtime
