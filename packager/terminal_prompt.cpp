#include "packager/terminal_prompt.hpp"

#include <array>
#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using runtime::FileDescriptor;

constexpr const char* terminal_path = "/dev/tty";
// Background reads and writes (SIGTTIN, SIGTTOU) are left alone: they stop the process before echo is off.
constexpr std::array signals{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

volatile std::sig_atomic_t caught = 0;

extern "C" void remember_signal(int number) {
    caught = number;
}

// While it lives, the signals above interrupt a read instead of ending the process with echo off.
class SignalsHeld {
public:
    SignalsHeld() {
        caught = 0;
        struct sigaction action {};
        action.sa_handler = remember_signal; // and no SA_RESTART
        sigemptyset(&action.sa_mask);
        for (std::size_t i = 0; i < signals.size(); ++i) {
            sigaction(signals[i], nullptr, &before_[i]);
            if (before_[i].sa_handler != SIG_IGN) sigaction(signals[i], &action, nullptr);
        }
    }
    ~SignalsHeld() {
        for (std::size_t i = 0; i < signals.size(); ++i)
            sigaction(signals[i], &before_[i], nullptr);
    }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

private:
    std::array<struct sigaction, signals.size()> before_{};
};

class EchoOff {
public:
    explicit EchoOff(const FileDescriptor& terminal) : terminal_(terminal) {
        if (tcgetattr(terminal.get(), &before_) != 0) runtime::throw_errno("cannot ask about", terminal_path);
        struct termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL);
        while (tcsetattr(terminal.get(), TCSAFLUSH, &silent) != 0) {
            if (errno != EINTR || caught != 0) runtime::throw_errno("cannot set", terminal_path);
        }
    }
    ~EchoOff() {
        while (tcsetattr(terminal_.get(), TCSAFLUSH, &before_) != 0 && errno == EINTR) {
        }
    }
    EchoOff(const EchoOff&) = delete;
    EchoOff& operator=(const EchoOff&) = delete;

private:
    const FileDescriptor& terminal_;
    struct termios before_ {};
};

enum class Line { whole, too_long, ended, interrupted };

Line read_line(const FileDescriptor& terminal, SecretText& text) {
    bool fits = true;
    for (;;) {
        char c = 0;
        const ssize_t got = ::read(terminal.get(), &c, 1);
        if (caught != 0) return Line::interrupted;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) runtime::throw_errno("cannot read", terminal_path);
        if (got == 0) return Line::ended;
        if (c == '\n') return fits ? Line::whole : Line::too_long;
        fits = fits && text.view().size() < text.capacity_bytes();
        if (fits) text.append({&c, 1});
    }
}

// One question. Echo is on again and the handlers are the old ones when it returns.
Line ask_once(const FileDescriptor& terminal, const std::string& question, SecretText& text) {
    const SignalsHeld held;
    Line line = Line::interrupted;
    {
        const EchoOff silent(terminal);
        runtime::write_all(terminal, question.data(), question.size(), terminal_path);
        line = read_line(terminal, text);
    }
    runtime::write_all(terminal, "\n", 1, terminal_path);
    return line;
}

} // namespace

std::optional<SecretText> ask_on_terminal(const std::string& question) {
    const FileDescriptor terminal(::open(terminal_path, O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!terminal) return std::nullopt;
    SecretText text(most_passphrase_bytes);
    for (;;) {
        text.clear();
        switch (ask_once(terminal, question, text)) {
        case Line::whole:
            return text;
        case Line::too_long:
            throw Error(Fault::missing,
                        "the passphrase has over " + std::to_string(most_passphrase_bytes) + " bytes");
        case Line::ended:
            throw Error(Fault::missing, "no passphrase was typed");
        case Line::interrupted:
            // With the old handlers back: ends or stops the process as if we had never caught it.
            std::raise(caught);
        }
    }
}

} // namespace packager
