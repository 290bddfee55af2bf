#pragma once
// The part of HTTP/1.1 (RFC 9112) that clients of a loopback engine use: one request per connection, its body
// with a Content-Length. Everything else is refused with the status that says why.

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace engine {

/// Room for long cookies and the like; our own clients send a few hundred bytes.
constexpr std::size_t most_header_bytes = 16384;
/// A conversation that fills a context of 128 Ki tokens has about this size.
constexpr std::size_t most_body_bytes = 1U << 20;

struct HttpRequest {
    std::string method;
    std::string path; ///< without the query
    std::string body;
};

/// An answer other than 200, with its reason.
class HttpError : public std::runtime_error {
public:
    HttpError(int status, const std::string& text) : std::runtime_error(text), status_(status) {}
    int status() const noexcept { return status_; }

private:
    int status_;
};

/// @param received  everything that came over the connection so far
/// @return nothing as long as the request is not complete
/// @throws HttpError  the bytes cannot become a request that is served here
std::optional<HttpRequest> parse_request(std::string_view received);

} // namespace engine
