#include "manifests/finding.hpp"

#include <algorithm>
#include <regex>
#include <set>
#include <string>

#include <catch2/catch.hpp>

#include "tests/support/files.hpp"

using manifests::all_codes;
using manifests::Code;
using manifests::meaning_of;
using manifests::name_of;
using manifests::Report;
using manifests::Severity;

namespace {

// The enumerators of Code as the header spells them: the compiler cannot list them for us.
std::vector<std::string> enumerators() {
    const std::string header = tests::read_file(tests::source_file("manifests/finding.hpp"));
    const std::size_t start = header.find("enum class Code {");
    const std::string body = header.substr(start + 17, header.find("};", start) - start - 17);
    std::vector<std::string> names;
    const std::regex name(R"((^|\n)\s*([a-z0-9_]+),)");
    for (std::sregex_iterator match(body.begin(), body.end(), name), end; match != end; ++match)
        names.push_back((*match)[2]);
    return names;
}

std::string code_name_of(std::string enumerator) {
    std::transform(enumerator.begin(), enumerator.end(), enumerator.begin(), [](char c) {
        return c == '_' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return "SL-" + enumerator;
}

} // namespace

TEST_CASE("every code has one row, in the order of the enum, and is named like its enumerator",
          "[manifests][finding]") {
    const auto names = enumerators();
    REQUIRE(names.size() > 30);
    REQUIRE(all_codes().size() == names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        CAPTURE(i, names[i]);
        REQUIRE(static_cast<std::size_t>(all_codes()[i]) == i);
        REQUIRE(name_of(static_cast<Code>(i)) == code_name_of(names[i]));
    }
}

TEST_CASE("code names are unique and of one form, and so are their meanings", "[manifests][finding]") {
    const std::regex form("SL-[A-Z]+(-[A-Z]+)*");
    std::set<std::string_view> names;
    std::set<std::string_view> meanings;
    for (const Code code : all_codes()) {
        const std::string name(name_of(code));
        const std::string_view meaning = meaning_of(code);
        CAPTURE(name, meaning);
        REQUIRE(std::regex_match(name, form));
        REQUIRE(names.insert(name_of(code)).second);
        REQUIRE(meanings.insert(meaning).second);
        REQUIRE(meaning.size() > 15);
        REQUIRE(meaning.size() < 100);
        REQUIRE(meaning.find('\n') == std::string_view::npos);
        REQUIRE(meaning.back() != '.');
    }
}

TEST_CASE("a report passes only when nothing was refused and nothing was left unchecked",
          "[manifests][finding]") {
    Report report;
    REQUIRE(report.passed());
    report.add({Code::fit_driver, "npu0", "found 25.0, wanted 25.2 or newer", "", Severity::note});
    REQUIRE(report.passed());

    SECTION("a refusal fails it") {
        report.add({Code::content_digest, "weights/a", "found x, wanted y", ""});
        REQUIRE_FALSE(report.passed());
        REQUIRE(report.has(Code::content_digest));
        REQUIRE_FALSE(report.has(Code::content_size));
    }
    SECTION("so does a check that could not run") {
        report.add({Code::trust_key, "k", "key could not be read", "", Severity::not_checked});
        REQUIRE_FALSE(report.passed());
    }
    SECTION("and a later note does not heal it") {
        report.add({Code::content_digest, "weights/a", "found x, wanted y", ""});
        report.add({Code::content_digest, "weights/b", "fine", "", Severity::note});
        REQUIRE_FALSE(report.passed());
    }
}

TEST_CASE("a finding is a refusal unless it says otherwise", "[manifests][finding]") {
    const manifests::Finding finding{Code::site_space, "", "", ""};
    REQUIRE(finding.severity == Severity::refusal);
}

TEST_CASE("merged reports keep every finding, in order", "[manifests][finding]") {
    Report first;
    Report second;
    first.add({Code::content_size, "a", "", ""});
    second.add({Code::content_digest, "b", "", ""});
    second.add({Code::content_digest, "c", "", ""});
    first.merge(std::move(second));
    REQUIRE(first.findings().size() == 3);
    REQUIRE(first.findings()[0].where == "a");
    REQUIRE(first.findings()[2].where == "c");
}
