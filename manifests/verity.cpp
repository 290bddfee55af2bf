#include "manifests/verity.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "manifests/error.hpp"

namespace manifests {
namespace {

constexpr std::uint64_t most_file_bytes = 1ULL << 62;

using Leaves = std::array<Hash, hashes_per_block>;

// The last, partial leaf of a file, filled up with zeros.
Hash partial_leaf(const unsigned char* data, std::size_t length_bytes) {
    std::array<unsigned char, leaf_bytes> block{};
    std::memcpy(block.data(), data, length_bytes);
    Hash out;
    hashing::hash_blocks(block.data(), 1, &out);
    return out;
}

} // namespace

std::uint64_t chunk_count(std::uint64_t size_bytes) {
    return size_bytes / chunk_bytes + (size_bytes % chunk_bytes != 0 ? 1 : 0);
}

bool has_chunk_table(std::uint64_t size_bytes) {
    return size_bytes > chunk_bytes;
}

std::uint64_t chunk_table_bytes(std::uint64_t size_bytes) {
    if (size_bytes > most_file_bytes)
        throw Error(Fault::damaged, Code::format_limit, "a file has more than 2^62 bytes");
    return chunk_count(size_bytes) * sizeof(Hash);
}

Hash block_of_hashes(const Hash* hashes, std::size_t count) {
    Leaves block{};
    std::copy_n(hashes, count, block.begin());
    Hash out;
    hashing::hash_blocks(block[0].data(), 1, &out);
    return out;
}

Hash chunk_hash(const unsigned char* data, std::size_t length_bytes) {
    Leaves leaves;
    const std::size_t whole = length_bytes / leaf_bytes;
    const std::size_t rest = length_bytes % leaf_bytes;
    hashing::hash_blocks(data, whole, leaves.data());
    if (rest != 0) leaves[whole] = partial_leaf(data + whole * leaf_bytes, rest);
    return block_of_hashes(leaves.data(), whole + (rest != 0 ? 1 : 0));
}

Hash chunk_hash(const unsigned char* data, std::size_t length_bytes, hashing::Stream& flat) {
    Leaves leaves;
    const std::size_t whole = length_bytes / leaf_bytes;
    const std::size_t rest = length_bytes % leaf_bytes;
    flat.update_blocks(data, whole, leaves.data());
    if (rest != 0) {
        flat.update(data + whole * leaf_bytes, rest);
        leaves[whole] = partial_leaf(data + whole * leaf_bytes, rest);
    }
    return block_of_hashes(leaves.data(), whole + (rest != 0 ? 1 : 0));
}

Digest small_verity_digest(const unsigned char* data, std::size_t size_bytes) {
    if (size_bytes == 0) return verity_digest(0, Hash{});
    if (size_bytes > leaf_bytes) return verity_digest(size_bytes, chunk_hash(data, size_bytes));
    if (size_bytes < leaf_bytes) return verity_digest(size_bytes, partial_leaf(data, size_bytes));
    Hash root;
    hashing::hash_blocks(data, 1, &root);
    return verity_digest(size_bytes, root);
}

// struct fsverity_descriptor of Linux, include/uapi/linux/fsverity.h.
Digest verity_digest(std::uint64_t size_bytes, const Hash& root) {
    std::array<unsigned char, 256> descriptor{1, 1, 12, 0}; // version, SHA-256, log2 of the block, no salt
    for (std::size_t i = 0; i < 8; ++i)
        descriptor.at(8 + i) = static_cast<unsigned char>(size_bytes >> (8 * i));
    std::copy(root.begin(), root.end(), descriptor.begin() + 16);
    return Digest::from_bytes(hashing::hash(descriptor.data(), descriptor.size()));
}

void TreeTop::close_block() {
    if (block_.empty()) return;
    groups_.push_back(block_of_hashes(block_.data(), block_.size()));
    block_.clear();
}

void TreeTop::add(const Hash& chunk) {
    block_.push_back(chunk);
    if (block_.size() == hashes_per_block) close_block();
}

const std::vector<Hash>& TreeTop::groups() {
    close_block();
    return groups_;
}

Hash TreeTop::root() {
    std::vector<Hash> level = groups();
    while (level.size() > 1) {
        std::vector<Hash> above;
        for (std::size_t i = 0; i < level.size(); i += hashes_per_block)
            above.push_back(block_of_hashes(&level[i], std::min(hashes_per_block, level.size() - i)));
        level = std::move(above);
    }
    return level.empty() ? Hash{} : level[0];
}

void TreeHasher::update(const unsigned char* data, std::size_t length_bytes, hashing::Stream* flat,
                        std::vector<Hash>& table) {
    if (size_bytes_ <= leaf_bytes) { // the root is the leaf itself, so there is no chunk above it
        if (flat != nullptr) flat->update(data, length_bytes);
        if (length_bytes > 0) last_ = partial_leaf(data, length_bytes);
        return;
    }
    for (std::size_t at = 0; at < length_bytes; at += chunk_bytes) {
        const std::size_t length = std::min(chunk_bytes, length_bytes - at);
        last_ = flat != nullptr ? chunk_hash(data + at, length, *flat) : chunk_hash(data + at, length);
        if (!has_chunk_table(size_bytes_)) continue;
        top_.add(last_);
        table.push_back(last_);
    }
}

Digest TreeHasher::finish() {
    return verity_digest(size_bytes_, has_chunk_table(size_bytes_) ? top_.root() : last_);
}

} // namespace manifests
