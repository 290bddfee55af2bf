// BundleDocument::parse: only Error comes out; what is accepted has one spelling, and everything that follows
// from it (manifests, items, offsets) can be made or is refused with an Error.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/assembly.hpp"
#include "manifests/bundle_document.hpp"
#include "manifests/error.hpp"
#include "manifests/tar_layout.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void check_layout(const manifests::BundleDocument& document) {
    const manifests::Assembly assembly = manifests::assemble(document);
    manifests::BundleDocument::parse(assembly.document);
    manifests::ImageManifest::parse(assembly.bundle_manifest);
    manifests::ImageManifest::parse(assembly.model_manifest);
    const auto items = manifests::items_of(assembly, document, {"p", "s", "h", {"e"}});
    std::uint64_t end = 0;
    for (const auto& entry : manifests::plan_tar(items).entries) {
        demand(entry.header_offset == end, "entries touch");
        demand(entry.padding || entry.size_bytes < manifests::blob_alignment_bytes ||
                   entry.data_offset % manifests::blob_alignment_bytes == 0,
               "large data is aligned");
        end = entry.data_offset + (entry.size_bytes + 511) / 512 * 512;
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto document = manifests::BundleDocument::parse(text);
        demand(document.encode() == text, "a document has one spelling");
        for (const auto& file : document.files)
            demand(document.find(file.path) == &file, "every file is found by its path");
        check_layout(document);
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    return 0;
}
