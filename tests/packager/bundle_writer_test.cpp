#include "packager/bundle_writer.hpp"

#include <csignal>
#include <filesystem>
#include <optional>

#include <catch2/catch.hpp>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_document.hpp"
#include "tests/support/temp_dir.hpp"

using manifests::Code;
using manifests::Fault;
using packager::Form;
using packager::write_bundle;
using tests::faults_with;
using tests::TempDir;

namespace {

// A document whose bytes lie in a folder, ready to be written.
class Prepared {
public:
    Prepared() {
        for (const auto& [path, bytes] : tests::sample_contents())
            tests::write_file(inputs / path, bytes);
    }
    runtime::BlobAt open(const std::string& path) const {
        auto file = std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(inputs / path));
        const std::uint64_t size_bytes = runtime::facts_of(*file, path).size_bytes;
        return {file, 0, size_bytes, path};
    }
    void write(const std::string& output, Form form = Form::file, unsigned jobs = 2) const {
        const auto locate = [&](const manifests::BundleFile& file) { return open(file.path.text()); };
        write_bundle({output, form, items, locate, jobs, {}});
    }

    TempDir inputs;
    manifests::BundleDocument document = tests::sample_document();
    std::vector<manifests::LayoutItem> items =
        items_of(manifests::assemble(document), document, tests::sample_carried());
};

std::vector<std::string> names_in(const TempDir& folder) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
        names.push_back(entry.path().filename().string());
    return names;
}

constexpr const char* list_with_python = R"(
import sys, tarfile
for e in tarfile.open(sys.argv[1]):
    assert e.isfile() and e.mtime == 0 and e.uid == 0 and e.gid == 0 and not e.uname and not e.gname, e
    print(e.name, e.size, e.offset_data, oct(e.mode))
)";

} // namespace

TEST_CASE("a written bundle has every entry where the plan says, also for Python",
          "[packager][bundle_writer]") {
    const Prepared prepared;
    const TempDir folder;
    prepared.write(folder / "a.sealift");
    const manifests::TarLayout plan = manifests::plan_tar(prepared.items);
    std::string wanted;
    for (const auto& entry : plan.entries)
        wanted += entry.name + " " + std::to_string(entry.size_bytes) + " " +
                  std::to_string(entry.data_offset) + " 0o644\n";
    CHECK(std::filesystem::file_size(folder / "a.sealift") == plan.total_bytes);
    const auto python = tests::run({"python3", "-c", list_with_python, folder / "a.sealift"});
    CHECK(python.error.empty());
    CHECK(python.out == wanted);
    const std::string bytes = tests::read_file(folder / "a.sealift");
    for (const auto& entry : plan.entries) {
        if (entry.padding)
            CHECK(bytes.substr(entry.data_offset, entry.size_bytes) == std::string(entry.size_bytes, '\0'));
    }
    CHECK(bytes.substr(bytes.size() - 1024) == std::string(1024, '\0'));
}

TEST_CASE("GNU tar and bsdtar list a written bundle", "[packager][bundle_writer]") {
    const Prepared prepared;
    const TempDir folder;
    prepared.write(folder / "a.sealift");
    std::string wanted;
    for (const auto& entry : manifests::plan_tar(prepared.items).entries)
        wanted += entry.name + "\n";
    for (const char* program : {"tar", "bsdtar"}) {
        if (!tests::have_tool(program)) continue;
        const auto listed = tests::run({program, "-tf", folder / "a.sealift"});
        CHECK(listed.status == 0);
        CHECK(listed.error.empty());
        CHECK(listed.out == wanted);
    }
}

TEST_CASE("file and folder form hold the same blobs", "[packager][bundle_writer]") {
    const Prepared prepared;
    const TempDir folder;
    prepared.write(folder / "a.sealift", Form::file, 1);
    prepared.write(folder / "b/", Form::folder, 3);
    REQUIRE(
        tests::run({"tar", "-xf", folder / "a.sealift", "-C", folder.path(), "--exclude", "sealift-padding"})
            .status == 0);
    CHECK(tests::run({"diff", "-r", folder / "blobs", folder / "b/blobs"}).status == 0);
    for (const char* name : {"/oci-layout", "/index.json"})
        CHECK(tests::read_file(folder.path() + name) == tests::read_file(folder / "b" + name));
}

TEST_CASE("an input that is not what it was is refused and nothing is left", "[packager][bundle_writer]") {
    const Form form = GENERATE(Form::file, Form::folder);
    const auto [reason, change, code] = GENERATE(table<std::string, void (*)(const std::string&), Code>({
        {"one bit", [](const std::string& path) { tests::flip_bit(path, 69'999); }, Code::content_digest},
        {"shorter", [](const std::string& path) { tests::resize_file(path, 69'999); }, Code::content_size},
        {"longer", [](const std::string& path) { tests::resize_file(path, 70'001); }, Code::content_size},
        {"empty", [](const std::string& path) { tests::resize_file(path, 0); }, Code::content_size},
    }));
    CAPTURE(reason);
    const Prepared prepared;
    const TempDir folder;
    change(prepared.inputs / "weights/model-1.bin");
    CHECK_THROWS_MATCHES(prepared.write(folder / "a", form), manifests::Error,
                         faults_with(Fault::damaged, code));
    CHECK(names_in(folder).empty());
}

TEST_CASE("an input that shrinks while it is read is refused and nothing is left",
          "[packager][bundle_writer]") {
    const Prepared prepared;
    const TempDir folder;
    const auto locate = [&](const manifests::BundleFile& file) {
        const runtime::BlobAt blob = prepared.open(file.path.text());
        if (file.path.text() == "weights/model-1.bin") // after it was opened and its size compared
            tests::resize_file(prepared.inputs / file.path.text(), 10);
        return blob;
    };
    CHECK_THROWS_AS(write_bundle({folder / "a", Form::file, prepared.items, locate, 1, {}}),
                    manifests::Error);
    CHECK(names_in(folder).empty());
}

TEST_CASE("the older bundle stays when the new one fails", "[packager][bundle_writer]") {
    const Form form = GENERATE(Form::file, Form::folder);
    const Prepared prepared;
    const TempDir folder;
    prepared.write(folder / "a", form);
    const std::string index = form == Form::file ? "a" : "a/index.json";
    const std::string before = tests::read_file(folder / index);
    tests::flip_bit(prepared.inputs / "weights/model-1.bin", 0);
    CHECK_THROWS_AS(prepared.write(folder / "a", form), manifests::Error);
    CHECK(tests::read_file(folder / index) == before);
    CHECK(names_in(folder) == std::vector<std::string>{"a"});
    tests::flip_bit(prepared.inputs / "weights/model-1.bin", 0);
    CHECK_NOTHROW(prepared.write(folder / "a", form)); // and is replaced when it does not
    CHECK(names_in(folder) == std::vector<std::string>{"a"});
}

TEST_CASE("what is no bundle is not replaced by one", "[packager][bundle_writer]") {
    const auto [reason, form, make] = GENERATE(table<std::string, Form, void (*)(const std::string&)>({
        {"a file of another kind", Form::file, [](const std::string& p) { tests::write_file(p, "GGUF and more"); }},
        {"a file of one byte", Form::file, [](const std::string& p) { tests::write_file(p, "o"); }},
        {"another tar", Form::file, [](const std::string& p) { tests::write_file(p, "oci-layout.txt" + std::string(600, '\0')); }},
        {"a folder for a file", Form::file, [](const std::string& p) { std::filesystem::create_directory(p); }},
        {"a link", Form::file, [](const std::string& p) { std::filesystem::create_symlink("gone", p); }},
        {"a device", Form::file, [](const std::string& p) { std::filesystem::create_symlink("/dev/null", p); }},
        {"a folder with something", Form::folder, [](const std::string& p) { tests::write_file(p + "/a", ""); }},
        {"a layout with something else", Form::folder,
         [](const std::string& p) {
             tests::write_file(p + "/oci-layout", "{}");
             tests::write_file(p + "/thesis.odt", "years of work");
         }},
        {"only blobs", Form::folder, [](const std::string& p) { tests::write_file(p + "/blobs/a", ""); }},
        {"a file for a folder", Form::folder, [](const std::string& p) { tests::write_file(p, ""); }},
    }));
    CAPTURE(reason);
    const Prepared prepared;
    const TempDir folder;
    make(folder / "a");
    CHECK_THROWS_MATCHES(prepared.write(folder / "a", form), manifests::Error, faults_with(Fault::usage));
    CHECK(names_in(folder) == std::vector<std::string>{"a"});
}

TEST_CASE("an empty file or folder is replaced", "[packager][bundle_writer]") {
    const Prepared prepared;
    const TempDir folder;
    tests::write_file(folder / "a", "");
    std::filesystem::create_directory(folder / "b");
    CHECK_NOTHROW(prepared.write(folder / "a", Form::file));
    CHECK_NOTHROW(prepared.write(folder / "b", Form::folder));
}

TEST_CASE("a file that is too large to write leaves nothing behind", "[packager][bundle_writer]") {
    const Form form = GENERATE(Form::file, Form::folder);
    const Prepared prepared;
    const TempDir folder;
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 50'000;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    std::optional<Fault> fault;
    try {
        prepared.write(folder / "a", form);
    } catch (const manifests::Error& error) {
        fault = error.fault();
    }
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, handler);
    CHECK(fault == Fault::io);
    CHECK(names_in(folder).empty());
}

TEST_CASE("a bundle has the same modes under every umask", "[packager][bundle_writer]") {
    const Prepared prepared;
    const TempDir folder;
    const mode_t before = ::umask(0077);
    prepared.write(folder / "a", Form::file);
    prepared.write(folder / "b", Form::folder);
    ::umask(before);
    const auto mode_of = [&](const std::string& name) {
        return static_cast<unsigned>(std::filesystem::status(folder / name).permissions());
    };
    CHECK(mode_of("a") == 0644);
    CHECK(mode_of("b") == 0755);
    CHECK(mode_of("b/blobs/sha256") == 0755);
    CHECK(mode_of("b/index.json") == 0644);
}
