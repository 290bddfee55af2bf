#include "runtime/workers.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <sched.h>

namespace runtime {

unsigned job_count(unsigned asked) {
    constexpr unsigned most_jobs = 256; // more threads than that wait for memory, not for processors
    if (asked > 0) return std::min(asked, most_jobs);
    cpu_set_t set;
    CPU_ZERO(&set);
    if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    return std::clamp(static_cast<unsigned>(CPU_COUNT(&set)), 1U, most_jobs);
}

// Each thread has 1 MiB, and all of them together are to stay under 64; 40 hash 100 GB/s, more than memory
// gives.
unsigned waiting_job_count(unsigned asked) {
    constexpr unsigned most_waiting = 8;
    constexpr unsigned most_threads = 40;
    if (asked > 0) return job_count(asked);
    const unsigned processors = job_count(0);
    return std::min(processors + std::min(processors, most_waiting), most_threads);
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
    const std::size_t helpers = std::min<std::size_t>(job_count(jobs), count);
    for (std::size_t i = 1; i < helpers; ++i)
        threads.emplace_back(run);
    run();
    for (std::thread& thread : threads)
        thread.join();
    if (problem) std::rethrow_exception(problem);
}

} // namespace runtime
