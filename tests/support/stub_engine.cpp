// An engine that computes nothing: the same command line, HTTP answers and exit statuses as tiny_engine, for
// tests of what starts engines. It maps every --library and --kernel and keeps them mapped, and wants "GGUF"
// at the place where the weights should start.
//
//   --misbehave exit          ends with status 1 instead of listening
//               no-listen     never gets ready
//               slow          listens after two seconds
//               unhealthy     every answer has status 503
//               wrong-device  says that it runs on another backend
//               wrong-answer  one token of the answer is another one
//               hang-on-term  takes no notice of SIGTERM
//               chatty        prints 200 kB before it listens, with every answer and before it ends
#include "stub_answer.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void cannot_start(const std::string& reason) {
    std::fprintf(stderr, "stub_engine: %s\n", reason.c_str());
    std::exit(2);
}

void open_and_map(const std::string& path) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) cannot_start("cannot open " + path + ": " + std::strerror(errno));
    const auto size = static_cast<std::size_t>(lseek(file, 0, SEEK_END));
    const void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED) cannot_start("cannot map " + path);
    close(file);
}

/// Takes the libraries and kernels in hand; what is left is returned by name.
std::map<std::string, std::string> read_options(int count, char** words) {
    std::map<std::string, std::string> options = {
        {"--port", "0"}, {"--model-fd", "-1"}, {"--model-offset", "0"}};
    for (int i = 1; i < count; i += 2) {
        const std::string name = words[i];
        if (i + 1 == count) cannot_start(name + " wants a value");
        if (name == "--library" || name == "--kernel")
            open_and_map(words[i + 1]);
        else
            options[name] = words[i + 1];
    }
    return options;
}

void check_model(const std::map<std::string, std::string>& options) {
    const int file = std::stoi(options.at("--model-fd"));
    char magic[4] = "";
    const ssize_t count = pread(file, magic, sizeof magic, std::stol(options.at("--model-offset")));
    if (count != 4 || std::memcmp(magic, "GGUF", 4) != 0) cannot_start("there is no GGUF file at the offset");
}

Json chat_answer(const std::string& misbehaviour) {
    const Json known = Json::parse(support::stub_known_answer);
    Json content = Json::array();
    for (std::size_t i = 0; i < known["tokens"].size(); ++i) {
        Json token = {{"token", "t"}, {"bytes", {116}}, {"logprob", known["logprobs"][i]}};
        token["id"] = misbehaviour == "wrong-answer" && i == 1 ? Json(77) : known["tokens"][i];
        content.push_back(token);
    }
    Json choice = {{"index", 0}, {"finish_reason", "stop"}, {"logprobs", {{"content", content}}}};
    choice["message"] = {{"role", "assistant"}, {"content", known["text"]}};
    return {{"object", "chat.completion"}, {"choices", Json::array({choice})}};
}

/// Everything up to the end of the headers, and maybe more; what remains is of no interest.
std::string receive_head(int client) {
    std::string head;
    char buffer[4096];
    for (ssize_t count = 1; count > 0 && head.find("\r\n\r\n") == std::string::npos;) {
        count = recv(client, buffer, sizeof buffer, 0);
        head.append(buffer, count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return head;
}

void answer(int client, const std::string& misbehaviour) {
    const std::string request = receive_head(client);
    int status = misbehaviour == "unhealthy" ? 503 : 200;
    Json body = {{"status", "ok"}};
    if (request.starts_with("GET /props "))
        body = {{"device", {{"backend", misbehaviour == "wrong-device" ? "Other" : "CPU"}, {"count", 1}}}};
    else if (request.starts_with("POST /v1/chat/completions "))
        body = chat_answer(misbehaviour);
    else if (!request.starts_with("GET /health "))
        status = 404;
    const std::string text = body.dump();
    const std::string head = "HTTP/1.1 " + std::to_string(status) + " Status\r\nConnection: close\r\n";
    const std::string reply = head + "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
    static_cast<void>(send(client, reply.data(), reply.size(), MSG_NOSIGNAL));
    shutdown(client, SHUT_WR);
    char rest[4096];
    while (recv(client, rest, sizeof rest, 0) > 0) {
    } // or the answer could be lost
}

int listen_on(const std::string& port) {
    const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto number = static_cast<std::uint16_t>(std::stoi(port));
    sockaddr_in address{AF_INET, htons(number), {htonl(INADDR_LOOPBACK)}, {}};
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(server, generic, size) != 0 || listen(server, 16) != 0) cannot_start("cannot listen");
    getsockname(server, generic, &size);
    std::printf("listening 127.0.0.1:%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return server;
}

void chat() {
    const std::string line = std::string(99, '.') + "\n"; // by write: it must work in a signal handler too
    for (int i = 0; i < 2000; ++i)
        static_cast<void>(!write(1, line.data(), line.size()));
}

} // namespace

int main(int count, char** words) {
    std::signal(SIGTERM, [](int) { _exit(0); });
    std::map<std::string, std::string> options = read_options(count, words);
    check_model(options);
    const std::string misbehaviour = options["--misbehave"];
    if (misbehaviour == "hang-on-term") std::signal(SIGTERM, SIG_IGN);
    if (misbehaviour == "exit") return 1;
    if (misbehaviour == "no-listen") sleep(3600);
    if (misbehaviour == "slow") sleep(2);
    if (misbehaviour == "chatty") {
        std::signal(SIGTERM, [](int) {
            chat();
            _exit(0);
        });
        chat();
    }

    const int server = listen_on(options["--port"]);
    for (;;) {
        const int client = accept4(server, nullptr, nullptr, SOCK_CLOEXEC);
        const timeval patience{2, 0}; // a silent client keeps the others waiting no longer
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (misbehaviour == "chatty") chat();
        answer(client, misbehaviour);
        close(client);
    }
}
