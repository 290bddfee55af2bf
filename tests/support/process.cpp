#include "tests/support/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/file_descriptor.hpp"

namespace tests {
namespace {

using runtime::FileDescriptor;

struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

std::vector<std::string> environment_with(std::map<std::string, std::string> changes) {
    changes.emplace("LC_ALL", "C");
    std::vector<std::string> list;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text = *variable;
        if (changes.count(std::string(text.substr(0, text.find('=')))) == 0) list.emplace_back(text);
    }
    for (const auto& [name, value] : changes)
        list.push_back(name + "=" + value);
    return list;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts)
        pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

struct Pipes {
    Pipe input = make_pipe(), out = make_pipe(), error = make_pipe();
};

// @return the process, or -1 when the program cannot be started
pid_t spawn(std::vector<std::string> command, const ProcessOptions& options, const Pipes& pipes) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, pipes.input.read_end.get(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipes.out.write_end.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, pipes.error.write_end.get(), STDERR_FILENO);
    if (!options.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, options.folder.c_str());
    // We ignore SIGPIPE while feeding it; the program itself starts with the usual meaning.
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

    auto environment = environment_with(options.environment);
    pid_t process = -1;
    const int problem = ::posix_spawnp(&process, command.front().c_str(), &actions, &attributes,
                                       pointers_to(command).data(), pointers_to(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return problem == 0 ? process : -1;
}

// @return false once there is no more
bool take_some(const FileDescriptor& from, std::string& text) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(from.get(), buffer.data(), buffer.size());
    if (got < 0) return errno == EINTR;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

// @return false once nothing is left to say or nobody listens
bool give_some(const FileDescriptor& to, std::string_view& text) {
    const ssize_t put = text.empty() ? 0 : ::write(to.get(), text.data(), text.size());
    if (put < 0) return errno == EINTR || errno == EAGAIN;
    text.remove_prefix(static_cast<std::size_t>(put));
    return !text.empty();
}

// Feeds and listens at the same time: a program that fills one pipe must not wait for us to empty another.
void converse(Pipes& pipes, std::string_view input, ProcessResult& result) {
    ::fcntl(pipes.input.write_end.get(), F_SETFL, O_NONBLOCK);
    while (pipes.input.write_end || pipes.out.read_end || pipes.error.read_end) {
        std::array<pollfd, 3> waits{{{pipes.input.write_end.get(), POLLOUT, 0},
                                     {pipes.out.read_end.get(), POLLIN, 0},
                                     {pipes.error.read_end.get(), POLLIN, 0}}}; // poll skips closed ones (-1)
        if (::poll(waits.data(), waits.size(), -1) < 0 && errno != EINTR)
            throw std::runtime_error("poll failed");
        if (waits[0].revents != 0 && !give_some(pipes.input.write_end, input))
            pipes.input.write_end = FileDescriptor();
        if (waits[1].revents != 0 && !take_some(pipes.out.read_end, result.out))
            pipes.out.read_end = FileDescriptor();
        if (waits[2].revents != 0 && !take_some(pipes.error.read_end, result.error))
            pipes.error.read_end = FileDescriptor();
    }
}

} // namespace

ProcessResult run(const std::vector<std::string>& command, const ProcessOptions& options) {
    ::signal(SIGPIPE, SIG_IGN); // NOLINT(cert-err33-c): a program may stop reading before we stop writing
    Pipes pipes;
    const pid_t process = spawn(command, options, pipes);
    if (process < 0) return {127, "", "cannot start " + command.front() + "\n"};
    pipes.input.read_end = FileDescriptor();
    pipes.out.write_end = FileDescriptor();
    pipes.error.write_end = FileDescriptor();
    ProcessResult result;
    converse(pipes, options.input, result);
    int status = 0;
    while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
    }
    result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

bool have_tool(const std::string& name) {
    if (run({"sh", "-c", "command -v \"$1\"", "sh", name}).status == 0) return true;
    const char* required = std::getenv("SEALIFT_TOOLS_REQUIRED"); // NOLINT(concurrency-mt-unsafe)
    if (required != nullptr && std::string_view(required) == "1")
        throw std::runtime_error(name + " is not installed, and SEALIFT_TOOLS_REQUIRED=1 wants it");
    std::cerr << "not run on this machine: " << name << " is not installed\n";
    return false;
}

} // namespace tests
