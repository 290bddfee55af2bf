#include "packager/import.hpp"

#include <filesystem>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/oci.hpp"
#include "tests/support/faults.hpp"
#include "tests/support/files.hpp"
#include "tests/support/process.hpp"
#include "tests/support/sample_bundle.hpp"

using manifests::Code;
using manifests::Digest;
using manifests::Fault;
using packager::Form;
using packager::ImportResult;
using runtime::Bundle;
using tests::faults_with;
using tests::read_file;
using tests::SampleOptions;
using tests::TempDir;
using tests::write_file;

namespace {

// A bundle folder as another tool carried it.
class Carried {
public:
    explicit Carried(const SampleOptions& options = {
                         .form = SampleOptions::Form::folder, .bootable = false, .output = "layout"}) {
        const auto sample = tests::make_sample(folder, options);
        layout = sample.path;
        digest = sample.digest.text();
        original = folder / "original";
        std::filesystem::copy(layout, original, std::filesystem::copy_options::recursive);
    }
    std::string blob(const Digest& wanted) const { return layout + "/" + manifests::blob_name(wanted); }
    std::string file(const char* path) const {
        const Bundle bundle = Bundle::open(original);
        return blob(bundle.document().find(manifests::BundlePath::parse(path))->digest);
    }
    std::vector<std::string> items(manifests::ItemKind kind) const {
        const Bundle bundle = Bundle::open(original);
        std::vector<std::string> found;
        for (const auto& one : bundle.items())
            if (one.kind == kind) found.push_back(blob(one.digest));
        return found;
    }
    std::string item(manifests::ItemKind kind) const { return items(kind).at(0); }
    void lose(const std::string& path) const { REQUIRE(std::filesystem::remove(path)); }

    ImportResult import(std::vector<std::string> more = {}, Form form = Form::file) const {
        more.insert(more.begin(), layout);
        return packager::import_bundle({.layouts = more,
                                        .output = output(),
                                        .form = form,
                                        .digest = std::nullopt,
                                        .jobs = 1,
                                        .on_start = {}});
    }
    std::string output() const { return folder / "imported"; }
    bool nothing_is_left() const {
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
            const std::string name = entry.path().filename().string();
            if (name == "imported" || name.find(".sealift-") != std::string::npos) return false;
        }
        return true;
    }

    TempDir folder;
    std::string layout, original, digest;
};

std::vector<std::string> names_of(const ImportResult& result) {
    std::vector<std::string> names;
    for (const auto& missing : result.missing)
        names.push_back(missing.what);
    return names;
}

} // namespace

TEST_CASE("a whole layout is imported with its digest and signatures", "[packager][import]") {
    const Form form = GENERATE(Form::file, Form::folder);
    const Carried carried;
    const ImportResult result = carried.import({}, form);
    CHECK(result.is_whole());
    CHECK(result.digest.text() == carried.digest);
    CHECK(result.signatures == 3); // release, provenance, BOM reference
    CHECK(result.derived.empty());
    const Bundle bundle = Bundle::open(carried.output());
    CHECK(bundle.digest().text() == carried.digest);
    CHECK(bundle.carried().envelopes == Bundle::open(carried.original).carried().envelopes);
    CHECK(runtime::check_content(bundle, 1, {}).passed());
}

TEST_CASE("what follows from the bundle document may be lost", "[packager][import]") {
    using manifests::ItemKind;
    const auto [kind, name] =
        GENERATE(table<ItemKind, const char*>({{ItemKind::bundle_manifest, "bundle manifest (tag bundle)"},
                                               {ItemKind::model_manifest, "model manifest (tag model)"},
                                               {ItemKind::model_config, "model config"}}));
    CAPTURE(name);
    const bool damaged = GENERATE(false, true);
    const Carried carried;
    if (damaged) {
        tests::flip_bit(carried.item(kind), 100);
    } else {
        carried.lose(carried.item(kind));
    }
    const ImportResult result = carried.import();
    CHECK(result.is_whole());
    if (!damaged) CHECK(result.derived == std::vector<std::string>{name});
    CHECK(Bundle::open(carried.output()).digest().text() == carried.digest);
}

TEST_CASE("a file with the bytes of a lost document is there all the same", "[packager][import]") {
    const Carried carried(SampleOptions{
        .form = SampleOptions::Form::folder, .bootable = false, .known_answer = "{}", .output = "layout"});
    const std::string blob = carried.item(manifests::ItemKind::empty_config);
    CHECK(blob == carried.file("config/known_answer.json"));
    carried.lose(blob);
    const ImportResult result = carried.import();
    CHECK(result.is_whole());
    CHECK(result.derived.empty()); // two bytes that nobody has to be told of
    const Bundle bundle = Bundle::open(carried.output());
    CHECK(bundle.digest().text() == carried.digest);
    CHECK(runtime::check_content(bundle, 1, {}).passed());
}

TEST_CASE("index.json and the marker may be lost or be others'", "[packager][import]") {
    const auto text = GENERATE(as<std::string>(), "gone", "", "{", "[]", R"({"manifests":{}})",
                               R"({"manifests":[{},17,{"digest":"sha256:12"}]})");
    CAPTURE(text);
    const Carried carried;
    for (const char* name : {"/index.json", "/oci-layout"}) {
        if (text == "gone")
            carried.lose(carried.layout + name);
        else
            write_file(carried.layout + name, text);
    }
    CHECK(carried.import().is_whole());
    CHECK(Bundle::open(carried.output()).digest().text() == carried.digest);
}

TEST_CASE("what does not follow is named, all of it, and nothing is written", "[packager][import]") {
    const Carried carried;
    carried.lose(carried.file("weights/model-00002.gguf"));
    tests::resize_file(carried.file("docs/LICENSE"), 3);
    carried.lose(carried.item(manifests::ItemKind::profile));
    tests::flip_bit(carried.item(manifests::ItemKind::hardware_bom), 9);
    const ImportResult result = carried.import();
    CHECK_FALSE(result.is_whole());
    CHECK(names_of(result) ==
          std::vector<std::string>{"profile", "hardware BOM", "docs/LICENSE", "weights/model-00002.gguf"});
    CHECK(result.missing[0].found.empty());
    CHECK(result.missing[1].found.find("other bytes") != std::string::npos);
    CHECK(result.missing[2].found.find("3 bytes") != std::string::npos);
    CHECK(result.missing[3].blob.size_bytes == 150'004);
    CHECK(carried.nothing_is_left());
    CHECK(carried.import({carried.original}).is_whole()); // another layout has it all
}

TEST_CASE("damaged files are named, all of them, and nothing is written", "[packager][import]") {
    const Carried carried;
    tests::flip_bit(carried.file("weights/model-00002.gguf"), 100'000);
    tests::flip_bit(carried.file("kernels/libkernel.so"), 100);
    const ImportResult result = carried.import();
    CHECK_FALSE(result.is_whole());
    REQUIRE(result.damage.findings().size() == 2);
    CHECK(result.damage.has(Code::content_digest));
    CHECK(carried.nothing_is_left());
    CHECK(carried.import({carried.original}).is_whole());
    CHECK(runtime::check_content(Bundle::open(carried.output()), 1, {}).passed());
}

TEST_CASE("signatures that were not carried are told of", "[packager][import]") {
    const Carried carried;
    const auto envelopes = carried.items(manifests::ItemKind::envelope);
    const auto attestations = carried.items(manifests::ItemKind::attestation); // in the same order
    REQUIRE(envelopes.size() == 3);
    REQUIRE(attestations.size() == 3);
    carried.lose(envelopes[0]);
    const ImportResult half = carried.import();
    CHECK(half.missing.size() == 1); // its manifest says that there was one
    CHECK(carried.nothing_is_left());
    carried.lose(attestations[0]);
    CHECK(carried.import().signatures == 2);
    for (std::size_t i = 1; i < envelopes.size(); ++i) {
        carried.lose(envelopes[i]);
        carried.lose(attestations[i]);
    }
    std::filesystem::remove(carried.output());
    const ImportResult none = carried.import();
    CHECK(none.is_whole());
    CHECK(none.signatures == 0);
    CHECK(std::any_of(none.notes.begin(), none.notes.end(), [](const std::string& note) {
        return note.find("no signature arrived") != std::string::npos;
    }));
    CHECK(Bundle::open(carried.output()).digest().text() == carried.digest);
}

TEST_CASE("a signature of another bundle is not taken along", "[packager][import]") {
    const Carried carried;
    const auto other = tests::make_sample(
        carried.folder,
        {.form = SampleOptions::Form::folder, .version = "2.0.0", .bootable = false, .output = "other"});
    const Bundle bundle = Bundle::open(other.path);
    for (const auto& item : bundle.items()) {
        if (item.kind == manifests::ItemKind::attestation || item.kind == manifests::ItemKind::envelope)
            std::filesystem::copy_file(other.path + "/" + item.name(), carried.layout + "/" + item.name());
    }
    CHECK(carried.import().signatures == 3);
    CHECK(Bundle::open(carried.output()).carried().envelopes ==
          Bundle::open(carried.original).carried().envelopes);
}

TEST_CASE("without the document, the bundle manifest says what else is missing", "[packager][import]") {
    const Carried carried;
    carried.lose(carried.item(manifests::ItemKind::document));
    carried.lose(carried.file("kernels/libkernel.so"));
    const ImportResult result = carried.import();
    CHECK(names_of(result) == std::vector<std::string>{"bundle document", "kernels/libkernel.so"});
    CHECK(result.name.empty());
    CHECK(result.digest.text() == carried.digest);
}

TEST_CASE("of two bundles one has to be chosen", "[packager][import]") {
    const Carried carried;
    const auto other = tests::make_sample(
        carried.folder,
        {.form = SampleOptions::Form::folder, .version = "2.0.0", .bootable = false, .output = "other"});
    CHECK_THROWS_MATCHES(carried.import({other.path}), manifests::Error, faults_with(Fault::refused));
    CHECK(carried.nothing_is_left());
    for (const Digest& digest : {other.digest, Digest::parse(carried.digest)}) {
        const auto result = packager::import_bundle({.layouts = {carried.layout, other.path},
                                                     .output = carried.output(),
                                                     .form = Form::file,
                                                     .digest = digest,
                                                     .jobs = 1,
                                                     .on_start = {}});
        CHECK(result.is_whole());
        CHECK(Bundle::open(carried.output()).digest() == digest);
    }
    CHECK_THROWS_MATCHES(packager::import_bundle({.layouts = {carried.layout},
                                                  .output = carried.output(),
                                                  .form = Form::file,
                                                  .digest = Digest::of("none"),
                                                  .jobs = 1,
                                                  .on_start = {}}),
                         manifests::Error, faults_with(Fault::refused));
}

TEST_CASE("what has nothing of a bundle is refused", "[packager][import]") {
    const Carried carried;
    const std::string path = carried.folder / "foreign";
    const auto import = [&] {
        return packager::import_bundle({.layouts = {path},
                                        .output = carried.output(),
                                        .form = Form::file,
                                        .digest = std::nullopt,
                                        .jobs = 1,
                                        .on_start = {}});
    };
    CHECK_THROWS_MATCHES(import(), manifests::Error, faults_with(Fault::io));
    std::filesystem::create_directories(path);
    CHECK_THROWS_MATCHES(import(), manifests::Error, faults_with(Fault::damaged, Code::format_not_a_bundle));
    const std::string manifest = R"({"schemaVersion":2,"config":{},"layers":[]})";
    write_file(path + "/" + manifests::blob_name(Digest::of(manifest)), manifest);
    CHECK_THROWS_MATCHES(import(), manifests::Error, faults_with(Fault::damaged, Code::format_not_a_bundle));
    // What only begins like one of ours.
    for (const std::string_view text :
         {R"({"schema":"sealift.bundle/1"})", R"({"schema":"sealift.bundle/1","name":1})"})
        write_file(path + "/" + manifests::blob_name(Digest::of(text)), text);
    CHECK_THROWS_MATCHES(import(), manifests::Error, faults_with(Fault::damaged, Code::format_not_a_bundle));
    for (const std::string_view text : {"", "not a tar", "\x1f\x8b\x08"}) {
        std::filesystem::remove_all(path);
        write_file(path, text);
        CHECK_THROWS_MATCHES(import(), manifests::Error,
                             faults_with(Fault::damaged, Code::format_not_a_bundle));
    }
    CHECK(carried.nothing_is_left());
}

TEST_CASE("a blob that is a link is not there", "[packager][import]") {
    const Carried carried;
    const std::string blob = carried.file("docs/LICENSE");
    std::filesystem::rename(blob, carried.folder / "elsewhere");
    std::filesystem::create_symlink(carried.folder / "elsewhere", blob);
    CHECK(names_of(carried.import()) == std::vector<std::string>{"docs/LICENSE"});
}

TEST_CASE("tars of all kinds are listed with the places of their bytes", "[packager][import]") {
    // The writer decides how headers look: PAX records, GNU long names, neither.
    const auto format = GENERATE(as<std::string>(), "pax", "gnu", "ustar");
    CAPTURE(format);
    const Carried carried;
    const std::string tar = carried.folder / "layout.tar";
    REQUIRE(tests::run({"tar", "--format=" + format, "-C", carried.layout, "-cf", tar, "."}).status == 0);
    const auto import = [&] {
        return packager::import_bundle({.layouts = {tar},
                                        .output = carried.output(),
                                        .form = Form::file,
                                        .digest = std::nullopt,
                                        .jobs = 1,
                                        .on_start = {}});
    };
    CHECK(import().is_whole());
    CHECK(Bundle::open(carried.output()).digest().text() == carried.digest);
    std::filesystem::remove(carried.output());
    tests::resize_file(tar, std::filesystem::file_size(tar) / 2); // broken off: the rest is named
    const auto is_whole = [&] {
        try {
            return import().is_whole();
        } catch (const manifests::Error& error) { // broken off in front of the document
            return error.fault() != Fault::damaged;
        }
    };
    CHECK_FALSE(is_whole());
    CHECK(carried.nothing_is_left());
}
