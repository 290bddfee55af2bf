#include "manifests/pem.hpp"

#include "manifests/base64.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view begin = "-----BEGIN ";
constexpr std::string_view end = "-----END ";
constexpr std::string_view dashes = "-----";
constexpr std::string_view white_space = " \t\r\n";

[[noreturn]] void refuse(const std::string& text) {
    throw Error(Fault::damaged, text);
}

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

// The base64 of the body without its line ends.
std::string joined_lines(std::string_view body) {
    std::string text;
    while (!body.empty()) {
        const std::size_t length = body.find('\n');
        if (length == std::string_view::npos) refuse("the last line of the PEM block has no line feed");
        std::string_view line = body.substr(0, length);
        body.remove_prefix(length + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.size() % 4 != 0)
            refuse("a line of the PEM block has " + std::to_string(line.size()) +
                   " characters, wanted a multiple of 4");
        text += line;
    }
    return text;
}

} // namespace

std::string_view pem_label(std::string_view text) {
    const std::size_t start = text.find(begin);
    if (start == std::string_view::npos) return {};
    text.remove_prefix(start + begin.size());
    const std::size_t stop = text.find(dashes);
    return stop == std::string_view::npos ? std::string_view{} : text.substr(0, stop);
}

std::string_view pem_body(std::string_view text, std::string_view label) {
    if (text.size() > most_pem_bytes)
        refuse("text has " + std::to_string(text.size()) + " bytes, wanted a PEM file of at most " +
               std::to_string(most_pem_bytes));
    if (text.find(begin) == std::string_view::npos) refuse("there is no PEM block");
    text = trimmed(text);
    if (!text.starts_with(begin)) refuse("there is text in front of the PEM block");
    const std::string opening = std::string(begin) + std::string(label) + std::string(dashes);
    const std::string closing = std::string(end) + std::string(label) + std::string(dashes);
    if (!text.starts_with(opening))
        refuse("the PEM block is " + in_quotes(pem_label(text)) + ", wanted " + in_quotes(label));
    if (text.find(begin, begin.size()) != std::string_view::npos) refuse("there is more than one PEM block");
    const std::size_t stop = text.find(closing);
    if (stop == std::string_view::npos) refuse("the PEM block has no end");
    if (stop + closing.size() != text.size()) refuse("there is text behind the PEM block");
    std::string_view body = text.substr(opening.size(), stop - opening.size());
    if (body.starts_with('\r')) body.remove_prefix(1);
    if (!body.starts_with('\n')) refuse("the first line of the PEM block does not end behind its label");
    body.remove_prefix(1);
    return body;
}

std::string parse_pem(std::string_view text, std::string_view label) {
    const std::string_view body = pem_body(text, label);
    try {
        return from_base64(joined_lines(body));
    } catch (Error& problem) {
        problem.in("PEM block");
        throw;
    }
}

std::string write_pem(std::string_view bytes, std::string_view label) {
    constexpr std::size_t line_length = 64;
    const std::string text = to_base64(bytes);
    std::string pem = std::string(begin) + std::string(label) + std::string(dashes) + "\n";
    for (std::size_t at = 0; at < text.size(); at += line_length)
        pem += text.substr(at, line_length) + "\n";
    return pem + std::string(end) + std::string(label) + std::string(dashes) + "\n";
}

} // namespace manifests
