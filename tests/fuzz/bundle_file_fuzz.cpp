// Bundle::open on any bytes: only Error::damaged with a code comes out, and what opens also locates its
// files.

#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/bundle.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const runtime::FileDescriptor memory(::memfd_create("bundle", MFD_CLOEXEC));
    demand(static_cast<bool>(memory), "there is memory");
    runtime::write_all(memory, data, size, "memory");
    try {
        const auto bundle = runtime::Bundle::open("/proc/self/fd/" + std::to_string(memory.get()));
        for (const manifests::BundleFile& file : bundle.document().files) {
            const runtime::BlobAt blob = bundle.locate(file);
            demand(blob.offset + blob.size_bytes <= size, "a blob lies in the file");
        }
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(error.code().has_value(), "a refusal of a bundle has a code");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    return 0;
}
