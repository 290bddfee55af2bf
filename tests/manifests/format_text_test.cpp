// The table of finding codes in FORMAT.md against the table in the code: readers of other people print these
// codes, so the page is a promise.

#include <cctype>
#include <set>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "manifests/finding.hpp"
#include "manifests/media_types.hpp"
#include "tests/support/files.hpp"

namespace {

std::string page() {
    return tests::read_file(tests::source_file("manifests/FORMAT.md"));
}

// Every word that looks like a finding code.
std::set<std::string> codes_in(std::string_view text) {
    std::set<std::string> codes;
    for (std::size_t at = text.find("SL-"); at != std::string_view::npos; at = text.find("SL-", at + 1)) {
        std::size_t end = at;
        while (end < text.size() &&
               (std::isupper(static_cast<unsigned char>(text[end])) != 0 || text[end] == '-'))
            ++end;
        codes.emplace(text.substr(at, end - at));
    }
    return codes;
}

} // namespace

TEST_CASE("FORMAT.md has every finding code with its exact meaning", "[manifests][format]") {
    const std::string text = page();
    for (const manifests::Code code : manifests::all_codes()) {
        const std::string row = "| `" + std::string(manifests::name_of(code)) + "` | " +
                                std::string(manifests::meaning_of(code)) + " |";
        CAPTURE(row);
        CHECK(text.find("\n" + row) != std::string::npos);
    }
}

TEST_CASE("FORMAT.md has no finding code that the code does not know", "[manifests][format]") {
    const std::set<std::string> codes = codes_in(page());
    CHECK(codes.size() == manifests::all_codes().size());
    for (const std::string& name : codes) {
        CAPTURE(name);
        CHECK(manifests::code_named(name).has_value());
    }
}

TEST_CASE("codes are found in running text", "[manifests][format]") {
    CHECK(codes_in("`SL-PATH-UNCLEAN`, (SL-PATH-LOST) or sl-path") ==
          std::set<std::string>{"SL-PATH-UNCLEAN", "SL-PATH-LOST"});
}

TEST_CASE("FORMAT.md spells every media type and annotation as the code does", "[manifests][format]") {
    namespace media = manifests::media;
    const std::string text = page();
    for (const std::string_view name : {media::oci_manifest,     media::oci_empty,
                                        media::annotation_title, media::annotation_ref_name,
                                        media::model_artifact,   media::model_config,
                                        media::model_weight,     media::model_weight_config,
                                        media::model_doc,        media::annotation_filepath,
                                        media::bundle_artifact,  media::bundle_document,
                                        media::kernel,           media::engine,
                                        media::config,           media::profile,
                                        media::cyclonedx,        media::policy_payload,
                                        media::dsse_envelope,    media::in_toto_payload,
                                        media::policy_artifact,  media::chunk_table}) {
        CAPTURE(name);
        CHECK(text.find("`" + std::string(name) + "`") != std::string::npos);
    }
}
