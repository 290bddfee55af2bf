#include "runtime/progress.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <system_error>
#include <thread>

#include <unistd.h>

#include "manifests/text.hpp"
#include "runtime/cleanup.hpp"

namespace runtime {
namespace {

using Clock = std::chrono::steady_clock;
using manifests::size_text;

constexpr auto first_after = std::chrono::seconds(1);
constexpr auto redraw_every = std::chrono::milliseconds(200);
constexpr auto line_every = std::chrono::seconds(2);
/// The rate forgets what is older than about this: long enough to be readable, short enough to show a stall.
constexpr double rate_memory_s = 3;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// 100 only when everything is done.
unsigned percent(const ProgressNumbers& numbers) {
    if (numbers.done_bytes >= numbers.total_bytes) return 100;
    const double part = static_cast<double>(numbers.done_bytes) / static_cast<double>(numbers.total_bytes);
    return std::min(99U, static_cast<unsigned>(part * 100));
}

std::string rate_text(double bytes_per_s) {
    return size_text(static_cast<std::uint64_t>(std::clamp(bytes_per_s, 0.0, 1e18))) + "/s";
}

std::string time_left(const ProgressNumbers& numbers) {
    if (numbers.done_bytes >= numbers.total_bytes) return "0:00 left";
    if (numbers.bytes_per_s < 1) return "-:-- left";
    const double left_s = static_cast<double>(numbers.total_bytes - numbers.done_bytes) / numbers.bytes_per_s;
    if (left_s > 99 * 3600.0) return "days left";
    const auto seconds = static_cast<unsigned>(std::ceil(left_s));
    std::array<char, 48> text{};
    if (seconds >= 3600) {
        std::snprintf(text.data(), text.size(), "%u:%02u:%02u left", seconds / 3600, seconds / 60 % 60,
                      seconds % 60);
    } else {
        std::snprintf(text.data(), text.size(), "%u:%02u left", seconds / 60, seconds % 60);
    }
    return text.data();
}

std::string amount(const ProgressNumbers& numbers) {
    if (numbers.total_bytes == 0) return size_text(numbers.done_bytes);
    return size_text(numbers.done_bytes) + " of " + size_text(numbers.total_bytes);
}

void write_to_stderr(const std::string& text) noexcept {
    // Nobody waits for a bar: what cannot be written is not drawn.
    [[maybe_unused]] const ssize_t put = ::write(STDERR_FILENO, text.data(), text.size());
}

void clear_bar() {
    if (!has_unfinished_line()) return;
    write_to_stderr("\r\x1b[K");
    set_unfinished_line(false);
}

} // namespace

std::string progress_bar(const std::string& what, const ProgressNumbers& numbers, std::size_t columns) {
    const std::string front = manifests::escaped(what) + "  ";
    std::string back = amount(numbers) + "  " + rate_text(numbers.bytes_per_s);
    std::string bar;
    if (numbers.total_bytes > 0) {
        std::array<char, 8> share{};
        std::snprintf(share.data(), share.size(), "%3u%%  ", percent(numbers));
        back = share.data() + back + "  " + time_left(numbers);
        const std::size_t used = display_width(front) + display_width(back) + 4;
        const std::size_t width = std::min<std::size_t>(30, columns > used ? columns - used : 0);
        const std::size_t full = width * percent(numbers) / 100;
        if (width >= 6) bar = "[" + std::string(full, '#') + std::string(width - full, '.') + "] ";
    }
    return std::string(cut_to_width(front + bar + back, columns));
}

std::string progress_line(const std::string& what, const ProgressNumbers& numbers) {
    std::string text = what + ": ";
    if (numbers.total_bytes > 0) text += std::to_string(percent(numbers)) + "%, ";
    text += amount(numbers) + ", " + rate_text(numbers.bytes_per_s);
    if (numbers.total_bytes > 0) text += ", " + time_left(numbers);
    return text;
}

std::string progress_closing_line(const std::string& what, const ProgressNumbers& numbers) {
    std::array<char, 32> seconds{};
    std::snprintf(seconds.data(), seconds.size(), " in %.1f s, ", numbers.elapsed_s);
    const double mean = static_cast<double>(numbers.done_bytes) / std::max(numbers.elapsed_s, 1e-3);
    return what + ": " + size_text(numbers.done_bytes) + seconds.data() + rate_text(mean);
}

struct Progress::State {
    State(std::string name, std::uint64_t total, bool as_lines)
        : what(std::move(name)), total_bytes(total), plain(as_lines) {}

    void tick();
    void stop() noexcept;
    ProgressNumbers numbers() const {
        return {done_bytes.load(std::memory_order_relaxed), total_bytes, seconds_since(start), bytes_per_s};
    }

    const std::string what;
    const std::uint64_t total_bytes;
    const bool plain;
    const Clock::time_point start = Clock::now();
    std::atomic<std::uint64_t> done_bytes{0};
    double bytes_per_s = 0; // the ticker's alone while it runs
    std::mutex mutex;
    std::condition_variable wake;
    bool stopping = false;
    std::thread ticker;
};

void Progress::State::tick() {
    std::unique_lock lock(mutex);
    std::uint64_t last_done = 0;
    double last_s = 0;
    auto next = start + (plain ? Clock::duration(line_every) : Clock::duration(first_after));
    while (!wake.wait_until(lock, next, [this] { return stopping; })) {
        const ProgressNumbers now = numbers();
        const double step_s = std::max(now.elapsed_s - last_s, 1e-3);
        const double step_rate = static_cast<double>(now.done_bytes - last_done) / step_s;
        const double weight = last_s == 0 ? 1 : 1 - std::exp(-step_s / rate_memory_s);
        bytes_per_s += weight * (step_rate - bytes_per_s);
        last_done = now.done_bytes;
        last_s = now.elapsed_s;
        if (plain) {
            line(progress_line(what, numbers()));
        } else {
            set_unfinished_line(true);
            write_to_stderr("\r" + progress_bar(what, numbers(), terminal_columns() - 1) + "\x1b[K");
        }
        next = Clock::now() + (plain ? Clock::duration(line_every) : Clock::duration(redraw_every));
    }
}

void Progress::State::stop() noexcept {
    if (!ticker.joinable()) return;
    {
        const std::lock_guard lock(mutex);
        stopping = true;
    }
    wake.notify_all();
    ticker.join();
    if (!plain) clear_bar();
}

Progress::Progress(std::string what, std::uint64_t total_bytes, const OutputOptions& options) {
    const bool plain = options.progress == "plain";
    const bool wanted = !options.quiet && (plain || (options.progress == "auto" && can_redraw()));
    if (!wanted) return;
    state_ = std::make_unique<State>(std::move(what), total_bytes, plain);
    try {
        state_->ticker = std::thread([state = state_.get()] { state->tick(); });
    } catch (const std::system_error&) { // no thread to be had: the work matters more than its bar
    }
}

Progress::~Progress() {
    if (state_) state_->stop();
}

void Progress::add(std::uint64_t bytes) noexcept {
    if (state_) state_->done_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

void Progress::finish() {
    if (!state_) return;
    state_->stop();
    if (state_->plain) line(progress_closing_line(state_->what, state_->numbers()));
    state_.reset();
}

} // namespace runtime
