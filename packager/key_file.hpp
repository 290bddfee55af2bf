#pragma once
// Key files: NAME.key (secret, mode 0600) and NAME.pub (public, mode 0644), both PEM that openssl reads.

#include <string>

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
void write_key_pair(const KeyPairPaths& paths, const SecretKey& key, const SecretText* passphrase,
                    runtime::Replace replace);

/// Asks for the passphrase only if the file is encrypted.
/// @throws Error  Fault::missing if the file is no Ed25519 secret key, if the passphrase is wrong, or if
///                users other than the owner may read the file; Fault::io
SecretKey load_secret_key(const std::string& path, const PassphraseSource& source);

} // namespace packager
