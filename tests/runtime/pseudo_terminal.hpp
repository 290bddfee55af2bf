#pragma once
// A terminal that a test can read: its far end stands in for a descriptor, its near end collects what is
// shown.

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

class PseudoTerminal {
public:
    explicit PseudoTerminal(int stands_in_for, unsigned short columns = 80)
        : number_(stands_in_for), kept_(::dup(stands_in_for)), near_(::posix_openpt(O_RDWR | O_NOCTTY)) {
        ::grantpt(near_);
        ::unlockpt(near_);
        const int far = ::open(::ptsname(near_), O_RDWR | O_NOCTTY);
        winsize size{};
        size.ws_row = 24;
        size.ws_col = columns;
        ::ioctl(far, TIOCSWINSZ, &size);
        ::dup2(far, number_);
        ::close(far);
    }
    PseudoTerminal(const PseudoTerminal&) = delete;
    PseudoTerminal& operator=(const PseudoTerminal&) = delete;
    ~PseudoTerminal() {
        put_back();
        ::close(near_);
    }
    /// Everything shown so far; the descriptor is what it was before.
    std::string text() {
        std::string all;
        char buffer[4096];
        for (pollfd ready{near_, POLLIN, 0}; ::poll(&ready, 1, 50) == 1 && (ready.revents & POLLIN) != 0;) {
            const ssize_t got = ::read(near_, buffer, sizeof buffer);
            if (got <= 0) break;
            all.append(buffer, static_cast<std::size_t>(got));
        }
        put_back();
        return all;
    }

private:
    void put_back() {
        if (kept_ < 0) return;
        ::dup2(kept_, number_);
        ::close(kept_);
        kept_ = -1;
    }
    int number_;
    int kept_;
    int near_;
};
