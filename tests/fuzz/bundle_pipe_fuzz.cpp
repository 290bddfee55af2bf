// The same bytes as a bundle file and as a bundle that comes through a pipe: both are right and are the same
// bundle, or both are refused with Error::damaged and a code. The codes may differ, for a pipe is read once
// and so stops at the first thing that is wrong.

#include <cstdint>
#include <optional>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/content.hpp"
#include "runtime/piped_content.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using manifests::Digest;
using runtime::Bundle;
using runtime::FileDescriptor;
using runtime::Proof;

struct Answer {
    std::optional<Digest> bundle; ///< absent: refused
    std::uint64_t content_bytes = 0;
};

FileDescriptor memory_of(const std::uint8_t* data, std::size_t size) {
    FileDescriptor memory(::memfd_create("bundle", MFD_CLOEXEC));
    demand(static_cast<bool>(memory), "there is memory");
    runtime::write_all(memory, data, size, "memory");
    return memory;
}

// A pipe where one holds all of it, so that no thread is needed to fill it; else something that is read
// alike.
FileDescriptor stream_of(const std::uint8_t* data, std::size_t size, const FileDescriptor& memory) {
    constexpr std::size_t usual_pipe_bytes = 65536;
    if (size > usual_pipe_bytes) {
        FileDescriptor again(
            ::open(("/proc/self/fd/" + std::to_string(memory.get())).c_str(), O_RDONLY | O_CLOEXEC));
        demand(static_cast<bool>(again), "memory opens again");
        return again;
    }
    int ends[2];
    demand(::pipe2(ends, O_CLOEXEC) == 0, "there is a pipe");
    FileDescriptor out(ends[0]);
    const FileDescriptor in(ends[1]);
    runtime::write_all(in, data, size, "the pipe");
    return out;
}

template<typename Read>
Answer answer_of(const Read& read) {
    try {
        return read();
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(error.code().has_value(), "a refusal of a bundle has a code");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
        return {};
    }
}

Answer read_file(const FileDescriptor& memory, Proof proof) {
    const Bundle bundle = Bundle::open("/proc/self/fd/" + std::to_string(memory.get()));
    Answer answer;
    runtime::ReadOptions options;
    options.jobs = 1;
    options.proof = proof;
    options.on_bytes = [&](std::uint64_t bytes) { answer.content_bytes += bytes; };
    const auto result = read_content(bundle, jobs_of(bundle), options);
    demand(result.report.passed() || !result.report.findings().empty(), "a refusal says why");
    if (result.report.passed()) answer.bundle = bundle.digest();
    return answer;
}

Answer read_pipe(FileDescriptor stream, Proof proof) {
    const auto spool = std::make_shared<runtime::PipeSpool>(std::move(stream), "/dev/shm");
    const Bundle bundle = Bundle::open_pipe(spool);
    Answer answer;
    runtime::PipedOptions options;
    options.jobs = 1;
    options.proof = proof;
    options.on_bytes = [&](std::uint64_t bytes) { answer.content_bytes += bytes; };
    read_piped_content(bundle, *spool, options);
    answer.bundle = bundle.digest();
    return answer;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const FileDescriptor memory = memory_of(data, size);
    for (const Proof proof : {Proof::tree, Proof::tree_and_flat}) {
        const Answer file = answer_of([&] { return read_file(memory, proof); });
        const Answer pipe = answer_of([&] { return read_pipe(stream_of(data, size, memory), proof); });
        demand(file.bundle == pipe.bundle, "file and pipe give the same verdict");
        demand(!file.bundle || file.content_bytes == pipe.content_bytes, "and have read the same bytes");
    }
    return 0;
}
