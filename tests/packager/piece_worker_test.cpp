#include "packager/piece_worker.hpp"

#include <algorithm>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "tests/support/sample_bundle.hpp"

using packager::PieceWorker;

namespace {

// Hands all bytes over. @return them, as the worker got them
std::string pass_through(const std::string& bytes, bool with_thread) {
    std::string got;
    bool in_order = true; // nothing twice, nothing left out
    PieceWorker worker(
        [&](const char* data, std::size_t length_bytes, std::uint64_t offset) {
            in_order = in_order && offset == got.size();
            got.append(data, length_bytes);
        },
        bytes.size(), with_thread);
    for (std::size_t at = 0; at < bytes.size();) {
        const runtime::DirectBuffer& buffer = worker.buffer();
        const std::size_t length = std::min(buffer.size_bytes(), bytes.size() - at);
        std::copy_n(bytes.data() + at, length, buffer.data());
        worker.hand_over(length, at);
        at += length;
    }
    worker.finish();
    CHECK(in_order);
    return got;
}

} // namespace

TEST_CASE("every piece gets its work once and in order", "[packager][piece_worker]") {
    const auto size = static_cast<std::size_t>(
        GENERATE(1, 1 << 20, (1 << 20) + 1, (16 << 20) - 1, 16 << 20, (21 << 20) + 77));
    const bool with_thread = GENERATE(false, true);
    CAPTURE(size, with_thread);
    const std::string bytes = tests::sample_bytes(size, 5);
    CHECK(pass_through(bytes, with_thread) == bytes);
}

TEST_CASE("work that fails is an error, in whichever thread, and is not gone on with",
          "[packager][piece_worker]") {
    constexpr std::size_t pieces = 60;
    const bool with_thread = GENERATE(false, true);
    int done = 0;
    PieceWorker worker(
        [&](const char*, std::size_t, std::uint64_t) {
            if (++done == 2) throw std::runtime_error("no");
        },
        pieces * PieceWorker::piece_bytes, with_thread);
    const auto hand_all_over = [&] {
        for (std::size_t i = 0; i < pieces; ++i) {
            worker.buffer();
            worker.hand_over(PieceWorker::piece_bytes, i * PieceWorker::piece_bytes);
        }
        worker.finish();
    };
    CHECK_THROWS_AS(hand_all_over(), std::runtime_error);
    CHECK(done == 2);
}

TEST_CASE("a worker that is given up does not wait", "[packager][piece_worker]") {
    int done = 0;
    {
        PieceWorker worker([&](const char*, std::size_t, std::uint64_t) { ++done; }, 64 << 20, true);
        worker.buffer();
        worker.hand_over(PieceWorker::piece_bytes, 0);
        worker.buffer();
    }
    CHECK(done <= 1);
}
