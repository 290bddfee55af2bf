#pragma once
// A verified copy of a file in memory that nobody can change any more (memfd with all seals). Engine and
// kernel binaries run from one, so the bytes that were checked are the bytes that run, whatever happens to
// the file.

#include <string>

#include "manifests/digest.hpp"
#include "runtime/blob_source.hpp"

namespace runtime {

/// @param name  shows in /proc/PID/maps as "/memfd:NAME"
/// @throws Error  Fault::damaged, Code::content_digest if the bytes are not `wanted`
FileDescriptor seal(const BlobAt& blob, const manifests::Digest& wanted, const std::string& name);

/// The path under which a child process that inherited `number` can open it.
std::string inherited_path(int number);

} // namespace runtime
