#include "runtime/http_client.hpp"

#include <thread>

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "runtime/file_descriptor.hpp"
#include "tests/support/faults.hpp"

using manifests::Error;
using manifests::Fault;
using runtime::ask_http;
using runtime::Endpoint;
using runtime::FileDescriptor;
using runtime::parse_http_answer;
using tests::faults_with;
using namespace std::chrono_literals;

namespace {

struct Server {
    FileDescriptor socket;
    Endpoint endpoint;
};

Server listen_on_loopback() {
    Server server{FileDescriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), {"127.0.0.1", 0}};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(::bind(server.socket.get(), generic, size) == 0);
    REQUIRE(::listen(server.socket.get(), 4) == 0);
    ::getsockname(server.socket.get(), generic, &size);
    server.endpoint.port = ntohs(address.sin_port);
    return server;
}

// Takes one connection, reads the request's head, writes `pieces` one after the other and closes.
std::string serve_once(const Server& server, const std::vector<std::string>& pieces) {
    const FileDescriptor client(::accept(server.socket.get(), nullptr, nullptr));
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(client.get(), buffer, sizeof buffer, 0);
        if (got <= 0) break;
        request.append(buffer, static_cast<std::size_t>(got));
    }
    for (const std::string& piece : pieces) {
        ::send(client.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
        std::this_thread::sleep_for(2ms);
    }
    return request;
}

} // namespace

TEST_CASE("an HTTP answer is whole when its length, its last chunk or the end says so", "[runtime][http]") {
    const auto length = parse_http_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false);
    REQUIRE(length);
    CHECK(length->status == 200);
    CHECK(length->body == "{}");
    const auto chunks = parse_http_answer(
        "HTTP/1.1 503 \r\ntransfer-encoding:Chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
        false);
    REQUIRE(chunks);
    CHECK(chunks->status == 503);
    CHECK(chunks->body == "abc0123456789");
    const std::string until_close = "HTTP/1.0 200 OK\r\nX: 1\r\n\r\nall of it";
    CHECK(!parse_http_answer(until_close, false));
    CHECK(parse_http_answer(until_close, true)->body == "all of it");
    CHECK(parse_http_answer("HTTP/1.1 204\r\n\r\n", true)->body.empty());
    CHECK(parse_http_answer("HTTP/1.1 200 OK\r\nCONTENT-LENGTH:  0  \r\n\r\n", false)->body.empty());
    // More than the length belongs to nobody; the connection closes after it.
    CHECK(parse_http_answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab", true)->body == "a");
}

TEST_CASE("an HTTP answer that is not whole yet is waited for, and refused when no more comes",
          "[runtime][http]") {
    const auto bytes = GENERATE(as<std::string>(), "", "H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r",
                                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
    CAPTURE(bytes);
    CHECK(!parse_http_answer(bytes, false));
    CHECK_THROWS_MATCHES(parse_http_answer(bytes, true), Error, faults_with(Fault::damaged));
}

TEST_CASE("what is no HTTP answer is refused", "[runtime][http]") {
    const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    const auto [why, bytes] = GENERATE_COPY(table<std::string, std::string>({
        {"nothing in front", "\r\n\r\n"},
        {"another protocol", "SSH-2.0-OpenSSH\r\n\r\n"},
        {"HTTP 2", "HTTP/2 200\r\n\r\n"},
        {"no status", "HTTP/1.1\r\n\r\n"},
        {"a short status", "HTTP/1.1 20\r\n\r\n"},
        {"a long status", "HTTP/1.1 2000 OK\r\n\r\n"},
        {"a status below 100", "HTTP/1.1 099 OK\r\n\r\n"},
        {"a signed status", "HTTP/1.1 -20 OK\r\n\r\n"},
        {"a status in the version", "HTTP/1.1200 OK 200\r\n\r\n"},
        {"a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\n"},
        {"a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"},
        {"a length with more", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}"},
        {"an empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n{}"},
        {"a length of 17 MiB", "HTTP/1.1 200 OK\r\nContent-Length: 17825792\r\n\r\n"},
        {"a length over 64 bits", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551618\r\n\r\n{}"},
        {"an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n"},
        {"two codings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
        {"a chunk without a size", chunked + "\r\n\r\n"},
        {"a chunk size that is no number", chunked + "xyz\r\n"},
        {"a chunk of a size over 64 bits", chunked + "10000000000000001\r\na\r\n0\r\n\r\n"},
        {"a chunk over 16 MiB", chunked + "1000001\r\n"},
        {"a chunk that is longer than it says", chunked + "1\r\nab\r\n0\r\n\r\n"},
    }));
    CAPTURE(why);
    CHECK_THROWS_MATCHES(parse_http_answer(bytes, true), Error, faults_with(Fault::damaged));
    CHECK_THROWS_MATCHES(parse_http_answer(bytes, false), Error, faults_with(Fault::damaged));
}

TEST_CASE("an HTTP answer over 16 MiB is refused before it is whole", "[runtime][http]") {
    const std::string endless((16U << 20) + 1, 'x');
    CHECK_THROWS_MATCHES(parse_http_answer(endless, false), Error, faults_with(Fault::damaged));
}

TEST_CASE("an endpoint is a port of this machine's loopback", "[runtime][http]") {
    CHECK(Endpoint::parse("127.0.0.1:8080")->url() == "http://127.0.0.1:8080");
    CHECK(Endpoint::parse("127.8.9.1:65535")->host == "127.8.9.1");
    CHECK(Endpoint::parse("0.0.0.0:1")->host == "127.0.0.1");
    const auto refused =
        GENERATE(as<std::string>(), "", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
                 "127.0.0.1:99999999999999999999", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:80 ",
                 " 127.0.0.1:80", "127.0.0.1:80/", "127.0.0.1:0x50", "localhost:80", "8.8.8.8:80",
                 "128.0.0.1:80", "10.0.0.1:80", "127.1:80", "0:80", "[::1]:80", "::1:80",
                 "http://127.0.0.1:80", "127.0.0.1\r:80", "user@127.0.0.1:80");
    CAPTURE(refused);
    CHECK(!Endpoint::parse(refused));
    CHECK(!Endpoint::parse(std::string("127.0.0.1\0.evil:80", 18)));
}

TEST_CASE("a question is asked in one request, and an answer in pieces is put together", "[runtime][http]") {
    const Server server = listen_on_loopback();
    std::string request;
    std::thread other([&] {
        request = serve_once(
            server, {"HTTP/1.1 200 OK\r\nTransfer-Enco", "ding: chunked\r\n\r\n2\r", "\n{}\r\n0\r\n\r\n"});
    });
    const auto answer = ask_http(server.endpoint, "POST", "/v1/x", "{\"a\":1}", 10s);
    other.join();
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "{}");
    CHECK(request.starts_with("POST /v1/x HTTP/1.1\r\nHost: 127.0.0.1:"));
    CHECK(request.find("Connection: close\r\n") != std::string::npos);
    CHECK(request.find("Content-Length: 7\r\n") != std::string::npos);
}

TEST_CASE("nobody, a silent server and one that hangs up are told apart from a liar", "[runtime][http]") {
    const Server server = listen_on_loopback();
    const auto begin = std::chrono::steady_clock::now();
    CHECK(!ask_http(server.endpoint, "GET", "/", "", 150ms)); // it takes the connection and says nothing
    const auto took = std::chrono::steady_clock::now() - begin;
    CHECK(took >= 140ms);
    CHECK(took < 5s);
    const FileDescriptor waiting(::accept(server.socket.get(), nullptr, nullptr));
    std::thread other([&] { serve_once(server, {}); });
    CHECK_THROWS_MATCHES(ask_http(server.endpoint, "GET", "/", "", 10s), Error, faults_with(Fault::damaged));
    other.join();
    Endpoint nobody = server.endpoint;
    {
        const Server gone = listen_on_loopback();
        nobody = gone.endpoint;
    }
    CHECK(!ask_http(nobody, "GET", "/", "", 5s));
    CHECK(!ask_http(server.endpoint, "GET", "/", "", 0ms));
}
