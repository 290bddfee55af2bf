// The bytes of software BOMs, held by digest: their texts would be megabytes that nobody reads.

#include <algorithm>

#include <catch2/catch.hpp>

#include "manifests/digest.hpp"
#include "packager/hardware_bom.hpp"
#include "packager/software_bom.hpp"
#include "tests/support/bom_samples.hpp"
#include "tests/support/elf_image.hpp"
#include "tests/support/golden.hpp"

using manifests::Role;
using tests::SoftwareSample;

namespace {

std::string line_of(const std::string& name, const SoftwareSample& sample) {
    const std::string text = packager::software_bom(sample.inputs());
    return name + " " + std::to_string(text.size()) + " " + manifests::Digest::of(text).hex() + "\n";
}

SoftwareSample one_weight_without_sha512() {
    SoftwareSample sample = tests::sample_software();
    sample.files.erase(sample.files.begin());
    sample.files[0].sha512.reset();
    return sample;
}

SoftwareSample nothing_but_a_document() {
    SoftwareSample sample = tests::sample_software();
    sample.files = {tests::bom_file("docs/a.md", Role::doc, "a")};
    sample.kernels.clear();
    sample.licences.clear();
    sample.about.profile_bytes = {};
    sample.about.supplier.reset();
    return sample;
}

// With this entry point no program owns the libraries, so the bundle does.
SoftwareSample crowd_started_by_a_script() {
    SoftwareSample sample = tests::crowded_software(300);
    sample.about.entrypoint = sample.files[4].file.path;
    sample.files[4].elf.reset();
    sample.files[4].file.mode = manifests::FileMode::plain;
    return sample;
}

SoftwareSample crowd_started_by_one_program() {
    SoftwareSample sample = tests::crowded_software(300);
    sample.files.push_back(tests::sample_software().files.at(3));
    sample.files.back().file.path = manifests::BundlePath::parse("engine/main");
    sample.about.entrypoint = sample.files.back().file.path;
    return sample;
}

// Other values, equal where these are.
manifests::Digest other_digest(const manifests::Digest& digest) {
    return manifests::Digest::of("not " + digest.text());
}

std::uint64_t length_of(const SoftwareSample& sample) {
    std::uint64_t size_bytes = 0;
    packager::write_software_bom(sample.inputs(),
                                 [&](std::string_view piece) { size_bytes += piece.size(); });
    return size_bytes;
}

} // namespace

TEST_CASE("the bytes of software BOMs do not change unnoticed", "[packager][bom]") {
    SoftwareSample linked = tests::sample_software();
    const std::string hardware = packager::hardware_bom(tests::sample_hardware());
    linked.about.hardware_bom = hardware;
    linked.about.time_s = 1'767'225'600;
    std::string lines = line_of("everything", tests::sample_software());
    lines += line_of("linked-to-hardware", linked);
    lines += line_of("one-weight-without-sha512", one_weight_without_sha512());
    lines += line_of("a-document", nothing_but_a_document());
    lines += line_of("crowd-of-scripts", crowd_started_by_a_script());
    lines += line_of("crowd-of-one-program", crowd_started_by_one_program());
    lines += line_of("crowd-of-many-programs", tests::crowded_software(5000));
    CHECK(tests::matches_golden("tests/packager/golden/software_boms.txt", lines));
}

TEST_CASE("a software BOM has the same length whatever its digests are", "[packager][bom]") {
    const bool crowd = GENERATE(false, true);
    SoftwareSample sample = crowd ? tests::crowded_software(300) : tests::sample_software();
    const std::string text = packager::software_bom(sample.inputs());
    for (tests::SampleFile& file : sample.files) {
        file.file.digest = other_digest(file.file.digest);
        if (file.sha512) file.sha512->fill(0);
    }
    for (manifests::KernelEntry& kernel : sample.kernels) {
        for (manifests::Digest& digest : kernel.fits)
            digest = other_digest(digest);
        std::sort(kernel.fits.begin(), kernel.fits.end());
    }
    CHECK(packager::software_bom(sample.inputs()) != text);
    CHECK(length_of(sample) == text.size());
}

TEST_CASE("a software BOM is given out in pieces of bounded length", "[packager][bom]") {
    const SoftwareSample sample = tests::crowded_software(2000);
    std::size_t longest_bytes = 0;
    packager::write_software_bom(sample.inputs(), [&](std::string_view piece) {
        longest_bytes = std::max(longest_bytes, piece.size());
    });
    CHECK(longest_bytes < 100'000);
}
