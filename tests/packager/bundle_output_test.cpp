#include "packager/bundle_output.hpp"

#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "packager/copy_bundle.hpp"
#include "packager/pack_file.hpp"
#include "runtime/clone.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/plain_tree.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_bundle.hpp"
#include "tests/support/sample_document.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/verdict.hpp"

using manifests::Code;
using manifests::Fault;
using manifests::ItemKind;
using packager::Form;
using tests::faults_with;
using tests::TempDir;

namespace {

// A document whose bytes lie in a folder, ready to be packed as build packs it: the places from the sizes,
// the digests of what was written into the document, the document at last.
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
    manifests::Contents contents() const { return {document, assembly, envelopes}; }

    // Packs every file, and compares what was learned on the way with what the document says.
    void write(const std::string& output, Form form = Form::file, std::uint64_t hole_bytes = 0) const {
        const auto out = packager::open_output(output, form, items, hole_bytes);
        write_to(*out);
        out->finish(contents(), items);
    }
    void write_to(packager::BundleOutput& out) const {
        for (std::size_t i = 0; i < items.size(); ++i) {
            if (items[i].kind == ItemKind::file) pack(out, i);
            for (const auto& [kind, bytes] : carried) {
                if (items[i].kind != kind) continue;
                const packager::Target to = out.begin(i);
                if (to.file != nullptr)
                    runtime::write_at(*to.file, bytes.data(), bytes.size(), to.offset, to.where);
                out.end(i);
            }
        }
    }
    void pack(packager::BundleOutput& out, std::size_t item) const {
        const std::uint32_t number = items[item].number;
        const manifests::BundleFile& file = document.files.at(number);
        std::optional<std::size_t> table;
        for (std::size_t i = 0; i < items.size(); ++i)
            if (items[i].kind == ItemKind::chunk_table && items[i].number == number) table = i;
        const runtime::BlobAt source = open(file.path.text());
        if (after_opening) after_opening(file.path.text());
        const packager::Packed packed = packager::pack_file({source,
                                                             file.size_bytes,
                                                             out.begin(item),
                                                             table ? out.begin(*table) : packager::Target{},
                                                             false,
                                                             {}});
        out.end(item);
        if (table) out.end(*table);
        if (packed.digest != file.digest) throw manifests::Error(Fault::refused, "another digest");
        REQUIRE(packed.fs_verity == file.fs_verity);
        REQUIRE(packed.chunk_table == file.chunk_table);
    }

    TempDir inputs;
    std::function<void(const std::string&)> after_opening = {};
    manifests::BundleDocument document = tests::sample_document();
    manifests::Assembly assembly = manifests::assemble(document);
    std::vector<std::string> envelopes = {};
    std::map<ItemKind, std::string> carried = {
        {ItemKind::profile, tests::sample_documents().profile},
        {ItemKind::software_bom, tests::sample_documents().software_bom},
        {ItemKind::hardware_bom, tests::sample_documents().hardware_bom}};
    std::vector<manifests::LayoutItem> items = items_of(contents());
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
          "[packager][bundle_output]") {
    const Prepared prepared;
    const TempDir folder;
    prepared.write(folder / "a.sealift");
    const manifests::TarLayout plan = manifests::plan_tar(prepared.items);
    std::string wanted;
    for (const auto& entry : plan.entries)
        wanted += entry.name(prepared.items) + " " + std::to_string(entry.size_bytes) + " " +
                  std::to_string(entry.data_offset()) + " 0o644\n";
    CHECK(std::filesystem::file_size(folder / "a.sealift") == plan.total_bytes);
    const auto python = tests::run({"python3", "-c", list_with_python, folder / "a.sealift"});
    CHECK(python.error.empty());
    CHECK(python.out == wanted);
    const std::string bytes = tests::read_file(folder / "a.sealift");
    for (const auto& entry : plan.entries) {
        if (entry.padding != 0)
            CHECK(bytes.substr(entry.data_offset(), entry.size_bytes) == std::string(entry.size_bytes, '\0'));
        else if (prepared.items[entry.item].is_blob())
            CHECK(manifests::Digest::of(bytes.substr(entry.data_offset(), entry.size_bytes)) ==
                  prepared.items[entry.item].digest);
    }
    CHECK(bytes.substr(bytes.size() - 1024) == std::string(1024, '\0'));
}

TEST_CASE("GNU tar and bsdtar list a written bundle", "[packager][bundle_output]") {
    const Prepared prepared;
    const TempDir folder;
    prepared.write(folder / "a.sealift");
    std::string wanted;
    for (const auto& entry : manifests::plan_tar(prepared.items).entries)
        wanted += entry.name(prepared.items) + "\n";
    for (const char* program : {"tar", "bsdtar"}) {
        if (!tests::have_tool(program)) continue;
        const auto listed = tests::run({program, "-tf", folder / "a.sealift"});
        CHECK(listed.status == 0);
        CHECK(listed.error.empty());
        CHECK(listed.out == wanted);
    }
}

TEST_CASE("file and folder form hold the same blobs", "[packager][bundle_output]") {
    const Prepared prepared;
    const TempDir folder;
    prepared.write(folder / "a.sealift", Form::file);
    prepared.write(folder / "b/", Form::folder);
    REQUIRE(
        tests::run({"tar", "-xf", folder / "a.sealift", "-C", folder.path(), "--exclude", "sealift-padding"})
            .status == 0);
    CHECK(tests::run({"diff", "-r", folder / "blobs", folder / "b/blobs"}).status == 0);
    for (const char* name : {"/oci-layout", "/index.json"})
        CHECK(tests::read_file(folder.path() + name) == tests::read_file(folder / "b" + name));
}

TEST_CASE("an input that is not what it was is refused and nothing is left", "[packager][bundle_output]") {
    const Form form = GENERATE(Form::file, Form::folder);
    const auto [reason, change, code] = GENERATE(table<std::string, void (*)(const std::string&), Code>({
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
          "[packager][bundle_output]") {
    const Form form = GENERATE(Form::file, Form::folder);
    const std::uint64_t left = GENERATE(0, 10, 4096, 65'536, 69'999);
    CAPTURE(left);
    Prepared prepared;
    const TempDir folder;
    prepared.after_opening = [&](const std::string& path) { // its size was compared already
        if (path == "weights/model-1.bin") tests::resize_file(prepared.inputs / path, left);
    };
    CHECK_THROWS_MATCHES(prepared.write(folder / "a", form), manifests::Error,
                         faults_with(Fault::damaged, Code::format_truncated));
    CHECK(names_in(folder).empty());
}

TEST_CASE("what was packed is described by the bytes that were written", "[packager][bundle_output]") {
    const Prepared prepared;
    const TempDir folder;
    tests::flip_bit(prepared.inputs / "weights/model-3.bin", 1'199'999);
    const std::string bytes = tests::read_file(prepared.inputs / "weights/model-3.bin");
    const auto put = [&](const packager::Target& content, const packager::Target& table) {
        return packager::pack_file(
            {prepared.open("weights/model-3.bin"), bytes.size(), content, table, true, {}});
    };
    const packager::Packed packed = put({}, {}); // nowhere: the digests only
    CHECK(packed.digest == manifests::Digest::of(bytes));
    CHECK(packed.fs_verity == tests::plain_verity(bytes));
    CHECK(packed.chunk_table == manifests::Digest::of(tests::plain_chunks(bytes)));
    manifests::Hasher sha512(manifests::Hasher::Algorithm::sha512);
    sha512.update(bytes.data(), bytes.size());
    REQUIRE(packed.sha512);
    CHECK(std::string(packed.sha512->begin(), packed.sha512->end()) == sha512.finish_bytes());
    tests::write_file(folder / "both", "");
    const runtime::FileDescriptor both(::open((folder / "both").c_str(), O_RDWR | O_CLOEXEC));
    runtime::DiskWriter writer(both, GENERATE(runtime::Cache::keep, runtime::Cache::pass));
    const std::uint64_t at = GENERATE(7U, 4096U);
    const packager::Packed again = put({&both, at, "both", &writer}, {&both, 2'000'000, "both", &writer});
    CHECK(again.digest == packed.digest);
    CHECK(again.chunk_table == packed.chunk_table);
    CHECK(tests::read_file(folder / "both").substr(at, bytes.size()) == bytes);
    CHECK(tests::read_file(folder / "both").substr(2'000'000) == tests::plain_chunks(bytes));
}

TEST_CASE("the older bundle stays when the new one fails", "[packager][bundle_output]") {
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

TEST_CASE("what is no bundle is not replaced by one", "[packager][bundle_output]") {
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

TEST_CASE("an empty file or folder is replaced", "[packager][bundle_output]") {
    const Prepared prepared;
    const TempDir folder;
    tests::write_file(folder / "a", "");
    std::filesystem::create_directory(folder / "b");
    CHECK_NOTHROW(prepared.write(folder / "a", Form::file));
    CHECK_NOTHROW(prepared.write(folder / "b", Form::folder));
}

TEST_CASE("a file that is too large to write leaves nothing behind", "[packager][bundle_output]") {
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

TEST_CASE("a bundle has the same modes under every umask", "[packager][bundle_output]") {
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

TEST_CASE("stretches of zeros take no room and are there all the same, in both forms",
          "[packager][bundle_output]") {
    const Form form = GENERATE(Form::file, Form::folder);
    const std::uint64_t hole_bytes = GENERATE(0U, 4096U);
    CAPTURE(hole_bytes);
    Prepared prepared;
    const std::map<std::string, std::string> zeros = {
        {"weights/model-1.bin", std::string(70'000, '\0')},
        {"weights/model-3.bin", std::string(3 << 20, '\0')},
        {"weights/model-2.bin", std::string(1 << 20, 'x') + std::string(1 << 20, '\0')}, // and at the end
        {"docs/README.md", std::string(1, '\0')}};
    for (auto& file : prepared.document.files) {
        const auto found = zeros.find(file.path.text());
        if (found == zeros.end()) continue;
        tests::write_file(prepared.inputs / found->first, found->second);
        file = tests::file_of(found->first, file.role, found->second, file.mode);
    }
    prepared.assembly = manifests::assemble(prepared.document);
    prepared.items = items_of(prepared.contents());
    const TempDir folder;
    prepared.write(folder / "a", form, hole_bytes);
    if (form == Form::file) {
        const auto plan = manifests::plan_tar(prepared.items);
        REQUIRE(std::filesystem::file_size(folder / "a") == plan.total_bytes);
        const std::string bytes = tests::read_file(folder / "a");
        for (const auto& entry : plan.entries) {
            const auto& item = prepared.items[entry.item];
            CAPTURE(item.name());
            if (entry.padding == 0 && item.is_blob())
                CHECK(manifests::Digest::of(bytes.substr(entry.data_offset(), entry.size_bytes)) ==
                      item.digest);
        }
        return;
    }
    for (const auto& item : prepared.items) {
        CAPTURE(item.name());
        if (item.is_blob())
            CHECK(manifests::Digest::of(tests::read_file(folder / ("a/" + item.name()))) == item.digest);
    }
}

TEST_CASE("a copy is the same bundle in either form, and proven on the way", "[packager][copy_bundle]") {
    const TempDir folder;
    const auto sample = tests::make_sample(folder, {.bootable = false});
    const runtime::Bundle bundle = runtime::Bundle::open(sample.path);
    const std::vector<std::string> envelopes = bundle.carried().envelopes;
    const auto copy = [&](const runtime::Bundle& from, const std::string& to, Form form) {
        packager::copy_bundle({to, form, from, envelopes, 2, {}});
    };
    copy(bundle, folder / "folder", Form::folder);
    CHECK(tests::verdict_on(folder / "folder") == "trusted");
    copy(runtime::Bundle::open(folder / "folder"), folder / "back", Form::file);
    CHECK(tests::read_file(folder / "back") == tests::read_file(sample.path));
    for (const auto& item : bundle.items()) {
        if (manifests::is_derived(item.kind)) continue; // made anew, not copied
        CAPTURE(item.name());
        const std::string blob = folder / ("folder/" + item.name());
        tests::flip_bit(blob, item.size_bytes / 2);
        if (item.kind == ItemKind::file || item.kind == ItemKind::chunk_table) {
            const runtime::Bundle damaged = runtime::Bundle::open(folder / "folder");
            CHECK_THROWS_MATCHES(copy(damaged, folder / "copy", Form::file), manifests::Error,
                                 faults_with(Fault::damaged));
            CHECK_FALSE(std::filesystem::exists(folder / "copy"));
        }
        tests::flip_bit(blob, item.size_bytes / 2);
    }
    CHECK(tests::verdict_on(folder / "folder") == "trusted");
}
