#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifests/error.hpp"
#include "manifests/json.hpp"

namespace manifests {

/// Runs `read` on each element of an array; a problem in one is reported with its place: "files[3]: ...".
/// A template over the array, so that only who uses it needs the whole of nlohmann/json.hpp.
template<typename Array, typename Read>
auto read_each(const Array& array, std::string_view name, Read read) {
    std::vector<decltype(read(std::declval<const Json&>()))> list;
    for (const Json& value : array) {
        try {
            list.push_back(read(value));
        } catch (Error& error) {
            error.in(std::string(name) + "[" + std::to_string(list.size()) + "]");
            throw;
        }
    }
    return list;
}

} // namespace manifests
