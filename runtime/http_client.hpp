#pragma once
// Just enough HTTP/1.1 to ask an engine on this machine: one request a connection, answers with a length or
// until the connection closes, or in chunks. Addresses are numbers; nothing is looked up.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace runtime {

struct Endpoint {
    std::string host; ///< "127.0.0.1"
    std::uint16_t port = 0;

    /// "127.0.0.1:8080". An engine that listens on 0.0.0.0 is asked at 127.0.0.1.
    /// @return nothing for anything but an IPv4 address of this machine's loopback, or 0.0.0.0, and a port
    static std::optional<Endpoint> parse(std::string_view text);
    std::string url() const;
};

struct HttpAnswer {
    int status = 0;
    std::string body;
};

/// The answer in `bytes`, or nothing if it is not whole yet (`closed` says that no more will come).
/// @throws Error  Fault::damaged if it is no HTTP answer, or over 16 MiB
std::optional<HttpAnswer> parse_http_answer(std::string_view bytes, bool closed);

/// @param body     empty for GET, JSON for POST
/// @param on_wait  called every tenth of a second while the answer is not there
/// @return nothing if nobody answers in time
/// @throws Error  Fault::damaged if the answer is not HTTP
std::optional<HttpAnswer> ask_http(const Endpoint& endpoint, std::string_view method, const std::string& path,
                                   const std::string& body, std::chrono::milliseconds patience,
                                   const std::function<void()>& on_wait = {});

/// Whether somebody takes connections there now.
bool is_taken(const Endpoint& endpoint);

} // namespace runtime
