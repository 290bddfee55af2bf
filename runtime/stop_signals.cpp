#include "runtime/stop_signals.hpp"

#include <ctime>
#include <initializer_list>

namespace runtime {

sigset_t stop_signals() noexcept {
    sigset_t set;
    ::sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        ::sigaddset(&set, signal);
    return set;
}

bool stop_is_pending() noexcept {
    sigset_t pending;
    if (::sigpending(&pending) != 0) return false;
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        if (::sigismember(&pending, signal) == 1) return true;
    }
    return false;
}

void forget_stop_signals() noexcept {
    const sigset_t signals = stop_signals();
    const timespec at_once{0, 0};
    while (::sigtimedwait(&signals, nullptr, &at_once) > 0) {
    }
}

} // namespace runtime
