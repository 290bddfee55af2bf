#include "runtime/whole_number.hpp"

#include <charconv>

#include "manifests/text.hpp"

namespace runtime {

std::function<std::string(const std::string& text)> whole_number_from(std::uint64_t least) {
    return [least](const std::string& text) -> std::string {
        std::uint64_t number = 0;
        const char* const end = text.data() + text.size();
        const auto [stop, problem] = std::from_chars(text.data(), end, number);
        if (problem == std::errc{} && stop == end && number >= least) return "";
        return manifests::in_quotes(text) + " is not a whole number from " + std::to_string(least) + " on";
    };
}

} // namespace runtime
