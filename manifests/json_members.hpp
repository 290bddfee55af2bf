#pragma once
// read_json() for a document with one object of very many members: the header of a weight file, the index of
// a model in parts.

#include <functional>
#include <string>
#include <string_view>

#include "manifests/json.hpp"

namespace manifests {

/// The values in one object are handed over one at a time with their names and forgotten, so a header of
/// 100 MB costs its text and its names. What comes back has no members there.
/// @param object  a member of the outermost object; "" for the outermost object itself
/// @throws Error  as read_json, and what `on_member` throws; what is no object is not handed over
Json read_json_members(std::string_view text, std::string_view object,
                       const std::function<void(const std::string& name, const Json& value)>& on_member,
                       const JsonRules& rules = {});

/// What a parser does not see: too many bytes, a byte order mark, NUL. @throws Error  as read_json
void refuse_unreadable(std::string_view text, const JsonRules& rules);

} // namespace manifests
