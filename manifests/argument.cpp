#include "manifests/argument.hpp"

#include <array>
#include <utility>

#include "manifests/bundle_path.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

using Kind = ArgumentPiece::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 4> with_path{
    {{"file:", Kind::file}, {"fd:", Kind::fd}, {"offset:", Kind::offset}, {"dir:", Kind::dir}}};

ArgumentPiece placeholder(std::string_view inside, std::string_view whole) {
    if (inside == "port") return {Kind::port, ""};
    if (inside == "threads") return {Kind::threads, ""};
    for (const auto& [prefix, kind] : with_path) {
        if (inside.starts_with(prefix)) return {kind, BundlePath::parse(inside.substr(prefix.size())).text()};
    }
    refuse_document(
        "argument " + in_quotes(whole) + " has the unknown placeholder {" + escaped(inside) +
        "}; wanted {file:PATH}, {fd:PATH}, {offset:PATH}, {dir:FOLDER}, {port}, {threads} or {{ for a brace");
}

} // namespace

std::vector<ArgumentPiece> parse_argument(std::string_view text) {
    std::vector<ArgumentPiece> pieces;
    const auto add_text = [&](std::string_view more) {
        if (pieces.empty() || pieces.back().kind != Kind::text) pieces.push_back({Kind::text, ""});
        pieces.back().value += more;
    };
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t brace = text.find('{', at);
        if (brace != at) {
            add_text(text.substr(at, brace - at));
            if (brace == std::string_view::npos) break;
        }
        if (text.substr(brace).starts_with("{{")) {
            add_text("{");
            at = brace + 2;
            continue;
        }
        const std::size_t end = text.find('}', brace);
        if (end == std::string_view::npos)
            refuse_document("argument " + in_quotes(text) + " has a brace that is not closed");
        pieces.push_back(placeholder(text.substr(brace + 1, end - brace - 1), text));
        at = end + 1;
    }
    return pieces;
}

std::string plain_argument(std::string_view text) {
    std::string out;
    for (const char c : text) {
        out += c;
        if (c == '{') out += '{';
    }
    return out;
}

} // namespace manifests
