#include "manifests/chosen_name.hpp"

#include <algorithm>
#include <string>

#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

bool is_outer_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool is_inner_character(char c) {
    return is_outer_character(c) || c == '.' || c == '_' || c == '-';
}

} // namespace

void check_chosen_name(std::string_view what, std::string_view name) {
    const bool fits = !name.empty() && name.size() <= most_chosen_name_bytes &&
                      is_outer_character(name.front()) && is_outer_character(name.back()) &&
                      std::all_of(name.begin(), name.end(), is_inner_character);
    if (!fits) {
        refuse_document(std::string(what) + " " + in_quotes(name) +
                        " is not made of a-z and 0-9 with '.', '_' and '-' inside");
    }
}

} // namespace manifests
