#pragma once
// SHA-256 at the speed of the processor: hashing is what verifying a bundle consists of.
//
// libcrypto's EVP is the reference and the fallback. Beside it stand kernels of our own, for two things that
// EVP cannot do: the blocks of a tree are independent, so several of them side by side hide each other's
// latency; and a block's message schedule depends on the data alone, so one schedule can feed the digest of
// the whole file and that of the block. Measured on one core of a Zen 4, in GB/s:
//
//               blocks     stream     stream and blocks
//     EVP       1.5-1.7    1.7-1.8    0.8-0.9
//     our own   2.5-3.2    1.7-1.8    1.7-1.8
//
// (`hashing_bench`, see tests/bench/hashing_bench.cpp; selection.cpp has the figures of each kernel.)
//
// A kernel is used only after it has hashed a fixed pattern here, on this processor, to what libcrypto says.
//
// Any thread may call any of these; a Stream belongs to one thread at a time.

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace hashing {

/// The blocks of the tree, as in fs-verity and dm-verity.
inline constexpr std::size_t block_bytes = 4096;

using Hash = std::array<unsigned char, 32>;

/// SHA-256 of each of `count` consecutive blocks of 4096 bytes, each on its own: the leaves of the tree.
///
/// @param data  count * 4096 bytes at any address; may be null if count is 0
/// @param out   room for `count` hashes, outside of the data
/// @throws manifests::Error  Fault::internal if libcrypto fails
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out);

/// SHA-256 of a few bytes.
/// @throws manifests::Error  Fault::internal if libcrypto fails
Hash hash(const void* data, std::size_t length_bytes);

/// SHA-256 of one stream of bytes; and, where asked, of its 4096-byte blocks on the way. It stays with the
/// kernels that were chosen when it was made.
///
/// Everything here throws manifests::Error, Fault::internal, if libcrypto fails or the stream has ended.
class Stream {
public:
    Stream();
    ~Stream();
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;

    void update(const void* data, std::size_t length_bytes);
    /// The same bytes into the stream and, each block on its own, into `out`. It costs hardly more than
    /// update() as long as the bytes so far are a multiple of 64; elsewhere the two are computed one by one.
    ///
    /// @param data  count * 4096 bytes
    /// @param out   room for `count` hashes, outside of the data
    void update_blocks(const unsigned char* data, std::size_t count, Hash* out);
    /// Ends the stream.
    Hash finish();

private:
    struct State;
    State& running();
    std::unique_ptr<State> state_;
};

/// Which kernels do the work, by name, for logs and JSON: "sha-ni", "avx512", "evp".
struct Choice {
    std::string_view blocks;
    std::string_view stream;
};
Choice choice();

/// The kernels that this processor can run, best first; "evp" is always the last.
std::vector<std::string_view> available();

/// From now on this kernel does the work in all threads, except in streams that exist already. A kernel for
/// blocks only leaves the streams to "evp".
///
/// @throws manifests::Error  Fault::usage, naming what there is, if there is no such kernel or this processor
/// cannot run it; Fault::internal if the kernel does not agree with libcrypto
void force(std::string_view name);

} // namespace hashing
