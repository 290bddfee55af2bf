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

// What is read in pieces of any length is what is read whole.
void check_pieces(std::string_view text, std::size_t length) {
    const auto next = [rest = text, length]() mutable {
        const std::string_view piece = rest.substr(0, length);
        rest.remove_prefix(piece.size());
        return piece;
    };
    const auto document = manifests::BundleDocument::read(next, manifests::Digest::of(text));
    demand(document.encode() == text, "pieces make the same document");
}

void check_layout(manifests::BundleDocument document) {
    const manifests::Assembly assembly = manifests::assemble(document);
    const auto text = [&](manifests::Derived which) {
        return manifests::derived_text(which, document, assembly);
    };
    manifests::BundleDocument::parse(text(manifests::Derived::document));
    manifests::ImageManifest::parse(text(manifests::Derived::bundle_manifest));
    manifests::ImageManifest::parse(text(manifests::Derived::model_manifest));
    const std::vector<std::string> envelopes = {"e"};
    const manifests::Contents contents{document, assembly, envelopes};
    const auto items = manifests::items_of(contents);
    for (const auto& item : items) {
        if (!manifests::is_derived(item.kind)) continue;
        std::uint64_t bytes = 0;
        manifests::write_item(item, contents, [&](std::string_view piece) { bytes += piece.size(); });
        demand(bytes == item.size_bytes, "an item has the size that it says");
    }
    std::uint64_t end = 0;
    for (const auto& entry : manifests::plan_tar(items).entries) {
        demand(entry.header_offset == end, "entries touch");
        demand(entry.padding != 0 || entry.size_bytes < manifests::blob_alignment_bytes ||
                   entry.data_offset() % manifests::blob_alignment_bytes == 0,
               "large data is aligned");
        end = entry.data_offset() + (entry.size_bytes + 511) / 512 * 512;
        demand(entry.end_offset() == end, "an entry ends in whole blocks");
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
        check_pieces(text, 1 + text.size() % 97);
        check_layout(document);
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    return 0;
}
