#pragma once
// From a trusted bundle to an engine that can be started: every file is verified, the ones the engine gets
// are held open or sealed in memory, and the arguments are filled in. The same for an installed generation
// and for a bundle that was never unpacked.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "runtime/content.hpp"
#include "runtime/trust.hpp"

namespace runtime {

struct LaunchOptions {
    std::uint64_t port = 0; ///< 0: as the bundle says
    unsigned threads = 0;   ///< 0: one for each usable processor
    unsigned jobs = 0;      ///< for verification
};

/// Everything that an engine process is made of. Descriptors stay open here until the engine has them.
struct Launch {
    std::vector<std::string> arguments; ///< argv[0] is the entrypoint's path in the bundle
    std::vector<std::pair<std::string, std::string>> environment;
    int program = -1;           ///< descriptor that is executed
    std::vector<int> inherited; ///< descriptors that the engine keeps
    std::map<manifests::BundlePath, FileDescriptor> sealed;
    Held held;
    std::string known_answer; ///< the verified bytes, or empty
    std::uint64_t port = 0;
};

/// @throws Error  Fault::damaged if a file is not what was signed, with its code; Fault::refused if this
/// bundle
///                cannot be started this way; Fault::io
Launch prepare_launch(const TrustedBundle& trusted, const LaunchOptions& options, const OnBytes& on_bytes);

/// Device and inode of each sealed kernel file, to be looked for among the engine's mapped files.
struct MappedFile {
    std::string path; ///< in the bundle
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
};
std::vector<MappedFile> kernels_of(const Launch& launch, const manifests::BundleDocument& document);

} // namespace runtime
