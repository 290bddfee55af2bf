// Install is one transaction: the old site or the new one, whatever happens in between.

#include "runtime/install.hpp"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manifests/dsse.hpp"
#include "runtime/run_state.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/sample_bundle.hpp"

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using runtime::Bundle;
using runtime::Installed;
using runtime::Site;
using runtime::TrustDecision;
using runtime::TrustedBundle;
using tests::faults_with;
using tests::make_sample;
using tests::sample_key;
using tests::TempDir;
namespace fs = std::filesystem;

namespace {

const std::vector<manifests::PublicKey>& keys() {
    static const std::vector<manifests::PublicKey> list{sample_key('a'), sample_key('z')};
    return list;
}

TrustedBundle trusted(const std::string& path) {
    TrustDecision decision =
        TrustDecision::check_trust(std::make_shared<const Bundle>(Bundle::open(path)), keys());
    REQUIRE(decision.trusted);
    return *decision.trusted;
}

Installed install_into(const Site& site, const std::string& bundle, unsigned jobs = 1) {
    return runtime::install(trusted(bundle), keys(), site, {.jobs = jobs});
}

unsigned mode_of(const fs::path& path) {
    struct stat status {};
    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return static_cast<unsigned>(status.st_mode & 07777);
}

std::size_t entries_in(const std::string& path) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), {}));
}

// Whole and bootable as far as the files go.
bool is_whole(const runtime::Generation& generation) {
    const auto bundle = std::make_shared<const Bundle>(Bundle::open_generation(generation.path));
    return TrustDecision::check_trust(bundle, runtime::keys_of(generation)).trusted &&
           runtime::check_content(*bundle, 1, {}).passed();
}

} // namespace

TEST_CASE("an installed generation holds the files under their own paths, with the modes of the bundle",
          "[runtime][install]") {
    for (const mode_t mask : {0000, 0022, 0077}) {
        CAPTURE(mask);
        const TempDir folder;
        const auto sample = make_sample(folder, {.bootable = false});
        const Site site(folder / "site");
        const mode_t before = ::umask(mask);
        const Installed installed = install_into(site, sample.path, 2);
        ::umask(before);
        CHECK(!installed.was_there);
        const std::string at = installed.generation.path;
        CHECK(installed.generation.name == "000001-" + sample.digest.hex().substr(0, 16));
        CHECK(site.newest()->path == at);
        for (const char* name : {"weights/model-00001.gguf", "weights/model-00002.gguf",
                                 "weights/model-00003.gguf", "kernels/libkernel.so",
                                 "config/known_answer.json", "config/same_answer.json", "docs/LICENSE"}) {
            CAPTURE(name);
            CHECK(tests::read_file(at + "/files/" + name) == tests::read_file(sample.inputs + "/" + name));
            CHECK(mode_of(at + "/files/" + name) == 0644);
        }
        CHECK(mode_of(at + "/files/engine/stub_engine") == 0755);
        CHECK(mode_of(at) == 0755);
        CHECK(mode_of(at + "/files") == 0755);
        CHECK(mode_of(at + "/files/weights") == 0755);
        CHECK(mode_of(at + "/bundle/index.json") == 0644);
        CHECK(entries_in(at + "/keys") == 1); // of the two given, the one that signed
        CHECK(runtime::keys_of(installed.generation).at(0).key_id() == sample_key('a').key_id());
        CHECK(entries_in(site.staging_path()) == 0);
        CHECK(is_whole(installed.generation));
        CHECK(Bundle::open_generation(at).digest() == sample.digest);
        CHECK(!site.good()); // that is for booting to say
    }
}

TEST_CASE("the folder form installs like the file form", "[runtime][install]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.form = tests::SampleOptions::Form::folder, .bootable = false});
    const Site site(folder / "site");
    CHECK(is_whole(install_into(site, sample.path).generation));
}

TEST_CASE("installing the same bundle again says that it is there and writes nothing", "[runtime][install]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const Site site(folder / "site");
    const Installed first = install_into(site, sample.path);
    const Installed second = install_into(site, sample.path);
    CHECK(second.was_there);
    CHECK(second.generation.path == first.generation.path);
    CHECK(site.generations().size() == 1);
}

TEST_CASE("what came beside the bundle stays with the generation", "[runtime][install]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const Site site(folder / "site");
    CHECK(runtime::beside_of(install_into(site, sample.path).generation).empty());
    const manifests::Envelope envelope{"text/plain", "beside", {{"", "s"}}};
    const Site other(folder / "other");
    runtime::TrustBasis basis = keys();
    basis.beside = {envelope.encode()};
    const Installed installed = runtime::install(trusted(sample.path), basis, other, {.jobs = 1});
    CHECK(runtime::beside_of(installed.generation) == basis.beside);
    CHECK(mode_of(installed.generation.path + "/attestations.jsonl") == 0644);
    CHECK(is_whole(installed.generation));
    CHECK(runtime::install(trusted(sample.path), basis, other, {.jobs = 1}).was_there);
    tests::write_file(installed.generation.path + "/attestations.jsonl", "{");
    REQUIRE_THROWS_MATCHES(runtime::beside_of(installed.generation), Error,
                           faults_with(Fault::damaged, Code::trust_envelope));
    CHECK_FALSE(runtime::install(trusted(sample.path), basis, other, {.jobs = 1}).was_there);
}

TEST_CASE("another bundle is the next generation, and going back makes one more", "[runtime][install]") {
    const TempDir folder;
    const auto one = make_sample(folder, {.bootable = false, .output = "one"});
    const auto two = make_sample(folder, {.version = "2.0.0", .bootable = false, .output = "two"});
    const Site site(folder / "site");
    install_into(site, one.path);
    CHECK(install_into(site, two.path).generation.number == 2);
    const Installed back = install_into(site, one.path);
    CHECK(!back.was_there);
    CHECK(back.generation.number == 3);
}

TEST_CASE("a damaged generation is not taken for the bundle: a fresh one is made", "[runtime][install]") {
    using Row = std::tuple<const char*, void (*)(const std::string&)>;
    const std::vector<Row> rows{
        {"a flipped bit in the weights",
         [](const std::string& at) { tests::flip_bit(at + "/files/weights/model-00002.gguf", 70'000); }},
        {"a missing file", [](const std::string& at) { fs::remove(at + "/files/docs/LICENSE"); }},
        {"a spare file",
         [](const std::string& at) { tests::write_file(at + "/files/weights/more.gguf", "x"); }},
        {"another mode", [](const std::string& at) { ::chmod((at + "/files/docs/LICENSE").c_str(), 0666); }},
        {"a flipped bit in index.json",
         [](const std::string& at) { tests::flip_bit(at + "/bundle/index.json", 30); }},
        {"no files folder", [](const std::string& at) { fs::remove_all(at + "/files"); }},
        {"no bundle folder", [](const std::string& at) { fs::remove_all(at + "/bundle"); }},
        {"no keys", [](const std::string& at) { fs::remove_all(at + "/keys"); }},
        {"a broken key",
         [](const std::string& at) {
             for (const auto& entry : fs::directory_iterator(at + "/keys"))
                 tests::write_file(entry.path().string(), "x");
         }},
    };
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    for (const auto& [what, damage] : rows) {
        CAPTURE(what);
        const Site site(folder / what);
        damage(install_into(site, sample.path).generation.path);
        const Installed again = install_into(site, sample.path);
        CHECK(!again.was_there);
        CHECK(again.generation.number == 2);
        CHECK(is_whole(again.generation));
    }
}

TEST_CASE("what was planted in a generation is refused with its code when it is opened",
          "[runtime][install]") {
    using Row = std::tuple<const char*, Code, void (*)(const std::string&)>;
    const std::vector<Row> rows{
        {"a spare file", Code::layout_blob_spare,
         [](const std::string& at) { tests::write_file(at + "/files/engine/libevil.so", "x"); }},
        {"a spare file on top", Code::layout_blob_spare,
         [](const std::string& at) { tests::write_file(at + "/files/x", "x"); }},
        {"a spare folder", Code::layout_blob_spare,
         [](const std::string& at) { fs::create_directory(at + "/files/empty"); }},
        {"a folder in a file's place", Code::layout_blob_spare,
         [](const std::string& at) {
             fs::remove(at + "/files/docs/LICENSE");
             fs::create_directory(at + "/files/docs/LICENSE");
         }},
        {"a link beside the files", Code::layout_link,
         [](const std::string& at) { fs::create_symlink("/etc/passwd", at + "/files/docs/passwd"); }},
        {"a link in a file's place", Code::layout_link,
         [](const std::string& at) {
             fs::rename(at + "/files/docs/LICENSE", at + "/away");
             fs::create_symlink(at + "/away", at + "/files/docs/LICENSE");
         }},
        {"a link in a folder's place", Code::layout_link,
         [](const std::string& at) {
             fs::rename(at + "/files/docs", at + "/away");
             fs::create_directory_symlink(at + "/away", at + "/files/docs");
         }},
        {"a pipe", Code::layout_link,
         [](const std::string& at) { REQUIRE(::mkfifo((at + "/files/docs/pipe").c_str(), 0600) == 0); }},
        {"a file that all may write", Code::format_entry,
         [](const std::string& at) { ::chmod((at + "/files/weights/model-00001.gguf").c_str(), 0666); }},
        {"a set-user-id program", Code::format_entry,
         [](const std::string& at) { ::chmod((at + "/files/engine/stub_engine").c_str(), 04755); }},
        {"a program that is none any more", Code::format_entry,
         [](const std::string& at) { ::chmod((at + "/files/engine/stub_engine").c_str(), 0644); }},
        {"a spare document", Code::format_entry,
         [](const std::string& at) { tests::write_file(at + "/bundle/more", "x"); }},
        {"a spare blob", Code::layout_blob_spare,
         [](const std::string& at) {
             tests::write_file(at + "/bundle/blobs/sha256/" + std::string(64, 'a'), "x");
         }},
    };
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    for (const auto& [what, code, plant] : rows) {
        CAPTURE(what);
        const Site site(folder / what);
        const std::string at = install_into(site, sample.path).generation.path;
        plant(at);
        REQUIRE_THROWS_MATCHES(Bundle::open_generation(at), Error, faults_with(Fault::damaged, code));
    }
}

TEST_CASE("a damaged bundle leaves the site as it was", "[runtime][install]") {
    const TempDir folder;
    const auto good = make_sample(folder, {.bootable = false, .output = "good"});
    const auto bad = make_sample(folder, {.version = "2.0.0", .bootable = false, .output = "bad"});
    const Site site(folder / "site");
    install_into(site, good.path);
    const TrustedBundle opened = trusted(bad.path);
    const runtime::BlobAt weights = opened.bundle().locate(
        *opened.bundle().document().find(manifests::BundlePath::parse("weights/model-00002.gguf")));
    tests::flip_bit(bad.path, weights.offset + 100'000, 3);
    for (const unsigned jobs : {1U, 4U}) {
        REQUIRE_THROWS_MATCHES(runtime::install(opened, keys(), site, {.jobs = jobs}), Error,
                               faults_with(Fault::damaged, Code::content_digest));
        CHECK(site.generations().size() == 1);
        CHECK(entries_in(site.staging_path()) == 0);
    }
    tests::resize_file(bad.path, weights.offset + 1000); // cut short after it was opened
    REQUIRE_THROWS_MATCHES(runtime::install(opened, keys(), site, {.jobs = 1}), Error,
                           faults_with(Fault::damaged, Code::format_truncated));
    CHECK(entries_in(site.staging_path()) == 0);
    CHECK(install_into(site, good.path).was_there);
}

TEST_CASE("while another install runs, this one is refused and touches nothing", "[runtime][install]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const Site site(folder / "site");
    site.prepare();
    tests::write_file(site.staging_path() + "/000001-0123456789abcdef/half", "of the other");
    {
        const auto lock = runtime::FileLock::try_lock(site.path() + "/install.lock");
        REQUIRE(lock);
        REQUIRE_THROWS_MATCHES(install_into(site, sample.path), Error,
                               faults_with(Fault::refused, Code::site_state));
        CHECK(entries_in(site.staging_path()) == 1);
    }
    CHECK(install_into(site, sample.path).generation.number == 1);
    CHECK(entries_in(site.staging_path()) == 0);
}

TEST_CASE("an install that has too little room says so before it writes", "[runtime][install]") {
    const TempDir folder;
    const auto sample = make_sample(folder, {.bootable = false});
    const std::string small = folder / "small";
    fs::create_directory(small);
    if (::mount("none", small.c_str(), "tmpfs", 0, "size=128k") != 0) {
        WARN("not run: mounting a small tmpfs takes the right to mount");
        return;
    }
    const Site site(small + "/site");
    try {
        install_into(site, sample.path);
        FAIL_CHECK("it was installed into 128 KiB");
    } catch (const Error& error) {
        CHECK(error.code() == Code::site_space);
        CHECK(error.fault() == Fault::refused);
        CHECK(!error.hint().empty());
    }
    CHECK(site.generations().empty());
    CHECK(entries_in(site.staging_path()) == 0);
    ::umount(small.c_str());
}

TEST_CASE("an install killed at any moment leaves the old state or the new one", "[runtime][install]") {
    const TempDir folder;
    const auto old = make_sample(folder, {.bootable = false, .output = "old"});
    const auto fresh = make_sample(folder, {.version = "2.0.0", .bootable = false, .output = "fresh"});
    const Site site(folder / "site");
    install_into(site, old.path);
    const TrustedBundle bundle = trusted(fresh.path);
    std::size_t killed = 0;
    for (unsigned attempt = 0; attempt < 24; ++attempt) {
        CAPTURE(attempt);
        const auto before = site.generations().size();
        const pid_t child = ::fork();
        if (child == 0) {
            try {
                runtime::install(bundle, keys(), site, {.jobs = 1});
            } catch (...) {
                ::_exit(1);
            }
            ::_exit(0);
        }
        std::this_thread::sleep_for(std::chrono::microseconds(150 * attempt * attempt));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        killed += WIFSIGNALED(status) ? 1 : 0;
        const auto after = site.generations();
        REQUIRE(after.size() <= before + 1);
        for (const runtime::Generation& generation : after)
            REQUIRE(is_whole(generation));
        if (after.size() > before) fs::remove_all(after.back().path); // again from the old state
    }
    CHECK(killed > 3);
    CHECK(install_into(site, fresh.path).generation.number == 2);
    CHECK(entries_in(site.staging_path()) == 0);
    CHECK(is_whole(*site.newest()));
}
