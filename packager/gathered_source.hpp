#pragma once
// A bundle put together from blobs that lie anywhere: what follows from its document is made anew, in memory,
// and the rest is asked for. So manifests that got lost cost nothing, and a copy whose front is damaged can
// be looked at through the front of another one.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "manifests/tar_layout.hpp"
#include "runtime/blob_source.hpp"
#include "runtime/bundle.hpp"

namespace packager {

/// All that decides what is in a bundle, owned.
struct KnownBundle {
    std::shared_ptr<const manifests::BundleDocument> document;
    manifests::Assembly assembly;
    std::vector<std::string> envelopes;

    manifests::Contents contents() const { return {*document, assembly, envelopes}; }
    const manifests::Digest& digest() const { return assembly.bundle_digest(); }
};

KnownBundle known_from(const runtime::Bundle& bundle);

using FindBlob = std::function<std::optional<runtime::BlobAt>(const manifests::Digest&)>;

/// @param find  asked for profile, BOMs, chunk tables and files; nothing that it gives is believed
std::unique_ptr<runtime::BlobSource> gather(const manifests::Contents& contents, FindBlob find);

/// "weights/model.gguf", "software BOM", "chunk table of weights/model.gguf", "model manifest (tag model)";
/// from outside, not yet escaped.
std::string describe_item(const manifests::LayoutItem& item, const manifests::Contents& contents);

/// Whether the blob has this very digest. @throws Error  Fault::io
bool is_proven(const runtime::BlobAt& blob, const manifests::Digest& wanted);

} // namespace packager
