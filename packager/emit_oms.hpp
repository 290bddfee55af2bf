#pragma once
// OpenSSF Model Signing v1.0 (OMS): a signature over the model part of a bundle as a folder of files, for
// those who check models with that tool and know nothing of bundles.
//
// Of what OMS allows this is the one profile that its reference verifier, its schemas and sigstore's own
// verifiers agree about: the model is a folder, each file is hashed whole with SHA-256 (method "files"),
// names rise by code point, and the key is P-256. The reference orders by path parts, spells shards otherwise
// than the text does, and takes no Ed25519; sigstore's verifiers take no P-384 as OMS wants it.
//
// What such a signature does not say: which release this is, who else has to sign, when it ends. Empty
// folders and modes are not in it, nor anything under the names of oms_ignored_paths.

#include <string>
#include <vector>

#include "packager/signer.hpp"
#include "runtime/bundle.hpp"

namespace packager {

/// What its verifiers leave out, at the top of the folder: the default of the reference.
const std::vector<std::string>& oms_ignored_paths();

/// The payload: an in-toto statement. Its resources are the files with the roles weights, model-config and
/// doc, named by their path in the bundle.
/// @throws Error  Fault::refused if the bundle has none, or one that its verifiers would not see
std::string oms_statement(const runtime::Bundle& bundle);

/// What to give `sealift extract` as paths so that it makes the folder that the statement is about: folders
/// where all of a folder is meant, else files.
std::vector<std::string> oms_model_paths(const runtime::Bundle& bundle);

/// @throws Error  Fault::refused for any other key than one of P-256
void refuse_oms_key(const manifests::PublicKey& key);

/// The whole file model.sig: a sigstore bundle with one DSSE signature. The content has to be proven before,
/// by tree and by flat digest: the latter are what is signed here.
/// @throws Error  as oms_statement() and refuse_oms_key()
std::string oms_signature(const runtime::Bundle& bundle, const Signer& signer);

} // namespace packager
