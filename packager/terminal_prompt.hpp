#pragma once
// Asking a person for a secret on the terminal, without showing it.

#include <optional>
#include <string>

#include "packager/secret_text.hpp"

namespace packager {

/// A longer passphrase is a mistake: openssl's own prompt takes 1024 bytes.
inline constexpr std::size_t most_passphrase_bytes = 1024;

/// Asks on /dev/tty, whatever stdin and stdout are. Echo is off meanwhile and comes back also when the
/// process is interrupted or stopped; after a stop the question is asked again. Not for several threads.
/// @return nothing when there is no terminal
/// @throws Error  Fault::missing if the line is too long or the input ends before it
std::optional<SecretText> ask_on_terminal(const std::string& question);

} // namespace packager
