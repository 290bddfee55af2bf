#pragma once
// Files of lines that name what they say: "Version=25.2.0", "model name : ...", ID="openEuler". One reader
// for all of them, and how a version is told from the words around it. Pure.

#include <optional>
#include <string>
#include <string_view>

namespace runtime {

/// What stands behind the first "KEY=" or "KEY:" at the start of a line, blanks before the separator allowed;
/// not trimmed, so that a maker's name keeps its blanks, but for one blank behind a colon.
std::optional<std::string_view> raw_value(std::string_view text, std::string_view key);

/// The same without blanks and quotes around it; absent if nothing is left.
std::optional<std::string> value_of(std::string_view text, std::string_view key);

/// A whole unsigned number in decimal digits.
std::optional<std::uint64_t> number_in(std::string_view text);

/// The version behind `key`, or, if `key` is empty, the one in the first line: the line itself if it is one
/// word, else the first word that starts with a digit and has a dot ("NVRM version: ...  535.104.05  Sat
/// ..."). A version starts with a digit (after at most one "v" or "V", which is dropped), has no blanks and
/// 64 characters at most.
std::optional<std::string> version_in(std::string_view text, std::string_view key);

} // namespace runtime
