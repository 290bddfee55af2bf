#pragma once
// Tokens are bytes, JSON is text: a stream must not be cut in the middle of a character.

#include <cstddef>
#include <string_view>

namespace engine {

/// @return the length of `bytes` without an unfinished character at its end. Bytes that can never become a
///         character count as finished, so that nothing is held back for ever.
std::size_t finished_length(std::string_view bytes) noexcept;

} // namespace engine
