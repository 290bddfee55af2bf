#include "runtime/http_client.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/stop_signals.hpp"

namespace runtime {
namespace {

using manifests::Error;
using manifests::Fault;
using Clock = std::chrono::steady_clock;

constexpr std::size_t most_answer_bytes = 16U << 20;

[[noreturn]] void refuse(const std::string& text) {
    throw Error(Fault::damaged, "the engine's answer " + text);
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (problem != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

bool same_letter(char a, char lower) {
    return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == lower;
}

// The value of a header, without white space around it; names count without case.
std::optional<std::string> header(std::string_view head, std::string_view name) {
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;
         line = head.find("\r\n", line + 2)) {
        const std::string_view rest = head.substr(line + 2);
        if (rest.size() <= name.size() || rest[name.size()] != ':') continue;
        if (!std::equal(name.begin(), name.end(), rest.begin(),
                        [](char lower, char a) { return same_letter(a, lower); }))
            continue;
        std::string_view value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
        while (!value.empty() && value.front() == ' ')
            value.remove_prefix(1);
        while (!value.empty() && value.back() == ' ')
            value.remove_suffix(1);
        return std::string(value);
    }
    return std::nullopt;
}

std::optional<std::string> join_chunks(std::string_view bytes) {
    std::string body;
    for (;;) {
        const std::size_t line = bytes.find("\r\n");
        if (line == std::string_view::npos) return std::nullopt;
        const auto size = number(bytes.substr(0, std::min(line, bytes.find(';'))), 16);
        if (!size || *size > most_answer_bytes) refuse("has a chunk without a size");
        if (*size == 0) return body;
        if (bytes.size() < line + 2 + *size + 2) return std::nullopt;
        if (bytes.substr(line + 2 + static_cast<std::size_t>(*size), 2) != "\r\n")
            refuse("has a chunk that is not as long as it says");
        body += bytes.substr(line + 2, static_cast<std::size_t>(*size));
        bytes.remove_prefix(line + 2 + static_cast<std::size_t>(*size) + 2);
    }
}

// In small steps, so that a stop signal that a supervisor holds back ends the waiting.
bool wait_for(const FileDescriptor& socket, short events, Clock::time_point until,
              const std::function<void()>& on_wait = {}) {
    while (!stop_is_pending()) {
        if (on_wait) on_wait();
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
        if (left <= 0) return false;
        pollfd wait{socket.get(), events, 0};
        const int ready = ::poll(&wait, 1, static_cast<int>(std::min<long long>(left, 100)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
    return false;
}

// "HTTP/1.1 200 OK"
std::optional<int> status_of(std::string_view head) {
    if (!head.starts_with("HTTP/1.") || head.size() < 13 || head[8] != ' ') return std::nullopt;
    const auto status = number(head.substr(9, 3), 10);
    if (!status || *status < 100 || (head[12] != ' ' && head[12] != '\r')) return std::nullopt;
    return static_cast<int>(*status);
}

FileDescriptor connect_to(const Endpoint& endpoint, Clock::time_point until) {
    FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) throw_errno("cannot make", "a socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port);
    ::inet_pton(AF_INET, endpoint.host.c_str(), &address.sin_addr);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return socket;
    if (errno != EINPROGRESS || !wait_for(socket, POLLOUT, until)) return {};
    int problem = 0;
    socklen_t length = sizeof problem;
    ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &problem, &length);
    return problem == 0 ? std::move(socket) : FileDescriptor();
}

bool send_all(const FileDescriptor& socket, std::string_view bytes, Clock::time_point until) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno != EINTR && (errno != EAGAIN || !wait_for(socket, POLLOUT, until))) {
            return false;
        }
    }
    return true;
}

} // namespace

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto port = number(text.substr(colon + 1), 10);
    Endpoint endpoint{std::string(text.substr(0, colon)), 0};
    if (endpoint.host.find('\0') != std::string::npos) return std::nullopt; // inet_pton would stop there
    in_addr address{};
    if (!port || *port == 0 || *port > 65535 || ::inet_pton(AF_INET, endpoint.host.c_str(), &address) != 1)
        return std::nullopt;
    endpoint.port = static_cast<std::uint16_t>(*port);
    const std::uint32_t value = ntohl(address.s_addr);
    if (value == 0) endpoint.host = "127.0.0.1";
    if (value != 0 && value >> 24 != 127) return std::nullopt;
    return endpoint;
}

std::string Endpoint::url() const {
    return "http://" + host + ":" + std::to_string(port);
}

std::optional<HttpAnswer> parse_http_answer(std::string_view bytes, bool closed) {
    if (bytes.size() > most_answer_bytes) refuse("is over 16 MiB");
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (closed) refuse("ends inside its head");
        return std::nullopt;
    }
    const std::string_view head = bytes.substr(0, end + 2);
    const std::string_view body = bytes.substr(end + 4);
    const auto status = status_of(head);
    if (!status) refuse("is not HTTP");
    HttpAnswer answer{*status, ""};
    if (const auto coding = header(head, "transfer-encoding")) {
        const std::string_view known = "chunked";
        if (!std::equal(coding->begin(), coding->end(), known.begin(), known.end(), same_letter))
            refuse("has the unknown transfer encoding " + manifests::in_quotes(*coding));
        const auto joined = join_chunks(body);
        if (!joined && closed) refuse("ends inside a chunk");
        if (!joined) return std::nullopt;
        answer.body = *joined;
        return answer;
    }
    if (const auto text = header(head, "content-length")) {
        const auto length = number(*text, 10);
        if (!length || *length > most_answer_bytes) refuse("has a length that makes no sense");
        if (body.size() < *length && closed) refuse("is shorter than it says");
        if (body.size() < *length) return std::nullopt;
        answer.body = body.substr(0, static_cast<std::size_t>(*length));
        return answer;
    }
    if (!closed) return std::nullopt;
    answer.body = body;
    return answer;
}

bool is_taken(const Endpoint& endpoint) {
    return static_cast<bool>(connect_to(endpoint, Clock::now() + std::chrono::seconds(1)));
}

std::optional<HttpAnswer> ask_http(const Endpoint& endpoint, std::string_view method, const std::string& path,
                                   const std::string& body, std::chrono::milliseconds patience,
                                   const std::function<void()>& on_wait) {
    const auto until = Clock::now() + patience;
    const FileDescriptor socket = connect_to(endpoint, until);
    if (!socket) return std::nullopt;
    std::string request = std::string(method) + " " + path + " HTTP/1.1\r\nHost: " + endpoint.host + ":" +
                          std::to_string(endpoint.port) + "\r\nConnection: close\r\n";
    if (!body.empty())
        request +=
            "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    request += "\r\n" + body;
    if (!send_all(socket, request, until)) return std::nullopt;
    std::string bytes;
    for (;;) {
        if (!wait_for(socket, POLLIN, until, on_wait)) return std::nullopt;
        char buffer[16384];
        const ssize_t got = ::recv(socket.get(), buffer, sizeof buffer, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) return std::nullopt;
        bytes.append(buffer, static_cast<std::size_t>(got));
        if (auto answer = parse_http_answer(bytes, got == 0)) return answer;
    }
}

} // namespace runtime
