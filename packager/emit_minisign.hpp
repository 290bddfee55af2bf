#pragma once
// A minisign signature of the bundle file, for those who have nothing else: Ed25519 over BLAKE2b-512 of the
// file ("ED", prehashed), so a file of any size streams through. The trusted comment, which is signed too,
// says which bundle and which release counter this is.

#include <functional>
#include <string>

#include "manifests/key_spellings.hpp"
#include "packager/signer.hpp"
#include "runtime/bundle.hpp"
#include "runtime/content.hpp"

namespace packager {

/// @throws Error  Fault::refused for a bundle in folder form, which is no file
void refuse_minisign_form(const runtime::Bundle& bundle);
/// @throws Error  Fault::refused for any other key than one of Ed25519
void refuse_minisign_key(const manifests::PublicKey& key);

/// BLAKE2b-512 of the bundle file, 64 raw bytes. @throws Error  Fault::io
std::string minisign_hash(const runtime::Bundle& bundle, const runtime::OnBytes& on_bytes);

/// "manifest:sha256:... counter:N"
std::string minisign_trusted_comment(const runtime::Bundle& bundle);

/// The four lines of a BUNDLE.minisig.
/// @param hash  as minisign_hash() gives it
std::string minisign_signature(std::string_view hash, std::string_view trusted_comment, const Signer& signer);

/// The key with the number that `sealift key convert --to minisign` gives it.
manifests::MinisignKey minisign_key(const manifests::PublicKey& key);

} // namespace packager
