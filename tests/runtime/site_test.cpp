#include "runtime/site.hpp"

#include <filesystem>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Digest;
using runtime::FileLock;
using runtime::Generation;
using runtime::Site;
using tests::TempDir;
namespace fs = std::filesystem;

namespace {

unsigned mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return static_cast<unsigned>(status.st_mode & 07777);
}

} // namespace

TEST_CASE("a fresh site has no generation and gives the number 1", "[runtime][site]") {
    const TempDir folder;
    const Site site(folder / "deep/inside/site");
    CHECK(site.generations().empty());
    CHECK(!site.newest());
    CHECK(!site.good());
    site.prepare();
    site.prepare();
    CHECK(site.generations().empty());
    const Generation first = site.next(Digest::of("bundle"));
    CHECK(first.number == 1);
    CHECK(first.name == "000001-" + Digest::of("bundle").hex().substr(0, 16));
    CHECK(first.path == site.generations_path() + "/" + first.name);
}

TEST_CASE("folders of a site have mode 0755 whatever the umask", "[runtime][site]") {
    for (const mode_t mask : {0000, 0077, 0777}) {
        const TempDir folder;
        const Site site(folder / "a/site");
        const mode_t before = ::umask(mask);
        site.prepare();
        ::umask(before);
        CAPTURE(mask);
        CHECK(mode_of(folder / "a") == 0755);
        CHECK(mode_of(site.generations_path()) == 0755);
        CHECK(mode_of(site.staging_path()) == 0755);
        CHECK(mode_of(site.run_path()) == 0755);
    }
}

TEST_CASE("generations are ordered by number, and other names are not generations", "[runtime][site]") {
    const TempDir folder;
    const Site site(folder / "site");
    site.prepare();
    const std::string tail = "-0123456789abcdef";
    for (const std::string& name : {"000010" + tail, "000002" + tail, "1000000" + tail})
        fs::create_directory(site.generations_path() + "/" + name);
    for (const std::string& name :
         {std::string("3-0123456789abcdef"), "00003" + tail, std::string("000003-0123456789ABCDEF"),
          "000004" + tail + "0", "-00005" + tail, "0x0006" + tail, "1234567890123456789" + tail,
          std::string("lost+found"), ".000007" + tail, "000008" + tail + "~",
          std::string("000009-0123456789abcde")})
        fs::create_directory(site.generations_path() + "/" + name);
    tests::write_file(site.generations_path() + "/000020" + tail, "a file");
    fs::create_directory_symlink("000002" + tail, site.generations_path() + "/000030" + tail);
    const auto list = site.generations();
    REQUIRE(list.size() == 3);
    CHECK(list[0].number == 2);
    CHECK(list[1].number == 10);
    CHECK(list[2].number == 1'000'000);
    CHECK(site.newest()->number == 1'000'000);
    CHECK(site.next(Digest::of("x")).number == 1'000'001);
}

TEST_CASE("good is a link to a generation, moved by one rename, and believed only when it is there",
          "[runtime][site]") {
    const TempDir folder;
    const Site site(folder / "site");
    site.prepare();
    for (const char* name : {"000001-0123456789abcdef", "000002-0123456789abcdef"})
        fs::create_directory(site.generations_path() + "/" + name);
    const auto list = site.generations();
    site.mark_good(list[0]);
    CHECK(site.good()->number == 1);
    CHECK(fs::read_symlink(folder / "site/good") == "generations/000001-0123456789abcdef");
    site.mark_good(list[1]);
    CHECK(site.good()->number == 2);
    fs::remove(list[1].path);
    CHECK(!site.good());
    fs::remove(folder / "site/good");
    fs::create_symlink("/etc/passwd", folder / "site/good");
    CHECK(!site.good());
    fs::remove(folder / "site/good");
    tests::write_file(folder / "site/good", "000001-0123456789abcdef");
    CHECK(!site.good());
    site.mark_good(list[0]); // replaces whatever stood there
    CHECK(site.good()->number == 1);
}

TEST_CASE("a lock excludes others while it lives, and asking for it takes nothing", "[runtime][site]") {
    const TempDir folder;
    const std::string path = folder / "lock";
    CHECK(!FileLock::is_held(path));
    CHECK(!fs::exists(path)); // the question makes no file either
    {
        const auto lock = FileLock::try_lock(path);
        REQUIRE(lock);
        CHECK(!FileLock::try_lock(path));
        CHECK(FileLock::is_held(path));
        CHECK(FileLock::is_held(path));
    }
    CHECK(!FileLock::is_held(path));
    CHECK(FileLock::try_lock(path));
    CHECK_THROWS_AS(FileLock::try_lock(folder / "no/such/folder"), manifests::Error);
    CHECK_THROWS_AS(FileLock::is_held("/dev/null/x"), manifests::Error);
}

TEST_CASE("a lock lives on in a forked child and ends with it, also by SIGKILL", "[runtime][site]") {
    const TempDir folder;
    const std::string path = folder / "lock";
    pid_t child = -1;
    {
        const auto lock = FileLock::try_lock(path);
        REQUIRE(lock);
        child = ::fork();
        if (child == 0) {
            ::pause();
            ::_exit(0);
        }
    }
    CHECK(FileLock::is_held(path));
    CHECK(!FileLock::try_lock(path));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    CHECK(!FileLock::is_held(path));
    CHECK(FileLock::try_lock(path));
}
