#include "http_request.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace engine {
namespace {

constexpr std::string_view line_end = "\r\n";

/// The text up to `separator`, which is taken off `rest` together with it.
std::string_view take_until(std::string_view& rest, std::string_view separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view taken = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + separator.size());
    return taken;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

bool is_header(std::string_view name, std::string_view wanted) {
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(), [](char left, char right) {
        const bool upper = left >= 'A' && left <= 'Z';
        return (upper ? static_cast<char>(left - 'A' + 'a') : left) == right;
    });
}

HttpRequest parse_request_line(std::string_view line) {
    HttpRequest request;
    request.method = take_until(line, " ");
    std::string_view target = take_until(line, " ");
    request.path = take_until(target, "?");
    if (request.method.empty() || !request.path.starts_with('/')) throw HttpError(400, "not an HTTP request");
    if (!line.starts_with("HTTP/1.")) throw HttpError(505, "only HTTP/1.1 is spoken here");
    return request;
}

std::size_t parse_length(std::string_view text) {
    std::uint64_t length = 0;
    const char* end = text.data() + text.size();
    const auto [parsed_to, problem] = std::from_chars(text.data(), end, length);
    if (problem == std::errc::result_out_of_range || (problem == std::errc() && length > most_body_bytes))
        throw HttpError(413, "a body of more than " + std::to_string(most_body_bytes) + " bytes");
    if (problem != std::errc() || parsed_to != end) throw HttpError(400, "Content-Length is not a number");
    return length;
}

std::size_t parse_headers(std::string_view headers) {
    std::optional<std::size_t> length;
    while (!headers.empty()) {
        std::string_view line = take_until(headers, line_end);
        if (line.find(':') == std::string_view::npos) throw HttpError(400, "a header line without a colon");
        const std::string_view name = take_until(line, ":");
        if (is_header(name, "transfer-encoding"))
            throw HttpError(501, "send the body with Content-Length, not in chunks");
        if (!is_header(name, "content-length")) continue;
        if (length) throw HttpError(400, "Content-Length is given twice");
        length = parse_length(trimmed(line));
    }
    return length.value_or(0);
}

} // namespace

std::optional<HttpRequest> parse_request(std::string_view received) {
    constexpr std::string_view end_of_head = "\r\n\r\n";
    const std::size_t head_bytes = received.find(end_of_head);
    if (std::min(head_bytes, received.size()) > most_header_bytes)
        throw HttpError(431, "more than " + std::to_string(most_header_bytes) + " bytes of headers");
    if (head_bytes == std::string_view::npos) return std::nullopt;

    std::string_view head = received.substr(0, head_bytes);
    HttpRequest request = parse_request_line(take_until(head, line_end));
    const std::size_t body_bytes = parse_headers(head);
    const std::string_view body = received.substr(head_bytes + end_of_head.size());
    if (body.size() < body_bytes) return std::nullopt;
    request.body = body.substr(0, body_bytes);
    return request;
}

} // namespace engine
