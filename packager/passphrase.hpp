#pragma once
// Where the passphrase of a key file comes from. Never from the command line: other users can read that.

#include <optional>
#include <string>

#include "packager/secret_text.hpp"

namespace packager {

struct PassphraseSource {
    std::optional<std::string> file; ///< --passphrase-file; "-" is stdin
};

enum class Ask {
    once,  ///< for a key that exists
    twice, ///< for a new key: both must be equal
};

/// From source.file, or else from the file that SEALIFT_PASSPHRASE_FILE names, or else typed on the terminal.
/// Of a file the first line counts, without its line feed, as `openssl -passin file:` reads it; of stdin
/// nothing behind that line is read.
/// @param key_path  for the question
/// @throws Error  Fault::missing if there is none of these, if it is empty, too long or has control
///                characters in it; Fault::io
SecretText passphrase_for(const std::string& key_path, const PassphraseSource& source, Ask ask);

/// Typed on the terminal, whatever the environment says: for a passphrase that is to replace the one there.
/// @throws Error  as passphrase_for()
SecretText type_passphrase(const std::string& key_path, Ask ask);

} // namespace packager
