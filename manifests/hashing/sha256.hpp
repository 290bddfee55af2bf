#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

namespace hashing {

inline constexpr std::size_t block_bytes = 4096;
using Hash = std::array<unsigned char, 32>;

/// SHA-256 of each of `count` consecutive blocks of 4096 bytes, each on its own: the leaves of the tree.
void hash_blocks(const unsigned char* data, std::size_t count, Hash* out);

class Stream {
public:
    Stream();
    ~Stream();
    Stream(Stream&&) noexcept;
    Stream& operator=(Stream&&) noexcept;
    void update(const void* data, std::size_t length_bytes);
    void update_blocks(const unsigned char* data, std::size_t count, Hash* out);
    Hash finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

Hash hash(const void* data, std::size_t length_bytes);
struct Choice {
    std::string_view blocks, stream;
};
Choice choice();
std::vector<std::string_view> available();
void force(std::string_view name);

} // namespace hashing
