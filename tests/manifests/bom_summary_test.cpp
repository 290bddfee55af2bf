#include "manifests/bom_summary.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "tests/support/faults.hpp"

using manifests::BomRow;
using manifests::Fault;
using manifests::NextPiece;
using tests::faults_with;

namespace {

NextPiece in_pieces(std::string text, std::size_t piece_bytes) {
    return [text = std::move(text), at = std::size_t{0}, piece_bytes]() mutable {
        const std::string_view piece = std::string_view(text).substr(at, piece_bytes);
        at += piece.size();
        return piece;
    };
}

std::string document(const std::string& members) {
    return R"({"bomFormat":"CycloneDX","specVersion":"1.6",)" + members + "}";
}

std::string names_of(const std::vector<BomRow>& rows) {
    std::string names;
    for (const BomRow& row : rows)
        names += row.name + " ";
    return names;
}

// Parts in front of the members of their own component, and the described thing last.
const std::string backwards = document(R"("components":[{"type":"file","name":"a"},
    {"components":[{"components":[{"type":"file","name":"d"}],"name":"c","type":"file"},{"name":"e","type":"file"}],
     "version":"7","type":"data","name":"b","hashes":[]},
    {"type":"file","name":"f","components":[]}],
    "dependencies":[{"ref":"a","components":[{"name":7}]}],
    "metadata":{"timestamp":"2026-01-01T00:00:00Z","tools":{"components":[{"type":"application","name":"tool"}]},
     "component":{"components":[{"type":"file","name":"part"}],"type":"application","name":"described"},
     "lifecycles":[{"phase":"build"}]})");

} // namespace

TEST_CASE("a component stands before its parts, wherever its members stand", "[manifests][bom]") {
    const auto summary = manifests::read_bom_summary(backwards);
    CHECK(names_of(summary.rows) == "described part a b c d e f ");
    CHECK(summary.rows.at(3).version == "7");
    CHECK(summary.timestamp == "2026-01-01T00:00:00Z");
    CHECK(summary.phase == "build");
}

TEST_CASE("a long bill of material is read row by row, twice", "[manifests][bom]") {
    const std::size_t piece_bytes = GENERATE(1, 7, 4096);
    std::vector<BomRow> seen, rows;
    std::size_t readings = 0;
    const auto head = manifests::read_bom_rows([&] { return ++readings, in_pieces(backwards, piece_bytes); },
                                               [&](const BomRow& row) { seen.push_back(row); },
                                               [&](const BomRow& row) { rows.push_back(row); });
    CHECK(readings == 2);
    CHECK(head.spec_version == "1.6");
    CHECK(seen.size() == 8);
    CHECK(names_of(rows) == "described part a b c d e f ");
    CHECK(manifests::read_bom_head(in_pieces(backwards, piece_bytes)).timestamp == head.timestamp);
}

TEST_CASE("no row is given out of a document that has something wrong", "[manifests][bom]") {
    const std::string first = R"("components":[{"type":"file","name":"a"})";
    const std::string bad = GENERATE_COPY(values<std::string>({
        document(first + R"(,{"type":"file"}])"),
        document(first + R"(,[]])"),
        document(first + R"(,"x"])"),
        document(first + R"(,{"type":"file","name":"x","components":{}}])"),
        document(first + R"(,{"type":"file","name":"x","components":[{"type":"file"}]}])"),
        document(first + R"(],"metadata":[])"),
        document(first + R"(],"metadata":{"component":"x"})"),
        document(first + R"(],"metadata":{"component":{"type":"file"}})"),
        document(first + R"(],"metadata":{"lifecycles":{}})"),
        document(first + R"(],"components":[])"),
        document(first + R"(],"serialNumber":7)"),
        document(first + R"(],"vulnerabilities":[)"),
        document(first + R"(])") + "x",
        "\xef\xbb\xbf" + document(first + "]"),
        std::string(R"({"specVersion":"1.6",)") + first + "]}",
    }));
    CAPTURE(bad);
    const auto read = [&](const manifests::TakeRow& row) {
        manifests::read_bom_rows([&] { return in_pieces(bad, 16); }, [](const BomRow&) {}, row);
    };
    std::size_t rows = 0;
    REQUIRE_THROWS_MATCHES(read([&](const BomRow&) { ++rows; }), manifests::Error,
                           faults_with(Fault::damaged));
    CHECK(rows == 0);
}

TEST_CASE("a bill of material that changes between its readings is refused", "[manifests][bom]") {
    const std::string before = document(R"("components":[{"type":"file","name":"a"}])");
    const std::string after = document(R"("components":[{"type":"file","name":"a","components":[]}])");
    bool again = false;
    const auto open = [&] { return in_pieces(std::exchange(again, true) ? after : before, 16); };
    REQUIRE_THROWS_MATCHES(manifests::read_bom_rows(
                               open, [](const BomRow&) {}, [](const BomRow&) {}),
                           manifests::Error, faults_with(Fault::damaged));
}
