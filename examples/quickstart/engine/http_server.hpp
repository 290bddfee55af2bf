#pragma once
// A server for one machine: loopback only, requests answered one after the other. Reading is not one after
// the other: a client that connects and stays silent, or sends a byte a second, keeps nobody else waiting.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "descriptor.hpp"
#include "http_request.hpp"

namespace engine {

/// The answer to one request. Sending to a client that has gone or does not read for ten seconds fails
/// quietly.
class HttpReply {
public:
    explicit HttpReply(int connection) : connection_(connection) {}

    /// The whole answer.
    void send_json(int status, std::string_view json);
    /// The answer as server-sent events, to be followed by send_event().
    void begin_events();
    /// @return false if the client can no longer be reached
    bool send_event(std::string_view data);
    bool begun() const noexcept { return begun_; }

private:
    bool send(std::string_view bytes);
    int connection_;
    bool begun_ = false;
    bool broken_ = false;
};

class HttpServer {
public:
    using Handler = std::function<void(const HttpRequest&, HttpReply&)>;

    /// Listens on 127.0.0.1.
    /// @param port  0 takes a free one
    /// @throws std::runtime_error  the port is taken
    explicit HttpServer(std::uint16_t port);

    std::uint16_t port() const noexcept { return port_; }

    /// Serves until `stop_descriptor` becomes readable. An HttpError of the handler becomes the answer.
    void run(int stop_descriptor, const Handler& handler);

private:
    struct Connection {
        Descriptor socket;
        std::string received;
        std::int64_t deadline_ms; ///< by the steady clock; the request has to be complete by then
    };
    enum class State { waiting, done };

    void accept_one();
    static State read_some(Connection& connection, const Handler& handler);
    int wait_ms() const;

    Descriptor listener_;
    std::uint16_t port_ = 0;
    std::vector<Connection> connections_; ///< oldest first
};

/// {"error": {"message": ...}}, as OpenAI's clients expect it
std::string error_json(std::string_view message);

} // namespace engine
