#pragma once
// What a site says of a bundle, in one word for tests.

#include <string>

namespace tests {

/// Opens, checks trust with the keys of these letters (see sample_bundle.hpp), and reads everything.
/// @return "trusted", or the code of the first refusal ("SL-CONTENT-DIGEST"), or "no answer: ..." for an
///         Error that is no finding
std::string verdict_on(const std::string& path, const std::string& key_letters = "a");

} // namespace tests
