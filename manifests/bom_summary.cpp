#include "manifests/bom_summary.hpp"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "manifests/bom_row_reader.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/json_pieces.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view why_others = "CycloneDX has some 200 members and readers take what they know";

std::string name_in(const Json* organisation) {
    if (organisation == nullptr) return "";
    Fields fields(*organisation);
    const std::string name = fields.text_or("name", "");
    fields.allow_others(why_others);
    return name;
}

std::string licence_in(const Json& choice) {
    Fields fields(choice);
    std::string text = fields.text_or("expression", "");
    if (const Json* licence = fields.maybe("license")) {
        Fields inner(*licence);
        text = inner.text_or("id", inner.text_or("name", ""));
        inner.allow_others(why_others);
    }
    fields.allow_others(why_others);
    return text;
}

std::string licences_in(const Json* licences) {
    std::string joined;
    if (licences == nullptr) return joined;
    for (const Json& choice : *licences) {
        const std::string text = licence_in(choice);
        if (text.empty()) continue;
        if (!joined.empty()) joined += ", ";
        joined += text;
    }
    return joined;
}

// Other tools write upper-case hex.
std::string sha256_in(const Json* hashes) {
    if (hashes == nullptr) return "";
    for (const Json& hash : *hashes) {
        Fields fields(hash);
        const std::string algorithm = fields.text("alg");
        std::string content = fields.text("content");
        fields.allow_others(why_others);
        if (algorithm != "SHA-256") continue;
        std::transform(content.begin(), content.end(), content.begin(),
                       [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c; });
        if (content.size() != 64 || content.find_first_not_of("0123456789abcdef") != std::string::npos) {
            refuse_document("SHA-256 is " + in_quotes(content) + ", wanted 64 hex digits");
        }
        return content;
    }
    return "";
}

BomRow row_of(const Json& component) {
    Fields fields(component);
    BomRow row;
    row.type = fields.text("type");
    row.name = fields.text("name");
    const std::string range = fields.text_or("versionRange", "");
    row.version = fields.text_or("version", range);
    row.licence = licences_in(fields.maybe_array("licenses"));
    row.sha256 = sha256_in(fields.maybe_array("hashes"));
    const std::string manufacturer = name_in(fields.maybe("manufacturer"));
    row.supplier = name_in(fields.maybe("supplier"));
    if (row.supplier.empty()) row.supplier = manufacturer;
    row.ref = fields.text_or("bom-ref", "");
    row.is_external = fields.flag_or("isExternal", false);
    fields.maybe_array("components");
    fields.allow_others(why_others);
    return row;
}

void read_metadata(const Json& metadata, BomHead& head) {
    Fields fields(metadata);
    head.timestamp = fields.text_or("timestamp", "");
    if (const Json* lifecycles = fields.maybe_array("lifecycles")) {
        for (const Json& lifecycle : *lifecycles) {
            Fields inner(lifecycle);
            head.phase = inner.text_or("phase", inner.text_or("name", ""));
            inner.allow_others(why_others);
            break;
        }
    }
    if (const Json* component = fields.maybe("component")) row_of(*component); // is no object: throws
    fields.allow_others(why_others);
}

BomHead head_of(const Json& document) {
    Fields fields(document);
    fields.must_be("bomFormat", "CycloneDX");
    BomHead head;
    head.spec_version = fields.text("specVersion");
    if (!head.spec_version.starts_with("1."))
        refuse_document("CycloneDX version is " + in_quotes(head.spec_version) + ", wanted 1.x");
    head.serial_number = fields.text_or("serialNumber", "");
    if (const Json* metadata = fields.maybe("metadata")) read_metadata(*metadata, head);
    fields.maybe_array("components");
    fields.allow_others(why_others);
    return head;
}

BomHead read_document(const NextPiece& next, const BomRowReader::Events& events) {
    JsonRules rules;
    rules.most_bytes = 256ULL << 20; // the software BOM of a bundle with 100,000 files has 138 MB
    rules.floats = true;             // confidence figures of other tools
    BomRowReader reader(rules, events);
    PieceIterator::Source source{next, rules.most_bytes};
    source.advance();
    Json::sax_parse(PieceIterator(source), PieceIterator(), &reader);
    return head_of(reader.take());
}

// Rows that cannot be given out when their objects end: the described thing, whose place is in front and
// whose member may stand last, and what has parts, which may stand in front of its own members.
struct KeptRows {
    std::map<std::size_t, BomRow> described;
    std::map<std::size_t, BomRow> whole; ///< with parts
};

BomHead first_reading(const NextPiece& next, const TakeRow& seen, KeptRows& kept) {
    return read_document(next, {.parts = [](const BomPlace&) {},
                                .end =
                                    [&](const BomPlace& place, const Json& component) {
                                        BomRow row = row_of(component);
                                        seen(row);
                                        if (place.is_described) {
                                            kept.described.emplace(place.number, std::move(row));
                                        } else if (place.has_parts) {
                                            kept.whole.emplace(place.number, std::move(row));
                                        }
                                    }});
}

void second_reading(const NextPiece& next, const TakeRow& row, const KeptRows& kept) {
    for (const auto& [number, described] : kept.described)
        row(described);
    const auto give_whole = [&](const BomPlace& place) {
        if (place.is_described) return;
        const auto whole = kept.whole.find(place.number);
        if (whole == kept.whole.end()) refuse_document("the document changed while it was read");
        row(whole->second);
    };
    read_document(next, {.parts = give_whole, .end = [&](const BomPlace& place, const Json& component) {
                             if (!place.is_described && !place.has_parts) row(row_of(component));
                         }});
}

} // namespace

BomSummary read_bom_summary(std::string_view document) {
    BomSummary summary;
    const auto open = [&]() -> NextPiece {
        return [rest = document]() mutable { return std::exchange(rest, std::string_view{}); };
    };
    const BomHead head = read_bom_rows(
        open, [](const BomRow&) {}, [&](const BomRow& row) { summary.rows.push_back(row); });
    static_cast<BomHead&>(summary) = head;
    return summary;
}

BomHead read_bom_rows(const std::function<NextPiece()>& open, const TakeRow& seen, const TakeRow& row) {
    KeptRows kept;
    BomHead head = first_reading(open(), seen, kept);
    second_reading(open(), row, kept);
    return head;
}

BomHead read_bom_head(const NextPiece& next) {
    KeptRows kept;
    return first_reading(
        next, [](const BomRow&) {}, kept);
}

} // namespace manifests
