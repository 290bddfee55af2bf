#include "runtime/workers.hpp"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

using runtime::for_each_index;
using runtime::job_count;

TEST_CASE("there is at least one job and never more than 256", "[runtime][workers]") {
    CHECK(job_count(0) >= 1);
    CHECK(job_count(0) <= 256);
    CHECK(job_count(3) == 3);
    CHECK(job_count(4'000'000'000U) == 256);
}

TEST_CASE("every index is worked on exactly once", "[runtime][workers]") {
    for (const unsigned jobs : {1U, 2U, 7U, 300U}) {
        for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{5}, std::size_t{1000}}) {
            std::vector<std::atomic<int>> seen(count);
            for_each_index(count, jobs, [&](std::size_t i) { ++seen[i]; });
            for (const auto& times : seen)
                REQUIRE(times == 1);
        }
    }
}

TEST_CASE("the exception of the lowest index comes out and no further work starts", "[runtime][workers]") {
    for (const unsigned jobs : {1U, 4U}) {
        std::atomic<std::size_t> started{0};
        std::atomic<bool> three{false};
        std::string what;
        try {
            for_each_index(100'000, jobs, [&](std::size_t i) {
                ++started;
                if (i == 3) {
                    three = true;
                    std::this_thread::sleep_for(std::chrono::milliseconds(20));
                }
                while (i == 4 && !three)
                    std::this_thread::yield();
                if (i == 3 || i == 4) throw std::runtime_error(std::to_string(i));
                if (i > 4)
                    std::this_thread::sleep_for(std::chrono::milliseconds(1)); // all would take minutes
            });
        } catch (const std::runtime_error& error) {
            what = error.what();
        }
        CAPTURE(jobs);
        CHECK(what == "3");
        CHECK(started < 100'000);
    }
}
