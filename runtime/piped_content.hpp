#pragma once
// The files of a bundle that comes through a pipe: proven chunk by chunk as they flow, before anybody sees
// them. There is no second look, so reading stops at the first byte that is not what it must be.

#include <functional>

#include "runtime/content.hpp"
#include "runtime/pipe_spool.hpp"

namespace runtime {

/// Called from one thread, in the order of the bundle, with proven bytes only. Files whose content stands
/// elsewhere in the bundle (equal files are stored once) do not come: see Bundle::locate for documents.
class PipedTaker {
public:
    virtual ~PipedTaker() = default;
    virtual void begin(const manifests::BundleFile& file) = 0;
    virtual void take(const char* data, std::size_t length_bytes, std::uint64_t offset) = 0;
    virtual void end(const manifests::BundleFile& file) = 0;
};

struct PipedOptions {
    unsigned jobs = 0;
    Proof proof = Proof::tree;
    OnBytes on_bytes = {};
    PipedTaker* taker = nullptr;
};

/// Reads the pipe to its end.
/// @param bundle  Bundle::open_pipe(spool)
/// @throws Error  Fault::damaged with the code of the first thing that is not right; Fault::io
void read_piped_content(const Bundle& bundle, PipeSpool& spool, const PipedOptions& options);

} // namespace runtime
