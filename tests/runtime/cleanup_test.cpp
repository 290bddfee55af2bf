#include "runtime/cleanup.hpp"

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manifests/error.hpp"

namespace fs = std::filesystem;
using namespace runtime;

namespace {

class Folder {
public:
    Folder() {
        std::string name = fs::temp_directory_path().string() + "/cleanup-XXXXXX";
        path = ::mkdtemp(name.data());
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { remove_tree(path.c_str()); }
    bool is_empty() const { return fs::is_empty(path); }
    std::string path;
};

void write(const std::string& path) {
    std::ofstream(path) << "bytes";
}

void make_tree(const std::string& path) {
    fs::create_directories(path + "/a/b/c");
    for (int i = 0; i < 300; ++i) // more than one getdents64 buffer
        write(path + "/a/b/file-with-a-long-name-" + std::to_string(i));
    ::chmod((path + "/a/b").c_str(), 0500);
}

/// Runs `work` in a child that then waits, ends the child by `number`, and gives waitpid's status.
template<typename Work>
int end_child_by(int number, Work work) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        // Catch's own handlers are not what is tested.
        for (const int signal : {SIGINT, SIGTERM, SIGHUP})
            ::signal(signal, SIG_DFL);
        work([&] {
            if (::write(ends[1], "r", 1) != 1) ::_exit(9);
            for (;;)
                ::pause();
        });
        ::_exit(8);
    }
    ::close(ends[1]); // a child that dies early ends the read below
    char ready = 0;
    REQUIRE(::read(ends[0], &ready, 1) == 1);
    ::kill(child, number);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    ::close(ends[0]);
    return status;
}

} // namespace

TEST_CASE("a process that is told to end leaves nothing behind and dies by the signal",
          "[runtime][cleanup]") {
    const int number = GENERATE(SIGINT, SIGTERM, SIGHUP);
    CAPTURE(number);
    const Folder folder;
    const int status = end_child_by(number, [&](auto wait) {
        install_signal_handlers();
        const TemporaryPath file(folder.path + "/file", TemporaryKind::file);
        const TemporaryPath tree(folder.path + "/tree", TemporaryKind::folder);
        write(folder.path + "/file");
        make_tree(folder.path + "/tree");
        wait();
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(WTERMSIG(status) == number);
    REQUIRE(folder.is_empty());
}

TEST_CASE("paths given relative to a folder that was left are removed", "[runtime][cleanup]") {
    const Folder folder;
    end_child_by(SIGTERM, [&](auto wait) {
        install_signal_handlers();
        fs::current_path(folder.path);
        const TemporaryPath file("file", TemporaryKind::file);
        write("file");
        fs::current_path("/");
        wait();
    });
    REQUIRE(folder.is_empty());
}

TEST_CASE("a signal while other threads write still leaves nothing behind", "[runtime][cleanup]") {
    const int times = GENERATE(range(0, 10));
    CAPTURE(times);
    const Folder folder;
    const int status = end_child_by(SIGINT, [&](auto wait) {
        install_signal_handlers();
        std::atomic<int> round{0};
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0;; ++i, ++round) {
                    const std::string path = folder.path + "/f" + std::to_string(t) + "-" + std::to_string(i);
                    const TemporaryPath file(path, TemporaryKind::file);
                    write(path);
                }
            });
        while (round < 200)
            std::this_thread::yield();
        wait();
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(folder.is_empty());
}

TEST_CASE("what was kept stays", "[runtime][cleanup]") {
    const Folder folder;
    end_child_by(SIGTERM, [&](auto wait) {
        install_signal_handlers();
        TemporaryPath file(folder.path + "/file", TemporaryKind::file);
        write(folder.path + "/file");
        file.keep();
        wait();
    });
    REQUIRE(fs::exists(folder.path + "/file"));
}

TEST_CASE("a forked child that ends does not take the parent's files along", "[runtime][cleanup]") {
    const Folder folder;
    const TemporaryPath file(folder.path + "/file", TemporaryKind::file);
    write(folder.path + "/file");
    const int status = end_child_by(SIGTERM, [&](auto wait) {
        install_signal_handlers();
        wait();
    });
    REQUIRE(WIFSIGNALED(status));
    REQUIRE(fs::exists(folder.path + "/file"));
}

TEST_CASE("a signal that is ignored stays ignored", "[runtime][cleanup]") {
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGHUP, SIG_IGN); // as nohup does
        install_signal_handlers();
        ::raise(SIGHUP);
        ::_exit(7);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 7);
}

TEST_CASE("an end of scope removes, and moving moves the duty", "[runtime][cleanup]") {
    const Folder folder;
    {
        TemporaryPath first(folder.path + "/tree", TemporaryKind::folder);
        make_tree(folder.path + "/tree");
        const TemporaryPath second = std::move(first);
        REQUIRE(fs::exists(folder.path + "/tree"));
    }
    REQUIRE(folder.is_empty());
}

TEST_CASE("links are removed and never followed", "[runtime][cleanup]") {
    const Folder folder;
    const Folder elsewhere;
    write(elsewhere.path + "/precious");
    fs::create_directory(folder.path + "/tree");
    fs::create_directory_symlink(elsewhere.path, folder.path + "/tree/link");
    REQUIRE(remove_tree((folder.path + "/tree").c_str()));
    fs::create_directory_symlink(elsewhere.path, folder.path + "/link");
    REQUIRE(remove_tree((folder.path + "/link").c_str()));
    REQUIRE(folder.is_empty());
    REQUIRE(fs::exists(elsewhere.path + "/precious"));
}

TEST_CASE("a tree that is too deep is left, not half the stack eaten", "[runtime][cleanup]") {
    const Folder folder;
    std::string path = folder.path + "/tree";
    for (int i = 0; i < 80; ++i)
        path += "/d";
    fs::create_directories(path);
    REQUIRE_FALSE(remove_tree((folder.path + "/tree").c_str()));
    fs::remove_all(folder.path + "/tree");
}

TEST_CASE("removing what is not there is no failure", "[runtime][cleanup]") {
    REQUIRE(remove_tree("/nowhere/at/all"));
}

TEST_CASE("more temporary paths than rows are our own mistake, and rows are used again",
          "[runtime][cleanup]") {
    const Folder folder;
    for (int round = 0; round < 3; ++round) {
        std::vector<TemporaryPath> paths;
        for (int i = 0; i < 64; ++i)
            paths.emplace_back(folder.path + "/x", TemporaryKind::file);
        REQUIRE_THROWS_AS(TemporaryPath(folder.path + "/y", TemporaryKind::file), manifests::Error);
    }
    REQUIRE_THROWS_AS(TemporaryPath("/" + std::string(5000, 'a'), TemporaryKind::file), manifests::Error);
}
