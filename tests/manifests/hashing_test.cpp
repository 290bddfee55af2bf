#include "manifests/hashing/sha256.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <openssl/evp.h>

#include "manifests/error.hpp"
#include "manifests/hashing/kernels.hpp"
#include "tests/support/faults.hpp"

using hashing::block_bytes;
using hashing::Hash;
using hashing::Kernel;
using hashing::Processor;
using hashing::Words;
using manifests::Fault;
using tests::faults_with;

namespace {

using Bytes = std::vector<unsigned char>;

// The random numbers of these tests, the same in every run (xorshift64).
class Random {
public:
    std::uint64_t next() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return state_;
    }
    std::size_t below(std::size_t limit) { return next() % limit; }

private:
    std::uint64_t state_ = 88172645463325252ULL;
};

Bytes noise(std::size_t length_bytes) {
    Random random;
    Bytes bytes(length_bytes);
    for (unsigned char& byte : bytes)
        byte = static_cast<unsigned char>(random.next() & 0xff);
    return bytes;
}

// libcrypto by another door than the one the kernels are checked against.
Hash wanted(const unsigned char* data, std::size_t length_bytes) {
    Hash hash{};
    if (EVP_Digest(data, length_bytes, hash.data(), nullptr, EVP_sha256(), nullptr) != 1) throw "libcrypto";
    return hash;
}

std::vector<Hash> wanted_blocks(const unsigned char* data, std::size_t count) {
    std::vector<Hash> hashes;
    for (std::size_t i = 0; i < count; ++i)
        hashes.push_back(wanted(data + i * block_bytes, block_bytes));
    return hashes;
}

std::string hex(const Hash& hash) {
    std::string text;
    for (const unsigned char byte : hash) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

// Forces each kernel in turn, and puts the automatic choice back as far as that can be done.
class Forced {
public:
    explicit Forced(std::string_view name) { hashing::force(name); }
    ~Forced() { hashing::force(before_); }
    Forced(const Forced&) = delete;
    Forced& operator=(const Forced&) = delete;

private:
    std::string_view before_ = hashing::choice().blocks;
};

// Pages with nothing behind them: AddressSanitizer sees a read beyond the end of the vector.
Bytes copy_of(const unsigned char* data, std::size_t length_bytes) {
    return {data, data + length_bytes};
}

Hash streamed(const unsigned char* data, std::size_t length_bytes) {
    hashing::Stream stream;
    stream.update(data, length_bytes);
    return stream.finish();
}

void wrong_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    hashing::kernels().back().hash_blocks(data, count, out);
    if (count > 0) out[count - 1].back() ^= 1;
}

// The states of streams never change.
void lazy_compress(Words&, const unsigned char*, std::size_t) {}
void lazy_compress_blocks(Words&, const unsigned char* data, std::size_t count, Hash* out) {
    hashing::kernels().back().hash_blocks(data, count, out);
}

bool always(const Processor&) {
    return true;
}
bool never(const Processor&) {
    return false;
}

} // namespace

#define EVERY_KERNEL()                                                                                       \
    const auto kernel_names = hashing::available();                                                          \
    const std::string_view kernel = GENERATE_REF(from_range(kernel_names));                                  \
    CAPTURE(kernel);                                                                                         \
    const Forced forced(kernel)

TEST_CASE("every kernel gives the digests of FIPS 180-4 and its example papers", "[manifests][hashing]") {
    EVERY_KERNEL();
    const std::vector<std::pair<std::string, std::string>> answers = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmno"
         "pqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
        {std::string(1'000'000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
        {"\xbd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
        {std::string(55, '\0'), "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"},
        {std::string(56, '\0'), "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"},
        {std::string(57, '\0'), "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"},
        {std::string(64, '\0'), "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"},
    };
    for (const auto& [message, answer] : answers) {
        CAPTURE(message.size());
        REQUIRE(hex(hashing::hash(message.data(), message.size())) == answer);
        REQUIRE(hex(streamed(reinterpret_cast<const unsigned char*>(message.data()), message.size())) ==
                answer);
    }
    const Bytes zeros(block_bytes);
    Hash block{};
    hashing::hash_blocks(zeros.data(), 1, &block);
    // head -c 4096 /dev/zero | sha256sum
    REQUIRE(hex(block) == "ad7facb2586fc6e966c004d7d1d16b024f5805ff7cb47c7a85dabd8b48892ca7");
}

TEST_CASE("every kernel agrees with libcrypto at every length", "[manifests][hashing]") {
    EVERY_KERNEL();
    const Bytes bytes = noise(65536 + 70);
    std::vector<std::size_t> lengths;
    for (std::size_t length = 0; length <= 520; ++length)
        lengths.push_back(length);
    for (const std::size_t near : {1 * block_bytes, 2 * block_bytes, 16 * block_bytes})
        for (std::size_t length = near - 66; length <= near + 66; ++length)
            lengths.push_back(length);
    for (const std::size_t length : lengths) {
        const Bytes message = copy_of(bytes.data(), length);
        const Hash answer = wanted(message.data(), length);
        if (streamed(message.data(), length) != answer) FAIL("stream of " << length << " bytes");
        if (hashing::hash(message.data(), length) != answer) FAIL("hash of " << length << " bytes");
    }
}

TEST_CASE("every kernel agrees with libcrypto at every address", "[manifests][hashing]") {
    EVERY_KERNEL();
    constexpr std::size_t count = 3;
    const Bytes bytes = noise(64 + count * block_bytes);
    for (std::size_t offset = 0; offset < 64; ++offset) {
        const unsigned char* const data = bytes.data() + offset;
        std::vector<Hash> alone(count);
        std::vector<Hash> on_the_way(count);
        hashing::hash_blocks(data, count, alone.data());
        hashing::Stream stream;
        stream.update_blocks(data, count, on_the_way.data());
        CAPTURE(offset);
        REQUIRE(alone == wanted_blocks(data, count));
        REQUIRE(on_the_way == alone);
        REQUIRE(stream.finish() == wanted(data, count * block_bytes));
        REQUIRE(streamed(data, 1000) == wanted(data, 1000));
    }
}

TEST_CASE("every kernel hashes any number of blocks, and nothing beside them", "[manifests][hashing]") {
    EVERY_KERNEL();
    const std::size_t offset = GENERATE(as<std::size_t>{}, 0, 1, 37);
    constexpr std::size_t most = 40;
    const Bytes bytes = noise(offset + most * block_bytes);
    const std::vector<Hash> answers = wanted_blocks(bytes.data() + offset, most);
    const Hash untouched = {1, 2, 3};
    for (std::size_t count = 0; count <= most; ++count) {
        const Bytes exactly = copy_of(bytes.data(), offset + count * block_bytes);
        const unsigned char* const data = exactly.data() + offset;
        std::vector<Hash> expected(answers.begin(), answers.begin() + static_cast<std::ptrdiff_t>(count));
        expected.push_back(untouched);

        std::vector<Hash> alone(count + 1, untouched);
        hashing::hash_blocks(data, count, alone.data());
        std::vector<Hash> on_the_way(count + 1, untouched);
        hashing::Stream stream;
        stream.update_blocks(data, count, on_the_way.data());
        CAPTURE(offset, count);
        REQUIRE(alone == expected);
        REQUIRE(on_the_way == expected);
        REQUIRE(stream.finish() == wanted(data, count * block_bytes));
    }
}

TEST_CASE("every kernel's stream does not depend on how the bytes come in", "[manifests][hashing]") {
    EVERY_KERNEL();
    const Bytes bytes = noise(40'000);
    const Hash answer = wanted(bytes.data(), bytes.size());
    const std::size_t longest = GENERATE(as<std::size_t>{}, 2, 66, 130, 5000, 40'000);
    Random random;
    for (int run = 0; run < 6; ++run) {
        hashing::Stream stream;
        for (std::size_t at = 0; at < bytes.size();) {
            const std::size_t length = std::min(random.below(longest), bytes.size() - at);
            stream.update(bytes.data() + at, length);
            at += length;
        }
        stream.update(nullptr, 0);
        CAPTURE(longest, run);
        REQUIRE(stream.finish() == answer);
    }
}

TEST_CASE("every kernel's stream takes bytes and blocks in any mixture", "[manifests][hashing]") {
    EVERY_KERNEL();
    const Bytes bytes = noise(60 * block_bytes);
    Random random;
    for (int run = 0; run < 24; ++run) {
        CAPTURE(run);
        hashing::Stream stream;
        std::size_t at = 0;
        for (int step = 0; step < 5; ++step) {
            // Every second run stays between the parts of 64 bytes, where one schedule does for both.
            const std::size_t length = run % 2 == 0 ? random.below(300) : 64 * random.below(5);
            stream.update(bytes.data() + at, length);
            at += length;
            const std::size_t count = random.below(6);
            std::vector<Hash> blocks(count);
            stream.update_blocks(bytes.data() + at, count, blocks.data());
            REQUIRE(blocks == wanted_blocks(bytes.data() + at, count));
            at += count * block_bytes;
        }
        REQUIRE(stream.finish() == wanted(bytes.data(), at));
    }
}

TEST_CASE("blocks and stream stay together where more come than are read at a time", "[manifests][hashing]") {
    EVERY_KERNEL();
    constexpr std::size_t count = 39;
    const Bytes bytes = noise(1 + count * block_bytes);
    hashing::Stream stream;
    stream.update(bytes.data(), 1);
    std::vector<Hash> blocks(count);
    stream.update_blocks(bytes.data() + 1, count, blocks.data());
    REQUIRE(blocks == wanted_blocks(bytes.data() + 1, count));
    REQUIRE(stream.finish() == wanted(bytes.data(), bytes.size()));
}

TEST_CASE("a stream keeps its kernel, whatever is forced meanwhile", "[manifests][hashing]") {
    EVERY_KERNEL();
    const Bytes bytes = noise(3 * block_bytes);
    std::vector<Hash> blocks(1);
    hashing::Stream stream;
    stream.update(bytes.data(), 5000);
    hashing::force("evp");
    stream.update_blocks(bytes.data() + 5000, 1, blocks.data());
    hashing::Stream moved = std::move(stream);
    moved.update(bytes.data() + 5000 + block_bytes, bytes.size() - 5000 - block_bytes);
    REQUIRE(moved.finish() == wanted(bytes.data(), bytes.size()));
    REQUIRE(blocks == wanted_blocks(bytes.data() + 5000, 1));
}

TEST_CASE("a stream that has ended refuses more", "[manifests][hashing]") {
    hashing::Stream stream;
    stream.finish();
    REQUIRE_THROWS_MATCHES(stream.update("a", 1), manifests::Error, faults_with(Fault::internal));
    REQUIRE_THROWS_MATCHES(stream.update_blocks(nullptr, 0, nullptr), manifests::Error,
                           faults_with(Fault::internal));
    REQUIRE_THROWS_MATCHES(stream.finish(), manifests::Error, faults_with(Fault::internal));
}

TEST_CASE("every thread may hash", "[manifests][hashing]") {
    EVERY_KERNEL();
    const Bytes bytes = noise(20 * block_bytes);
    const std::vector<Hash> answers = wanted_blocks(bytes.data(), 20);
    std::vector<int> good(4, 0);
    std::vector<std::thread> threads;
    for (int& mine : good) {
        threads.emplace_back([&] {
            std::vector<Hash> blocks(20);
            hashing::hash_blocks(bytes.data(), 20, blocks.data());
            mine = blocks == answers && hashing::choice().blocks == kernel ? 1 : 0;
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    REQUIRE(good == std::vector<int>(4, 1));
}

TEST_CASE("the choice is among what is available, and evp always is", "[manifests][hashing]") {
    const auto names = hashing::available();
    REQUIRE(names.back() == "evp");
    REQUIRE(std::count(names.begin(), names.end(), hashing::choice().blocks) == 1);
    REQUIRE(std::count(names.begin(), names.end(), hashing::choice().stream) == 1);
}

TEST_CASE("a forced kernel does the work, and evp the streams it has no form for", "[manifests][hashing]") {
    EVERY_KERNEL();
    REQUIRE(hashing::choice().blocks == kernel);
    const bool has_streams = kernel == "zen5" || kernel == "sha-ni" || kernel == "armv8-ce";
    REQUIRE(hashing::choice().stream == (has_streams ? kernel : "evp"));
}

TEST_CASE("a kernel that is not there cannot be forced", "[manifests][hashing]") {
    const std::string_view before = hashing::choice().blocks;
    const std::string name = GENERATE("", "EVP", "evp ", "sha512", "md5", "avx-512");
    REQUIRE_THROWS_MATCHES(hashing::force(name), manifests::Error, faults_with(Fault::usage));
    REQUIRE(hashing::choice().blocks == before);
}

TEST_CASE("a kernel that this processor lacks is neither chosen nor found", "[manifests][hashing]") {
    const auto all = hashing::kernels();
    const Processor bare;
    REQUIRE(hashing::select(all, bare).blocks->name == "evp");
    REQUIRE(hashing::select(all, bare).stream->name == "evp");
    REQUIRE(hashing::names(all, bare) == std::vector<std::string_view>{"evp"});
    for (const Kernel& kernel : all.first(all.size() - 1)) {
        CAPTURE(kernel.name);
        REQUIRE_THROWS_MATCHES(hashing::find(all, bare, kernel.name), manifests::Error,
                               faults_with(Fault::usage));
    }
    REQUIRE(hashing::find(all, bare, "evp").name == "evp");
}

TEST_CASE("every kernel of this processor passes the check at start", "[manifests][hashing]") {
    for (const Kernel& kernel : hashing::kernels()) {
        CAPTURE(kernel.name);
        if (kernel.runs_on(hashing::this_processor())) REQUIRE(hashing::agrees_with_libcrypto(kernel));
    }
}

TEST_CASE("a kernel that computes something else is not used", "[manifests][hashing]") {
    const Kernel evp = hashing::kernels().back();
    const Kernel good = hashing::kernels().front();
    const Kernel wrong_leaves = {"wrong", always, wrong_blocks, nullptr, nullptr};
    const Kernel wrong_stream = {"lazy", always, evp.hash_blocks, lazy_compress, lazy_compress_blocks};
    const Kernel absent = {"absent", never, wrong_blocks, lazy_compress, lazy_compress_blocks};
    const Processor processor = hashing::this_processor();

    SECTION("blocks") {
        const std::vector<Kernel> table = {wrong_leaves, evp};
        REQUIRE_FALSE(hashing::agrees_with_libcrypto(wrong_leaves));
        REQUIRE(hashing::select(table, processor).blocks == &table.back());
        REQUIRE(hashing::select(table, processor).stream == &table.back());
        REQUIRE_THROWS_MATCHES(hashing::find(table, processor, "wrong"), manifests::Error,
                               faults_with(Fault::internal));
    }
    SECTION("streams, and then its blocks are not trusted either") {
        const std::vector<Kernel> table = {wrong_stream, evp};
        REQUIRE_FALSE(hashing::agrees_with_libcrypto(wrong_stream));
        REQUIRE(hashing::select(table, processor).blocks == &table.back());
        REQUIRE(hashing::select(table, processor).stream == &table.back());
    }
    SECTION("evp does its work, not the next of the table") {
        if (!good.runs_on(processor)) return;
        const std::vector<Kernel> table = {wrong_leaves, good, evp};
        REQUIRE(hashing::select(table, processor).blocks == &table.back());
        REQUIRE(hashing::select(table, processor).stream->name == (good.compress ? good.name : evp.name));
    }
    SECTION("one that does not run here is passed over unchecked") {
        const std::vector<Kernel> table = {absent, good, evp};
        const std::string_view next = good.runs_on(processor) ? good.name : evp.name;
        REQUIRE(hashing::select(table, processor).blocks->name == next);
    }
}
