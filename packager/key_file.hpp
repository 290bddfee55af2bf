#pragma once
// Key files: NAME.key (secret, mode 0600) and NAME.pub (public, mode 0644), both PEM that openssl reads.

#include <memory>
#include <string>

#include "manifests/key_spellings.hpp"
#include "packager/passphrase.hpp"
#include "packager/secret_key.hpp"
#include "runtime/atomic_file.hpp"

namespace packager {

struct KeyPairPaths {
    std::string secret_key;
    std::string public_key;
};

/// @param name  a path; an ending ".key" or ".pub" is taken off first
/// @throws Error  Fault::usage if no file name is left
KeyPairPaths key_pair_paths(const std::string& name);

/// @throws Error  Fault::usage if one of the two is there, with the hint to use --force
void refuse_existing(const KeyPairPaths& paths);

/// Writes both files or none. Not even the user's own umask can make the secret key readable by others.
/// @param passphrase  nullptr: not encrypted
/// @throws Error  Fault::usage if one exists and `replace` says no; Fault::io, also when the file system
///                cannot keep a file private
void write_key_pair(const KeyPairPaths& paths, const StoredKey& key, const SecretText* passphrase,
                    runtime::Replace replace);

/// Asks for the passphrase only if the file is encrypted.
/// @throws Error  Fault::missing if the file is no secret key, if the passphrase is wrong, or if users other
///                than the owner may read the file; Fault::io
std::unique_ptr<StoredKey> load_key(const std::string& path, const PassphraseSource& source);

/// load_key() for what works with Ed25519 alone.
/// @throws Error  Fault::missing also for keys of other types
SecretKey load_secret_key(const std::string& path, const PassphraseSource& source);

enum class KeyPart { public_key, plain_secret, encrypted_secret };

struct AnyKey {
    KeyPart part;
    manifests::SpelledKey key; ///< of a secret key, its public half
};

/// A public key in any spelling, or the public half of a secret key, for which load_key()'s rules hold.
/// @throws Error  as load_key()
AnyKey load_any_key(const std::string& path, const PassphraseSource& source);

/// Writes the key that load_key(path) gave back to its file, with another passphrase or none. The old file
/// stays until the new bytes have been read back and have opened.
/// @param passphrase  nullptr: not encrypted
/// @throws Error  Fault::usage if `path` is no regular file, or is somebody else's; Fault::io
void rewrite_key(const std::string& path, const StoredKey& key, const SecretText* passphrase);

} // namespace packager
