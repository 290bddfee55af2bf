#pragma once
// The sentences of `reproduce`. A is always the bundle, B what the inputs give.

#include <string>
#include <vector>

#include "packager/json_diff.hpp"
#include "packager/reproduce.hpp"
#include "packager/weights_diff.hpp"

namespace packager {

/// One difference for each change, in their order.
/// @param document  "recipe", "software BOM"
std::vector<Difference> in_words(Difference::Kind kind, const std::string& document, const JsonDiff& diff);

/// What differs in a file, at least one difference. A damaged file is one of the bundle whose bytes are not
/// those that its own document names.
enum class Bundled { intact, damaged };
std::vector<Difference> in_words(const FileDiff& diff, Bundled bundled);

} // namespace packager
