#pragma once
// The check of a number on the command line. CLI11's own ones print a range of 309 digits, and without any
// check -1 becomes 2^64 - 1.

#include <cstdint>
#include <functional>
#include <string>

namespace runtime {

/// For CLI::Option::check: decimal digits alone, not below `least`, not over 2^64 - 1.
/// @return a function that gives "" for such a text and else what was wanted, for a person
std::function<std::string(const std::string& text)> whole_number_from(std::uint64_t least);

/// The same with a most.
std::function<std::string(const std::string& text)> whole_number_between(std::uint64_t least,
                                                                         std::uint64_t most);

/// For CLI::Option::transform: whole bytes, or a whole number of k, M, G, T, P or E, of 1000 ("64GB") or of
/// 1024 ("64GiB", "64Gi"), in letters of any case. Rewrites `text` to bytes.
std::function<std::string(std::string& text)> size_between(std::uint64_t least_bytes,
                                                           std::uint64_t most_bytes);

} // namespace runtime
