#include "runtime/background_sync.hpp"

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/temp_dir.hpp"

using runtime::BackgroundSync;
using runtime::FileDescriptor;

TEST_CASE("a disk that cannot keep what was written is an error at the end", "[runtime][background_sync]") {
    int ends[2] = {-1, -1};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const FileDescriptor reader(ends[0]);
    const FileDescriptor writer(ends[1]); // nothing keeps what is in a pipe: fdatasync says EINVAL
    BackgroundSync sync(writer);
    sync.written(BackgroundSync::usual_step_bytes - 1);
    SECTION("only if it was asked") {
        CHECK_NOTHROW(sync.finish("out"));
    }
    SECTION("and then whatever comes later") {
        sync.written(1);
        // The thread may not have begun yet, and what is asked for at the end need not be done.
        for (int i = 0; i < 100; ++i) {
            ::usleep(1000);
            sync.written(BackgroundSync::usual_step_bytes);
        }
        CHECK_THROWS_MATCHES(sync.finish("out"), manifests::Error, tests::faults_with(manifests::Fault::io));
    }
}

TEST_CASE("what is given up in the middle waits for nobody but the disk", "[runtime][background_sync]") {
    const tests::TempDir folder;
    const FileDescriptor file(::open((folder / "out").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    for (int i = 0; i < 20; ++i) {
        BackgroundSync sync(file);
        REQUIRE(::pwrite(file.get(), "x", 1, i) == 1);
        sync.written(BackgroundSync::usual_step_bytes);
        sync.written(BackgroundSync::usual_step_bytes);
        if (i % 2 == 0) CHECK_NOTHROW(sync.finish("out"));
    }
}
