#pragma once
// Proven bytes become files, made with O_EXCL in a folder that nobody else writes to, and are on the disk
// when the call returns. On a file system with shared blocks a file is cloned first and then proven where it
// lies.

#include <string>
#include <vector>

#include "runtime/content.hpp"
#include "runtime/pipe_spool.hpp"

namespace runtime {

/// As of one blob, of all that these will copy.
std::uint64_t hole_bytes(const Bundle& bundle, const std::vector<ContentJob>& jobs);

/// Copies files of a bundle.
/// @param folder  the copy of a file has its path below it; its folders are there already
/// @throws Error  Fault::damaged with the code of the first thing that is not right; Fault::io
void copy_files(const Bundle& bundle, const std::vector<ContentJob>& jobs, const std::string& folder,
                unsigned threads, const OnBytes& on_bytes);

/// Copies all files of a bundle that comes through a pipe.
void copy_piped_files(const Bundle& bundle, PipeSpool& spool, const std::string& folder, unsigned threads,
                      const OnBytes& on_bytes);

/// A job for every file of the document, in the order of the bundle: for copies, where equal files are two.
std::vector<ContentJob> every_file(const Bundle& bundle);

/// Creates a file that was not there. @throws Error  Fault::io
FileDescriptor create_file(const std::string& path, manifests::FileMode mode);

} // namespace runtime
