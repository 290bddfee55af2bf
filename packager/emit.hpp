#pragma once
// Signatures of a bundle in the formats of others, each a file beside it. They are never the native form:
// each says less than the bundle's own envelopes do, and none has thresholds, owners or counters that a site
// obeys.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "packager/signer.hpp"
#include "runtime/bundle.hpp"
#include "runtime/content.hpp"

namespace packager {

enum class EmitFormat {
    oms,      ///< BUNDLE.model.sig
    sigstore, ///< BUNDLE.<first 16 digits of the key id>.sigstore.json, one for each signer of the release
    minisign, ///< BUNDLE.minisig, and BUNDLE.minisign.pub if there is none
};
/// "oms", "sigstore", "minisign"
std::string_view name_of(EmitFormat format);
const std::vector<EmitFormat>& all_emit_formats();

struct EmitRequest {
    std::vector<EmitFormat> formats;
    std::string folder; ///< empty: that of the bundle
    /// The key that signs the bundle itself, if there is one.
    const Signer* signer = nullptr;
    /// Keys for the files alone: with each of them the release is signed for sigstore as well. The bundle
    /// does not get these signatures.
    std::vector<const Signer*> more_signers;
    std::vector<manifests::PublicKey> public_keys; ///< of others who have signed the release
    std::vector<std::string> envelopes;            ///< beside those in the bundle
    unsigned jobs = 0;
    std::function<runtime::OnBytes(std::uint64_t total_bytes)> on_start = {};
};

struct EmittedFile {
    EmitFormat format;
    std::string path;
    std::string key_id; ///< of the key whose signature is in it
};

struct EmitResult {
    std::vector<EmittedFile> files;
    std::vector<std::string> notes;       ///< what was left out and why
    std::vector<std::string> model_paths; ///< with oms: see oms_model_paths()
};

/// Before anything is signed or long work is begun: whether the formats, the keys and the form of the bundle
/// go together, and what is in the way.
/// @param output  where the bundle will be when its files are written
/// @throws Error  Fault::usage, Fault::refused
void check_emit(const runtime::Bundle& bundle, const std::string& output, const EmitRequest& request);

/// Reads and proves every file of the bundle if anything is to be signed: nobody signs what is damaged. A
/// file of the same kind and an empty one are replaced.
/// @param bundle  as it is handed on, with all its signatures: minisign signs that very file
/// @throws Error  as check_emit(); Fault::damaged; Fault::io
EmitResult emit(const runtime::Bundle& bundle, const EmitRequest& request);

} // namespace packager
