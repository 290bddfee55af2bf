#pragma once
// A bundle put together from blobs that lie anywhere: what follows from its document is not needed, and the
// rest is asked for. So manifests that got lost cost nothing, and a copy whose front is damaged can be looked
// at through the front of another one.

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "manifests/tar_layout.hpp"
#include "runtime/blob_source.hpp"
#include "runtime/bundle.hpp"

namespace packager {

using runtime::KnownBundle;

using FindBlob = std::function<std::optional<runtime::BlobAt>(const manifests::Digest&)>;

/// For Bundle::open_known().
/// @param find  asked for profile, BOMs, chunk tables and files; nothing that it gives is believed
std::unique_ptr<runtime::BlobSource> gather(const manifests::Contents& contents, FindBlob find);

/// "weights/model.gguf", "software BOM", "chunk table of weights/model.gguf", "model manifest (tag model)";
/// from outside, not yet escaped.
std::string describe_item(const manifests::LayoutItem& item, const manifests::Contents& contents);

/// Whether the blob has this very digest. @throws Error  Fault::io
bool is_proven(const runtime::BlobAt& blob, const manifests::Digest& wanted);

} // namespace packager
