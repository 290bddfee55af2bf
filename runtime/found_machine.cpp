#include "runtime/found_machine.hpp"

#include "manifests/error.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {

namespace {
constexpr std::uint64_t most_bytes = 4ULL << 20; // as manifests::Machine has it
}

manifests::Machine load_machine(const std::string& path) {
    const std::string bytes = read_small_file(path == "-" ? "/dev/stdin" : path, most_bytes);
    try {
        return manifests::Machine::parse_found(bytes);
    } catch (manifests::Error& error) {
        if (error.fault() != manifests::Fault::damaged) throw;
        // No verdict comes of what is no machine, neither yes nor no.
        error.as(manifests::Fault::missing)
            .in(path)
            .hint("make it on that machine: sealift-runtime probe --format json > FOUND.json");
        throw;
    }
}

} // namespace runtime
