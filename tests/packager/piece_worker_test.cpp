#include "packager/piece_worker.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "tests/support/sample_bundle.hpp"

using packager::PieceWorker;

namespace {

struct Got {
    std::string in_order;
    std::string in_any_order;
    bool order_kept = true;      // nothing twice, nothing left out
    std::atomic<int> early = 0;  // pieces that were not in order yet when the rest of the work came
    std::atomic<int> pieces = 0; // that had all of their work
};

// Hands all bytes over.
void pass_through(const std::string& bytes, unsigned threads, Got& got) {
    got.in_any_order.resize(bytes.size());
    std::atomic<std::size_t> ordered = 0;
    PieceWorker worker(
        [&](const char* data, std::size_t length_bytes, std::uint64_t offset) {
            got.order_kept = got.order_kept && offset == got.in_order.size();
            got.in_order.append(data, length_bytes);
            ordered = got.in_order.size();
        },
        [&](const char* data, std::size_t length_bytes, std::uint64_t offset) {
            if (ordered < offset + length_bytes) ++got.early;
            std::copy_n(data, length_bytes, got.in_any_order.begin() + static_cast<std::ptrdiff_t>(offset));
            ++got.pieces;
        },
        bytes.size(), threads);
    for (std::size_t at = 0; at < bytes.size();) {
        const runtime::DirectBuffer& buffer = worker.buffer();
        const std::size_t length = std::min(buffer.size_bytes(), bytes.size() - at);
        std::copy_n(bytes.data() + at, length, buffer.data());
        worker.hand_over(length, at);
        at += length;
    }
    worker.finish();
}

void nothing(const char*, std::size_t, std::uint64_t) {}

} // namespace

TEST_CASE("every piece gets its work once, the one in order before the other", "[packager][piece_worker]") {
    const auto size = static_cast<std::size_t>(
        GENERATE(1, 1 << 20, (1 << 20) + 1, (16 << 20) - 1, 16 << 20, (21 << 20) + 77));
    const unsigned threads = GENERATE(0U, 1U, 4U);
    CAPTURE(size, threads);
    const std::string bytes = tests::sample_bytes(size, 5);
    Got got;
    pass_through(bytes, threads, got);
    CHECK(got.order_kept);
    CHECK(got.early == 0);
    CHECK(got.in_order == bytes);
    CHECK(got.in_any_order == bytes);
    CHECK(static_cast<std::size_t>(got.pieces) ==
          (size + PieceWorker::piece_bytes - 1) / PieceWorker::piece_bytes);
}

TEST_CASE("work that waits is done by several threads at once", "[packager][piece_worker]") {
    std::atomic<int> now = 0;
    std::atomic<int> most = 0;
    constexpr std::size_t pieces = 32;
    const auto wait = [&](const char*, std::size_t, std::uint64_t) {
        const int busy = ++now;
        for (int seen = most; busy > seen && !most.compare_exchange_weak(seen, busy);) {
        }
        ::usleep(5000);
        --now;
    };
    PieceWorker worker(nothing, wait, pieces * PieceWorker::piece_bytes, 4);
    for (std::size_t i = 0; i < pieces; ++i) {
        worker.buffer();
        worker.hand_over(PieceWorker::piece_bytes, i * PieceWorker::piece_bytes);
    }
    worker.finish();
    CHECK(most > 1);
    CHECK(most <= 4);
}

TEST_CASE("work that fails is an error, in whichever thread, and is not gone on with",
          "[packager][piece_worker]") {
    constexpr std::size_t pieces = 60;
    const unsigned threads = GENERATE(0U, 1U, 4U);
    const bool in_order = GENERATE(true, false);
    CAPTURE(threads, in_order);
    std::atomic<int> done = 0;
    const auto fail = [&](const char*, std::size_t, std::uint64_t) {
        if (++done >= 2) throw std::runtime_error("no");
    };
    PieceWorker worker(in_order ? PieceWorker::Work(fail) : nothing,
                       in_order ? PieceWorker::Work(nothing) : fail, pieces * PieceWorker::piece_bytes,
                       threads);
    const auto hand_all_over = [&] {
        for (std::size_t i = 0; i < pieces; ++i) {
            worker.buffer();
            worker.hand_over(PieceWorker::piece_bytes, i * PieceWorker::piece_bytes);
        }
        worker.finish();
    };
    CHECK_THROWS_AS(hand_all_over(), std::runtime_error);
    CHECK(done >= 2);
    CHECK(done <= (in_order ? 2 : 5)); // others may have begun
}

TEST_CASE("a worker that is given up does not wait", "[packager][piece_worker]") {
    const unsigned threads = GENERATE(1U, 4U);
    std::atomic<int> done = 0;
    {
        PieceWorker worker([&](const char*, std::size_t, std::uint64_t) { ++done; }, nothing, 64 << 20,
                           threads);
        worker.buffer();
        worker.hand_over(PieceWorker::piece_bytes, 0);
        worker.buffer();
    }
    CHECK(done <= 1);
}
