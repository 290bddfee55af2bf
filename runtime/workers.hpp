#pragma once
// Runs the same work on many items with a few threads.

#include <cstddef>
#include <functional>

namespace runtime {

/// Processors to use for `asked` (0: all that this process may run on).
unsigned job_count(unsigned asked);

/// Threads for work that waits for a disk: meanwhile another one can compute.
unsigned waiting_job_count(unsigned asked);

/// Calls `work` once for each index below `count`, in rising order of starts. When one call throws, no
/// further ones start, and after all have ended the exception of the lowest index is thrown.
/// @param jobs  most threads; 0: one for each processor, up to 40. So many hash 100 GB/s, more than memory
///              gives; all of them together are to stay below 64 MiB, so each has 1 MiB or a little more.
void for_each_index(std::size_t count, unsigned jobs, const std::function<void(std::size_t)>& work);

} // namespace runtime
