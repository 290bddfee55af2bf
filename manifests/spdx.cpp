#include "manifests/spdx.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "manifests/spdx_list.hpp"

namespace manifests {
namespace {

constexpr std::size_t most_depth = 32;

std::vector<std::string_view> tokens_of(std::string_view text) {
    std::vector<std::string_view> tokens;
    while (true) {
        const std::size_t start = text.find_first_not_of(' ');
        if (start == std::string_view::npos) return tokens;
        text.remove_prefix(start);
        std::size_t length = 1;
        if (text[0] != '(' && text[0] != ')') length = std::min(text.find_first_of(" ()"), text.size());
        tokens.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
}

bool is_reference(std::string_view token) {
    constexpr std::string_view document = "DocumentRef-";
    constexpr std::string_view licence = "LicenseRef-";
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
    const auto is_name = [&](std::string_view name) {
        return !name.empty() && name.find_first_not_of(letters) == std::string_view::npos;
    };
    if (token.starts_with(document)) {
        const std::size_t colon = token.find(':');
        if (colon == std::string_view::npos) return false;
        if (!is_name(token.substr(document.size(), colon - document.size()))) return false;
        token.remove_prefix(colon + 1);
    }
    return token.starts_with(licence) && is_name(token.substr(licence.size()));
}

// One pass over the tokens; AND and OR need no precedence where only the form is asked for.
class ExpressionReader {
public:
    explicit ExpressionReader(std::vector<std::string_view> tokens) : tokens_(std::move(tokens)) {}
    bool read() { return read_list(0) && at_ == tokens_.size(); }

private:
    bool next_is(std::string_view token) {
        if (at_ == tokens_.size() || tokens_[at_] != token) return false;
        ++at_;
        return true;
    }
    bool read_one(std::size_t depth) {
        if (next_is("(")) return depth < most_depth && read_list(depth + 1) && next_is(")");
        if (at_ == tokens_.size()) return false;
        std::string_view token = tokens_[at_++];
        if (!is_reference(token)) {
            if (token.ends_with('+')) token.remove_suffix(1);
            if (!is_spdx_licence(token)) return false;
        }
        return !next_is("WITH") || (at_ < tokens_.size() && is_spdx_exception(tokens_[at_++]));
    }
    bool read_list(std::size_t depth) {
        do {
            if (!read_one(depth)) return false;
        } while (next_is("AND") || next_is("OR"));
        return true;
    }

    std::vector<std::string_view> tokens_;
    std::size_t at_ = 0;
};

} // namespace

LicenceForm form_of_licence(std::string_view text) {
    if (is_spdx_licence(text)) return LicenceForm::identifier;
    return ExpressionReader(tokens_of(text)).read() ? LicenceForm::expression : LicenceForm::name;
}

} // namespace manifests
