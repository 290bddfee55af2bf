// ImageManifest::parse and ImageIndex::parse: only Error comes out; a manifest has one spelling, an index
// that is written again reads the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/oci.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void check_refusal(const manifests::Error& error) {
    demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
    demand(manifests::is_utf8(error.what()), "a refusal can be printed");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        demand(manifests::ImageManifest::parse(text).encode() == text, "a manifest has one spelling");
    } catch (const manifests::Error& error) {
        check_refusal(error);
    }
    try {
        const auto index = manifests::ImageIndex::parse(text);
        demand(manifests::ImageIndex::parse(index.encode()).manifests == index.manifests,
               "an index survives");
    } catch (const manifests::Error& error) {
        check_refusal(error);
    }
    return 0;
}
