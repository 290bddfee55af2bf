#include "http_server.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <nlohmann/json.hpp>

namespace engine {
namespace {

constexpr int patience_s = 10; ///< for a request to arrive, and for a client to take what is sent
constexpr std::size_t most_connections = 32;

std::int64_t now_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

const char* reason_of(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 400:
        return "Bad Request";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 413:
        return "Content Too Large";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Error";
    }
}

void answer(const HttpRequest& request, HttpReply& reply, const HttpServer::Handler& handler) {
    try {
        handler(request, reply);
    } catch (const HttpError& error) {
        if (!reply.begun()) reply.send_json(error.status(), error_json(error.what()));
    } catch (const std::exception& error) {
        if (!reply.begun()) reply.send_json(500, error_json(error.what()));
    }
}

} // namespace

std::string error_json(std::string_view message) {
    const nlohmann::ordered_json body = {{"error", {{"message", std::string(message)}}}};
    return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void HttpReply::send_json(int status, std::string_view json) {
    const std::string body = std::string(json) + "\n";
    send("HTTP/1.1 " + std::to_string(status) + " " + reason_of(status) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body);
}

void HttpReply::begin_events() {
    send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
         "Connection: close\r\n\r\n");
}

bool HttpReply::send_event(std::string_view data) {
    return send("data: " + std::string(data) + "\n\n");
}

bool HttpReply::send(std::string_view bytes) {
    begun_ = true;
    while (!bytes.empty() && !broken_) {
        const ssize_t sent = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        broken_ = sent <= 0;
        if (!broken_) bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return !broken_;
}

HttpServer::HttpServer(std::uint16_t port) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const int on = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t length = sizeof address;
    const bool listens =
        listener_.valid() && setsockopt(listener_.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(listener_.number(), generic, length) == 0 && listen(listener_.number(), 64) == 0 &&
        getsockname(listener_.number(), generic, &length) == 0;
    if (!listens)
        throw std::runtime_error("cannot listen on 127.0.0.1:" + std::to_string(port) + ": " +
                                 std::strerror(errno));
    port_ = ntohs(address.sin_port);
}

void HttpServer::accept_one() {
    Descriptor socket(accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!socket.valid()) return;
    const timeval patience{patience_s, 0};
    setsockopt(socket.number(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    // Room for a new client is made by the one that has kept us waiting longest.
    if (connections_.size() >= most_connections) connections_.erase(connections_.begin());
    connections_.push_back({std::move(socket), {}, now_ms() + patience_s * 1000});
}

HttpServer::State HttpServer::read_some(Connection& connection, const Handler& handler) {
    char buffer[65536];
    const ssize_t count = recv(connection.socket.number(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (count < 0 && (errno == EINTR || errno == EAGAIN)) return State::waiting;
    if (count <= 0) return State::done;
    connection.received.append(buffer, static_cast<std::size_t>(count));

    HttpReply reply(connection.socket.number());
    try {
        const std::optional<HttpRequest> request = parse_request(connection.received);
        if (!request) return State::waiting;
        answer(*request, reply, handler);
    } catch (const HttpError& error) {
        reply.send_json(error.status(), error_json(error.what()));
    }
    shutdown(connection.socket.number(), SHUT_WR);
    return State::done;
}

int HttpServer::wait_ms() const {
    if (connections_.empty()) return -1;
    return static_cast<int>(std::max<std::int64_t>(0, connections_.front().deadline_ms - now_ms()) + 1);
}

void HttpServer::run(int stop_descriptor, const Handler& handler) {
    for (;;) {
        std::vector<pollfd> watched = {{stop_descriptor, POLLIN, 0}, {listener_.number(), POLLIN, 0}};
        for (const Connection& connection : connections_)
            watched.push_back({connection.socket.number(), POLLIN, 0});
        if (poll(watched.data(), watched.size(), wait_ms()) < 0) continue; // a signal; the pipe tells which
        if (watched[0].revents != 0) return;

        std::vector<Connection> waiting;
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            Connection& connection = connections_[i];
            const bool readable = watched[i + 2].revents != 0;
            const bool done =
                readable ? read_some(connection, handler) == State::done : connection.deadline_ms <= now_ms();
            if (!done) waiting.push_back(std::move(connection));
        }
        connections_ = std::move(waiting);
        if (watched[1].revents != 0) accept_one();
    }
}

} // namespace engine
