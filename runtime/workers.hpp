#pragma once
// Runs the same work on many items with a few threads.

#include <cstddef>
#include <functional>

namespace runtime {

/// Threads to use for `asked` (0: one for each processor this process may run on).
unsigned job_count(unsigned asked);

/// The same for work that waits for a disk: meanwhile another thread can compute.
unsigned waiting_job_count(unsigned asked);

/// Calls `work` once for each index below `count`, in rising order of starts, on up to `jobs` threads. When
/// one call throws, no further ones start, and after all have ended the exception of the lowest index is
/// thrown.
void for_each_index(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work);

} // namespace runtime
