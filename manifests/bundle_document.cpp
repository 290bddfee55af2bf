#include "manifests/bundle_document.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/read_each.hpp"
#include "manifests/text.hpp"
#include "manifests/verity.hpp"

namespace manifests {
namespace {

constexpr std::string_view schema = "sealift.bundle/1";

constexpr std::array<std::pair<Role, std::string_view>, 6> role_names{{{Role::model_config, "model-config"},
                                                                       {Role::doc, "doc"},
                                                                       {Role::config, "config"},
                                                                       {Role::engine, "engine"},
                                                                       {Role::kernel, "kernel"},
                                                                       {Role::weights, "weights"}}};

struct ModeRow {
    FileMode mode;
    std::uint32_t bits;
    std::string_view text;
};
constexpr std::array<ModeRow, 4> mode_rows{{{FileMode::plain, 0644, "0644"},
                                            {FileMode::executable, 0755, "0755"},
                                            {FileMode::group_plain, 0640, "0640"},
                                            {FileMode::group_executable, 0750, "0750"}}};

DocumentReference read_reference(const Json& value) {
    Fields fields(value);
    DocumentReference reference{Digest::parse(fields.text("digest")), fields.count("size_bytes")};
    fields.refuse_others();
    return reference;
}

OrderedJson write_reference(const DocumentReference& reference) {
    return {{"digest", reference.digest.text()}, {"size_bytes", reference.size_bytes}};
}

BundleFile read_file(const Json& value) {
    Fields fields(value);
    BundleFile file{.path = BundlePath::parse(fields.text("path")),
                    .role = parse_role(fields.text("role")),
                    .mode = parse_mode(fields.text("mode")),
                    .size_bytes = fields.count("size_bytes"),
                    .digest = Digest::parse(fields.text("digest")),
                    .fs_verity = Digest::parse(fields.text("fs_verity_digest")),
                    .chunk_table = std::nullopt};
    if (fields.has("chunk_table") != has_chunk_table(file.size_bytes)) {
        refuse_document(in_quotes(file.path.text()) + " has " + std::to_string(file.size_bytes) +
                        " bytes and " + (fields.has("chunk_table") ? "a" : "no") +
                        " chunk table, wanted one exactly for files of over 524288 bytes");
    }
    if (has_chunk_table(file.size_bytes)) {
        const DocumentReference table = read_reference(fields.object("chunk_table"));
        const std::uint64_t wanted = chunk_table_bytes(file.size_bytes);
        if (table.size_bytes != wanted) {
            refuse_document("the chunk table of " + in_quotes(file.path.text()) + " has " +
                            std::to_string(table.size_bytes) + " bytes, wanted " + std::to_string(wanted));
        }
        file.chunk_table = table.digest;
    }
    fields.refuse_others();
    return file;
}

// Text and not a JSON value: there may be 100,000 of them.
void append_file(std::string& out, const BundleFile& file) {
    out += R"({"path":)";
    append_json_string(out, file.path.text());
    out += R"(,"role":")";
    out += name_of(file.role);
    out += R"(","mode":")";
    out += text_of(file.mode);
    out += R"(","size_bytes":)" + std::to_string(file.size_bytes);
    out += R"(,"digest":")" + file.digest.text();
    out += R"(","fs_verity_digest":")" + file.fs_verity.text() + '"';
    if (file.chunk_table) {
        out += R"(,"chunk_table":{"digest":")" + file.chunk_table->text();
        out += R"(","size_bytes":)" + std::to_string(chunk_table_bytes(file.size_bytes)) + '}';
    }
    out += '}';
}

KernelEntry read_kernel(const Json& value) {
    Fields fields(value);
    KernelEntry kernel{.path = BundlePath::parse(fields.text("path")),
                       .requires_features = fields.texts("requires_features"),
                       .fits = {},
                       .format = fields.text_or("format", ""),
                       .targets = fields.texts_or_none("targets"),
                       .targets_declared = false};
    for (const std::string& text : fields.texts("fits"))
        kernel.fits.push_back(Digest::parse(text));
    if (!kernel.targets.empty()) {
        const std::string from = fields.text("targets_from");
        if (from != "bytes" && from != "declaration")
            refuse_document("targets_from is " + in_quotes(from) + ", wanted 'bytes' or 'declaration'");
        kernel.targets_declared = from == "declaration";
    }
    fields.refuse_others();
    return kernel;
}

AcceptedRisk read_risk(const Json& value) {
    Fields fields(value);
    AcceptedRisk risk{BundlePath::parse(fields.text("path")), fields.text("danger"), fields.text("reason")};
    fields.refuse_others();
    return risk;
}

OrderedJson write_kernel(const KernelEntry& kernel) {
    OrderedJson fits = OrderedJson::array();
    for (const Digest& digest : kernel.fits)
        fits.push_back(digest.text());
    OrderedJson value = {
        {"path", kernel.path.text()}, {"requires_features", kernel.requires_features}, {"fits", fits}};
    if (!kernel.format.empty()) value["format"] = kernel.format;
    if (!kernel.targets.empty()) {
        value["targets"] = kernel.targets;
        value["targets_from"] = kernel.targets_declared ? "declaration" : "bytes";
    }
    return value;
}

} // namespace

std::string_view name_of(Role role) {
    return std::find_if(role_names.begin(), role_names.end(),
                        [&](const auto& row) { return row.first == role; })
        ->second;
}

Role parse_role(std::string_view text) {
    for (const auto& [role, name] : role_names) {
        if (name == text) return role;
    }
    refuse_document("role " + in_quotes(text) +
                    " is unknown; wanted weights, model-config, kernel, engine, config or doc");
}

std::string_view text_of(FileMode mode) {
    return mode_rows[static_cast<std::size_t>(mode)].text;
}

std::uint32_t bits_of(FileMode mode) {
    return mode_rows[static_cast<std::size_t>(mode)].bits;
}

bool is_executable(FileMode mode) {
    return (bits_of(mode) & 0100U) != 0;
}

FileMode parse_mode(std::string_view text) {
    for (const ModeRow& row : mode_rows) {
        if (row.text == text) return row.mode;
    }
    refuse_document("mode " + in_quotes(text) + " is none of '0644', '0755', '0640' and '0750'");
}

DocumentReference BundleFile::chunk_table_reference() const {
    if (!chunk_table) throw Error(Fault::internal, path.text() + " has no chunk table");
    return {*chunk_table, chunk_table_bytes(size_bytes)};
}

namespace {

BundleDocument read_document(const NextPiece& next) {
    std::vector<BundleFile> files;
    const Json value = read_json_list(next, "files", [&](const Json& element) {
        try {
            files.push_back(read_file(element));
        } catch (Error& error) {
            error.in("files[" + std::to_string(files.size()) + "]");
            throw;
        }
    });
    Fields fields(value);
    fields.must_be("schema", schema);
    fields.array("files"); // its elements are in `files`
    Fields target(fields.object("target"));
    Fields boms(fields.object("boms"));
    BundleDocument document{.name = fields.text("name"),
                            .version = fields.text("version"),
                            .release_counter = fields.count("release_counter"),
                            .profile_id = target.text("profile"),
                            .profile = {Digest::parse(target.text("digest")), target.count("size_bytes")},
                            .needs = {},
                            .model = read_model_facts(fields.object("model")),
                            .files = std::move(files),
                            .kernels = read_each(fields.array("kernels"), "kernels", read_kernel),
                            .accepted_risks = {},
                            .runtime = std::nullopt,
                            .software_bom = read_reference(boms.object("software")),
                            .hardware_bom = read_reference(boms.object("hardware_design")),
                            .model_manifest = read_reference(fields.object("model_manifest"))};
    if (fields.has("runtime")) document.runtime = read_runtime_section(fields.object("runtime"));
    if (target.has("needs")) document.needs = read_needs(target.object("needs"));
    if (fields.has("accepted_risks"))
        document.accepted_risks = read_each(fields.array("accepted_risks"), "accepted_risks", read_risk);
    target.refuse_others();
    boms.refuse_others();
    fields.refuse_others();
    document.check();
    return document;
}

} // namespace

BundleDocument BundleDocument::parse(std::string_view bytes) {
    return read([&, rest = bytes]() mutable { return std::exchange(rest, std::string_view{}); },
                Digest::of(bytes));
}

BundleDocument BundleDocument::read(const NextPiece& next, const Digest& digest) {
    BundleDocument document = read_document(next);
    Hasher hasher;
    document.write([&](std::string_view text) { hasher.update(text.data(), text.size()); });
    if (hasher.finish() != digest) refuse_document("bundle document is not spelled as the format spells it");
    return document;
}

std::string BundleDocument::encode() const {
    std::string text;
    write([&](std::string_view piece) { text += piece; });
    return text;
}

namespace {

OrderedJson write_front(const BundleDocument& document) {
    const DocumentReference& profile = document.profile;
    OrderedJson front = {{"schema", schema},
                         {"name", document.name},
                         {"version", document.version},
                         {"release_counter", document.release_counter},
                         {"target",
                          {{"profile", document.profile_id},
                           {"digest", profile.digest.text()},
                           {"size_bytes", profile.size_bytes}}},
                         {"model", write_model_facts(document.model)}};
    if (!document.needs.empty()) front["target"]["needs"] = write_needs(document.needs);
    return front;
}

OrderedJson write_back(const BundleDocument& document) {
    OrderedJson back = {{"kernels", OrderedJson::array()}};
    for (const KernelEntry& kernel : document.kernels)
        back["kernels"].push_back(write_kernel(kernel));
    for (const AcceptedRisk& risk : document.accepted_risks)
        back["accepted_risks"].push_back(
            {{"path", risk.path.text()}, {"danger", risk.danger}, {"reason", risk.reason}});
    if (document.runtime) back["runtime"] = write_runtime_section(*document.runtime);
    back["boms"] = {{"software", write_reference(document.software_bom)},
                    {"hardware_design", write_reference(document.hardware_bom)}};
    back["model_manifest"] = write_reference(document.model_manifest);
    return back;
}

} // namespace

Json BundleDocument::without_files() const {
    OrderedJson value = write_front(*this);
    value["files"] = OrderedJson::array();
    value.update(write_back(*this));
    return Json::parse(write_json(value));
}

void BundleDocument::write(const Sink& sink) const {
    constexpr std::size_t piece_bytes = 64 * 1024;
    std::string text = write_json(write_front(*this));
    text.back() = ','; // the object goes on
    text += R"("files":[)";
    for (const BundleFile& file : files) {
        append_file(text, file);
        if (&file != &files.back()) text += ',';
        if (text.size() < piece_bytes) continue;
        sink(text);
        text.clear();
    }
    text += "],";
    text += std::string_view(write_json(write_back(*this))).substr(1);
    sink(text);
}

const BundleFile* BundleDocument::find(const BundlePath& path) const {
    const auto file = std::lower_bound(files.begin(), files.end(), path,
                                       [](const BundleFile& a, const BundlePath& b) { return a.path < b; });
    return file != files.end() && file->path == path ? &*file : nullptr;
}

ModelFacts read_model_facts(const Json& value) {
    Fields fields(value);
    ModelFacts facts{.name = fields.text_or("name", ""),
                     .architecture = fields.text_or("architecture", ""),
                     .format = fields.text_or("format", ""),
                     .family = fields.text_or("family", ""),
                     .parameters = fields.text_or("parameters", ""),
                     .precision = fields.text_or("precision", ""),
                     .quantization = fields.text_or("quantization", ""),
                     .licenses = fields.texts_or_none("licenses")};
    fields.refuse_others();
    return facts;
}

OrderedJson write_model_facts(const ModelFacts& facts) {
    OrderedJson value = OrderedJson::object();
    const auto put = [&](const char* name, const std::string& text) {
        if (!text.empty()) value[name] = text;
    };
    put("name", facts.name);
    put("architecture", facts.architecture);
    put("format", facts.format);
    put("family", facts.family);
    put("parameters", facts.parameters);
    put("precision", facts.precision);
    put("quantization", facts.quantization);
    if (!facts.licenses.empty()) value["licenses"] = facts.licenses;
    return value;
}

} // namespace manifests
