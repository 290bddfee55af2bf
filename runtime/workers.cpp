#include "runtime/workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <sched.h>

namespace runtime {
namespace {

constexpr unsigned most_threads = 40;

unsigned thread_count(unsigned asked) {
    return asked > 0 ? job_count(asked) : std::min(job_count(0), most_threads);
}

} // namespace

unsigned job_count(unsigned asked) {
    constexpr unsigned most_jobs = 256; // more threads than that wait for memory, not for processors
    if (asked > 0) return std::min(asked, most_jobs);
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::clamp(static_cast<unsigned>(CPU_COUNT(&set)), 1U, most_jobs);
}

unsigned waiting_job_count(unsigned asked) {
    constexpr unsigned most_waiting = 8;
    const unsigned processors = thread_count(asked);
    return asked > 0 ? processors : std::min(processors + std::min(processors, most_waiting), most_threads);
}

void for_each_index(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    std::atomic<bool> stop{false};
    std::mutex mutex;
    std::exception_ptr problem;
    std::size_t problem_index = count;
    const auto run = [&] {
        for (std::size_t i = next.fetch_add(1); i < count && !stop.load(); i = next.fetch_add(1)) {
            try {
                work(i);
            } catch (...) {
                const std::lock_guard lock(mutex);
                stop = true;
                if (i < problem_index) {
                    problem_index = i;
                    problem = std::current_exception();
                }
            }
        }
    };
    std::vector<std::thread> threads;
    const std::size_t helpers = std::min<std::size_t>(thread_count(jobs), count);
    for (std::size_t i = 1; i < helpers; ++i)
        threads.emplace_back(run);
    run();
    for (std::thread& thread : threads)
        thread.join();
    if (problem) std::rethrow_exception(problem);
}

} // namespace runtime
