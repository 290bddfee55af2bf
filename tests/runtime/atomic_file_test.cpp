#include "runtime/atomic_file.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manifests/error.hpp"

namespace fs = std::filesystem;
using manifests::Error;
using manifests::Fault;
using namespace runtime;

namespace {

class Folder {
public:
    Folder() : before(fs::current_path()) {
        std::string name = fs::temp_directory_path().string() + "/atomic-XXXXXX";
        path = ::mkdtemp(name.data());
        fs::current_path(path);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        fs::current_path(before);
        fs::remove_all(path);
    }
    std::size_t count() const {
        return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
    }
    fs::path before;
    std::string path;
};

std::string content_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

template<typename Work>
Fault fault_of(Work work) {
    try {
        work();
    } catch (const Error& error) {
        CAPTURE(error.what());
        return error.fault();
    }
    FAIL("accepted");
    return Fault::internal;
}

} // namespace

TEST_CASE("a file appears whole, with the mode that was asked for", "[runtime][atomic_file]") {
    const auto mode = GENERATE(0644U, 0600U, 0755U, 0444U);
    CAPTURE(mode);
    const Folder folder;
    const mode_t umask_before = ::umask(0077);
    {
        AtomicFile file("name", mode); // no slash: in the current folder
        write_all(file.file(), "bytes", 5, "name");
        REQUIRE_FALSE(fs::exists("name"));
        for (const auto& entry :
             fs::directory_iterator(folder.path)) { // where a file cannot be without a name
            REQUIRE(entry.path().filename().string().find(".name.sealift-") == 0);
            REQUIRE(mode_of(entry.path().filename()) == 0600);
        }
        struct stat status {};
        REQUIRE(::fstat(file.file().get(), &status) == 0);
        REQUIRE((status.st_mode & 07777) == 0600);
        REQUIRE(status.st_nlink == folder.count()); // the name that it has not
        file.commit(Replace::refuse);
    }
    ::umask(umask_before);
    REQUIRE(content_of("name") == "bytes");
    REQUIRE(mode_of("name") == mode);
    REQUIRE(folder.count() == 1);
}

TEST_CASE("without a commit nothing is left", "[runtime][atomic_file]") {
    const Folder folder;
    { AtomicFile file(folder.path + "/name"); }
    REQUIRE(folder.count() == 0);
}

TEST_CASE("what is there is replaced only when that was asked for", "[runtime][atomic_file]") {
    const Folder folder;
    write_file_whole("name", "old");
    REQUIRE(fault_of([] { write_file_whole("name", "new"); }) == Fault::usage);
    REQUIRE(content_of("name") == "old");
    REQUIRE(folder.count() == 1);
    write_file_whole("name", "new", 0600, Replace::allow);
    REQUIRE(content_of("name") == "new");
    REQUIRE(mode_of("name") == 0600);
}

TEST_CASE("a target that appears while we write is not replaced either", "[runtime][atomic_file]") {
    const Folder folder;
    AtomicFile file("name");
    std::ofstream("name") << "somebody else's";
    REQUIRE(fault_of([&] { file.commit(Replace::refuse); }) == Fault::usage);
    REQUIRE(content_of("name") == "somebody else's");
}

TEST_CASE("work that would end in a refusal can be refused before", "[runtime][atomic_file]") {
    const Folder folder;
    refuse_existing("name");
    fs::create_symlink("nowhere", "name");
    REQUIRE(fault_of([] { refuse_existing("name"); }) == Fault::usage);
}

TEST_CASE("only names of regular files are written to", "[runtime][atomic_file]") {
    // Links of our own stand in for /dev/stdout: a test that fails shall not break the machine.
    const Folder folder;
    fs::create_directory("folder");
    fs::create_symlink("/dev/null", "link-to-device");
    std::ofstream("file") << "old";
    fs::create_symlink("file", "link-to-file");
    fs::create_symlink("nowhere", "link-to-nothing");
    REQUIRE(::mkfifo("fifo", 0600) == 0);
    const auto target =
        GENERATE(std::string("folder"), std::string("folder/"), std::string("."), std::string(".."),
                 std::string(""), std::string("fifo"), std::string("link-to-device"),
                 std::string("link-to-file"), std::string("link-to-nothing"));
    CAPTURE(target);
    REQUIRE(fault_of([&] { write_file_whole(target, "bytes", 0644, Replace::allow); }) == Fault::usage);
    REQUIRE(content_of("file") == "old");
    REQUIRE(folder.count() == 6);
}

TEST_CASE("a folder that is not there is said before any byte is written", "[runtime][atomic_file]") {
    const Folder folder;
    REQUIRE(fault_of([] { write_file_whole("no/such/name", "bytes"); }) == Fault::io);
}

TEST_CASE("the longest name that the file system takes works", "[runtime][atomic_file]") {
    const Folder folder;
    const std::string name(255, 'n');
    write_file_whole(name, "bytes");
    REQUIRE(content_of(name) == "bytes");
}

TEST_CASE("a folder that was left while writing still gets the file", "[runtime][atomic_file]") {
    const Folder folder;
    AtomicFile file("name");
    fs::current_path("/");
    file.commit(Replace::refuse);
    REQUIRE(fs::exists(folder.path + "/name"));
}

TEST_CASE("a disk that fills up leaves the old file and nothing beside it", "[runtime][atomic_file]") {
    const Folder folder;
    write_file_whole("name", "old");
    const pid_t child = ::fork();
    if (child == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{1000, 1000}; // stands in for a full disk: the write fails half way
        ::setrlimit(RLIMIT_FSIZE, &limit);
        try {
            write_file_whole("name", std::string(5000, 'x'), 0644, Replace::allow);
        } catch (const Error& error) {
            ::_exit(error.fault() == Fault::io ? 0 : 1);
        }
        ::_exit(2);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
    REQUIRE(content_of("name") == "old");
    REQUIRE(folder.count() == 1);
}
