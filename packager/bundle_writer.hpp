#pragma once
// Writes a bundle, as a file or as a folder, from a list of items whose order and offsets are already
// decided. Each file is read once, hashed while it is copied, and must be what the list says: an input that
// changed since it was described is found here and nothing is left behind.

#include <functional>
#include <string>
#include <vector>

#include "manifests/tar_layout.hpp"
#include "runtime/blob_source.hpp"
#include "runtime/content.hpp"

namespace packager {

enum class Form { file, folder };

/// Where the bytes of a file are now.
using Locate = std::function<runtime::BlobAt(const manifests::BundleFile&)>;

struct WriteRequest {
    std::string output;
    Form form = Form::file;
    const std::vector<manifests::LayoutItem>& items;
    Locate locate;
    unsigned jobs = 0;
    runtime::OnBytes on_bytes;
};

/// Before long work: whether something is at `output` that a bundle must not replace. Only an older bundle of
/// the same form, an empty file or an empty folder goes.
/// @throws Error  Fault::usage
void check_output(const std::string& output, Form form);

/// The output appears whole, by one rename, and replaces an older bundle of the same form.
/// @throws Error  Fault::io; Fault::refused if an input is not what its item says; as check_output()
void write_bundle(const WriteRequest& request);

} // namespace packager
