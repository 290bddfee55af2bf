#include "stop_signal.hpp"

#include <cerrno>
#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <unistd.h>

namespace engine {
namespace {

volatile std::sig_atomic_t stop = 0;
int wake_descriptor = -1;

void exit_at_once(int /*signal*/) {
    _exit(0);
}

void ask(int /*signal*/) {
    const int saved = errno;
    stop = 1;
    const char byte = 0;
    const ssize_t written = write(wake_descriptor, &byte, 1); // a full pipe wakes the reader just as well
    static_cast<void>(written);
    errno = saved;
}

void handle_with(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
}

} // namespace

void stop_at_once_on_signals() {
    handle_with(exit_at_once);
}

int ask_to_stop_on_signals() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) throw std::runtime_error("cannot make a pipe");
    wake_descriptor = ends[1];
    handle_with(ask);
    return ends[0];
}

bool stop_asked() noexcept {
    return stop != 0;
}

} // namespace engine
