// read_version_definitions: only Error comes out, with Fault::damaged; nothing is asked for beyond the end of
// the file, and no piece is larger than a table of the size that libraries have.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "runtime/probes/version_definitions.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto read_part = [&](std::uint64_t offset, std::size_t length) {
        demand(offset <= bytes.size() && length <= bytes.size() - offset, "reads stay inside of the file");
        demand(length <= 65536, "pieces are small");
        return std::string(bytes.substr(static_cast<std::size_t>(offset), length));
    };
    try {
        const auto found = runtime::read_version_definitions(bytes.size(), read_part);
        demand(found.names.size() <= 4096, "definitions end");
        for (const char* prefix : {"GLIBC", "GLIBCXX", "CXXABI"}) {
            const std::string version = runtime::highest_version(found, prefix);
            demand(version.find_first_not_of("0123456789.") == std::string::npos,
                   "a version is made of digits");
        }
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
    }
    return 0;
}
