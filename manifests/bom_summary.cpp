#include "manifests/bom_summary.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
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

void add_rows(const Json& component, std::vector<BomRow>& rows) {
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
    rows.push_back(std::move(row));
    const Json* parts = fields.maybe_array("components");
    fields.allow_others(why_others);
    if (parts == nullptr) return;
    for (const Json& part : *parts)
        add_rows(part, rows);
}

void read_metadata(const Json& metadata, BomSummary& summary) {
    Fields fields(metadata);
    summary.timestamp = fields.text_or("timestamp", "");
    if (const Json* lifecycles = fields.maybe_array("lifecycles")) {
        for (const Json& lifecycle : *lifecycles) {
            Fields inner(lifecycle);
            summary.phase = inner.text_or("phase", inner.text_or("name", ""));
            inner.allow_others(why_others);
            break;
        }
    }
    if (const Json* component = fields.maybe("component")) add_rows(*component, summary.rows);
    fields.allow_others(why_others);
}

} // namespace

BomSummary read_bom_summary(std::string_view document) {
    JsonRules rules;
    rules.most_bytes = 256ULL << 20; // the software BOM of a bundle with 100,000 files has 138 MB
    rules.floats = true;             // confidence figures of other tools
    const Json value = read_json(document, rules);
    Fields fields(value);
    fields.must_be("bomFormat", "CycloneDX");
    BomSummary summary;
    summary.spec_version = fields.text("specVersion");
    if (!summary.spec_version.starts_with("1.")) {
        refuse_document("CycloneDX version is " + in_quotes(summary.spec_version) + ", wanted 1.x");
    }
    summary.serial_number = fields.text_or("serialNumber", "");
    if (const Json* metadata = fields.maybe("metadata")) read_metadata(*metadata, summary);
    if (const Json* components = fields.maybe_array("components")) {
        for (const Json& component : *components)
            add_rows(component, summary.rows);
    }
    fields.allow_others(why_others);
    return summary;
}

} // namespace manifests
