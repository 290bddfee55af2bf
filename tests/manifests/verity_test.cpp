// The tree of a file against Linux: fs-verity digests that `fsverity digest` (fsverity-utils 1.5) made, the
// tool itself where it is installed, and FORMAT.md section 13 in plain code.

#include "manifests/verity.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::chunk_bytes;
using manifests::Digest;
using manifests::Hash;
using manifests::TreeHasher;
using manifests::TreeTop;

namespace {

constexpr std::uint64_t group = 64ULL << 20;

// Byte i is i mod 251: no two leaves of a chunk and no two chunks of a group are equal.
std::string repeating(std::size_t length_bytes) {
    std::string period;
    for (int i = 0; i < 251; ++i)
        period += static_cast<char>(i);
    std::string bytes;
    bytes.reserve(length_bytes + period.size());
    while (bytes.size() < length_bytes)
        bytes += period;
    bytes.resize(length_bytes);
    return bytes;
}

// What `fsverity digest --compact` prints for repeating(size).
const std::vector<std::tuple<std::size_t, std::string>>& digests_of_fsverity() {
    static const std::vector<std::tuple<std::size_t, std::string>> rows{
        {0, "3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95"},
        {1, "b803429503d95915829b29fdbc8bbad142f3abfd11b1cadf5526582e685c0551"},
        {4095, "5f4953aad672b0188023d6cd6fbce9d09508eb7dad165b6298ce0086bc1e72db"},
        {4096, "13e9b8848ae484a36acb3f3cac0ceb2f7601e96633d15c92f9bd3dd44e492157"},
        {4097, "b0d074abef4d544404facfab6ba242f6a8ccbde90f1325cd286f3c8aa8d0f8aa"},
        {524'287, "9735c4bb231d3222d1e5e23a4004d8b59dd33395d7de390530e15c2572000b47"},
        {524'288, "d82861203d50ae9b60948504a704f35f5118bd229aeb1a22d6dae47b1767c4c4"},
        {524'289, "4dc6905041c9c4ee73e13b53f63f5d289c46da359b664a965ead7f8cc4d799d4"},
        {group - 1, "53e70e3b30d8c6800a47af2e04737f8e0192e035e7d35f9323f54f5c72b03866"},
        {group, "196650e8bd05f8516c0ede56deeb4d1ff2be9809dc2d827261db4a7773957567"},
        {group + 1, "acba6554fbff4e8b2fc0361086b9e8ed6afbbd3196ade159c0f3e2bf9ecb2ed1"},
    };
    return rows;
}

const unsigned char* raw(const std::string& bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string text_of(const std::vector<Hash>& hashes) {
    std::string text;
    for (const Hash& hash : hashes)
        text.append(hash.begin(), hash.end());
    return text;
}

struct Hashed {
    Digest verity;
    Digest flat;
    std::vector<Hash> table;
};

// @param piece_bytes  a multiple of a chunk
Hashed tree_of(const std::string& bytes, std::size_t piece_bytes) {
    TreeHasher tree(bytes.size());
    TreeHasher alone(bytes.size());
    hashing::Stream flat;
    std::vector<Hash> table;
    std::vector<Hash> table_alone;
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
        const std::size_t length = std::min(piece_bytes, bytes.size() - at);
        tree.update(raw(bytes) + at, length, &flat, table);
        alone.update(raw(bytes) + at, length, nullptr, table_alone);
    }
    const Digest verity = tree.finish();
    CHECK(alone.finish() == verity);
    CHECK(table_alone == table);
    return {verity, Digest::from_bytes(flat.finish()), table};
}

} // namespace

TEST_CASE("the fs-verity digest of a file is the one that Linux computes", "[manifests][verity]") {
    for (const auto& [size, hex] : digests_of_fsverity()) {
        CAPTURE(size);
        const std::string bytes = repeating(size);
        CHECK(tests::plain_verity(bytes).hex() == hex);
        const Hashed hashed = tree_of(bytes, 1 << 20);
        CHECK(hashed.verity.hex() == hex);
        CHECK(hashed.flat == Digest::of(bytes));
        if (size <= chunk_bytes) {
            CHECK(manifests::small_verity_digest(raw(bytes), bytes.size()).hex() == hex);
            CHECK(hashed.table.empty());
        } else {
            CHECK(text_of(hashed.table) == tests::plain_chunks(bytes));
        }
    }
}

TEST_CASE("fsverity digests its own numbers as this test has them", "[manifests][verity][peers]") {
    if (!tests::have_tool("fsverity")) return;
    const tests::TempDir folder;
    for (const auto& [size, hex] : digests_of_fsverity()) {
        CAPTURE(size);
        tests::write_file(folder / "file", repeating(size));
        const auto digest = tests::run({"fsverity", "digest", "--compact", folder / "file"});
        CHECK(digest.status == 0);
        CHECK(digest.out == hex + "\n");
    }
    for (const std::size_t size : {2UL, 8192UL, 100'000UL, 1'048'575UL, 1'048'576UL, 3'000'000UL}) {
        CAPTURE(size);
        const std::string bytes = repeating(size);
        tests::write_file(folder / "file", bytes);
        const auto digest = tests::run({"fsverity", "digest", "--compact", folder / "file"});
        CHECK(digest.out == tree_of(bytes, chunk_bytes).verity.hex() + "\n");
    }
}

TEST_CASE("a tree does not depend on the pieces that the file comes in", "[manifests][verity]") {
    const std::string bytes = repeating(5 * chunk_bytes + 12'345);
    const Hashed whole = tree_of(bytes, bytes.size());
    CHECK(whole.verity == tests::plain_verity(bytes));
    for (const std::size_t chunks : {1U, 2U, 3U, 5U, 6U}) {
        CAPTURE(chunks);
        const Hashed pieces = tree_of(bytes, chunks * chunk_bytes);
        CHECK(pieces.verity == whole.verity);
        CHECK(pieces.flat == whole.flat);
        CHECK(pieces.table == whole.table);
    }
}

TEST_CASE("a chunk is hashed by itself to what the tree has for it", "[manifests][verity]") {
    for (const std::size_t size :
         {std::size_t{1}, std::size_t{4095}, std::size_t{4096}, std::size_t{4097}, std::size_t{520'191},
          std::size_t{520'192}, std::size_t{520'193}, chunk_bytes - 1, chunk_bytes}) {
        CAPTURE(size);
        const std::string bytes = repeating(size);
        hashing::Stream flat;
        const Hash alone = manifests::chunk_hash(raw(bytes), size);
        CHECK(text_of({alone}) == tests::plain_chunk(bytes));
        CHECK(manifests::chunk_hash(raw(bytes), size, flat) == alone);
        CHECK(Digest::from_bytes(flat.finish()) == Digest::of(bytes));
    }
    const std::string bytes = repeating(3 * chunk_bytes + 1);
    const Hashed hashed = tree_of(bytes, bytes.size());
    REQUIRE(hashed.table.size() == 4);
    for (std::size_t i = 0; i < 4; ++i)
        CHECK(manifests::chunk_hash(raw(bytes) + i * chunk_bytes, i == 3 ? 1 : chunk_bytes) ==
              hashed.table[i]);
}

TEST_CASE("the root follows from the chunk hashes alone, over every number of levels",
          "[manifests][verity]") {
    // 128 hashes make a block: one level up to 128 chunks, two up to 16384, three beyond.
    for (const std::size_t count :
         {2U, 3U, 127U, 128U, 129U, 255U, 256U, 257U, 16'383U, 16'384U, 16'385U, 40'000U}) {
        CAPTURE(count);
        TreeTop top;
        std::string level;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string number = std::to_string(i);
            const Hash chunk = hashing::hash(number.data(), number.size());
            top.add(chunk);
            level.append(chunk.begin(), chunk.end());
        }
        std::size_t groups = 0;
        while (level.size() > sizeof(Hash)) { // a block of hashes is hashed like a leaf
            std::string above;
            for (std::size_t at = 0; at < level.size(); at += 4096)
                above += tests::plain_root(level.substr(at, 4096));
            level = above;
            if (groups == 0) {
                groups = level.size() / sizeof(Hash);
                CHECK(text_of(top.groups()) == level);
            }
        }
        CHECK(groups == (count + 127) / 128);
        CHECK(text_of({top.root()}) == level);
        CHECK(text_of({top.root()}) == level); // asking changes nothing
    }
}

TEST_CASE("any byte and the length of a file change its tree", "[manifests][verity]") {
    std::string bytes = repeating(2 * chunk_bytes + 5000);
    const Digest before = tree_of(bytes, bytes.size()).verity;
    for (std::size_t at = 0; at < bytes.size(); at += 40'961) {
        CAPTURE(at);
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        const Hashed changed = tree_of(bytes, bytes.size());
        CHECK(changed.verity != before);
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
    }
    // Zeros at the end fill up to the same leaves, and the size in the descriptor tells them apart.
    const Hashed with = tree_of(std::string(chunk_bytes + 2, '\0'), 1 << 20);
    const Hashed without = tree_of(std::string(chunk_bytes + 1, '\0'), 1 << 20);
    CHECK(with.table == without.table);
    CHECK(with.verity != without.verity);
}

TEST_CASE("only files of more than one chunk have a chunk table", "[manifests][verity]") {
    const auto [size, chunks, has_table] = GENERATE(table<std::uint64_t, std::uint64_t, bool>({
        {0, 0, false},
        {1, 1, false},
        {524'287, 1, false},
        {524'288, 1, false},
        {524'289, 2, true},
        {1'048'576, 2, true},
        {1'048'577, 3, true},
        {1ULL << 40, 1ULL << 21, true},
        {1ULL << 62, 1ULL << 43, true},
    }));
    CAPTURE(size);
    CHECK(manifests::chunk_count(size) == chunks);
    CHECK(manifests::has_chunk_table(size) == has_table);
    CHECK(manifests::chunk_table_bytes(size) == 32 * chunks);
}

TEST_CASE("a file of over 2^62 bytes has no table", "[manifests][verity]") {
    for (const std::uint64_t size : {(1ULL << 62) + 1, 1ULL << 63, ~0ULL}) {
        REQUIRE_THROWS_MATCHES(manifests::chunk_table_bytes(size), manifests::Error,
                               tests::faults_with(manifests::Fault::damaged, manifests::Code::format_limit));
    }
}
