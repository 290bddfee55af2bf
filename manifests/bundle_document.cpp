#include "manifests/bundle_document.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "manifests/argument.hpp"
#include "manifests/error.hpp"
#include "manifests/read_each.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view schema = "sealift.bundle/1";

constexpr std::array<std::pair<Role, std::string_view>, 6> role_names{{{Role::model_config, "model-config"},
                                                                       {Role::doc, "doc"},
                                                                       {Role::config, "config"},
                                                                       {Role::engine, "engine"},
                                                                       {Role::kernel, "kernel"},
                                                                       {Role::weights, "weights"}}};

BundleFile read_file(const Json& value) {
    Fields fields(value);
    BundleFile file{.path = BundlePath::parse(fields.text("path")),
                    .role = parse_role(fields.text("role")),
                    .mode = parse_mode(fields.text("mode")),
                    .size_bytes = fields.count("size_bytes"),
                    .digest = Digest::parse(fields.text("digest"))};
    fields.refuse_others();
    return file;
}

OrderedJson write_file(const BundleFile& file) {
    return {{"path", file.path.text()},
            {"role", name_of(file.role)},
            {"mode", text_of(file.mode)},
            {"size_bytes", file.size_bytes},
            {"digest", file.digest.text()}};
}

KernelEntry read_kernel(const Json& value) {
    Fields fields(value);
    KernelEntry kernel{.path = BundlePath::parse(fields.text("path")),
                       .requires_features = fields.texts("requires_features"),
                       .fits = {}};
    for (const std::string& text : fields.texts("fits"))
        kernel.fits.push_back(Digest::parse(text));
    fields.refuse_others();
    return kernel;
}

OrderedJson write_kernel(const KernelEntry& kernel) {
    OrderedJson fits = OrderedJson::array();
    for (const Digest& digest : kernel.fits)
        fits.push_back(digest.text());
    return {{"path", kernel.path.text()}, {"requires_features", kernel.requires_features}, {"fits", fits}};
}

DocumentReference read_reference(const Json& value) {
    Fields fields(value);
    DocumentReference reference{Digest::parse(fields.text("digest")), fields.count("size_bytes")};
    fields.refuse_others();
    return reference;
}

OrderedJson write_reference(const DocumentReference& reference) {
    return {{"digest", reference.digest.text()}, {"size_bytes", reference.size_bytes}};
}

template<typename Values>
void refuse_unless_rising(const Values& values, const std::string& what) {
    const auto wrong = std::adjacent_find(values.begin(), values.end(),
                                          [](const auto& a, const auto& b) { return !(a < b); });
    if (wrong != values.end()) refuse_document(what + " are not strictly rising");
}

constexpr std::string_view name_letters = "abcdefghijklmnopqrstuvwxyz0123456789._-";
constexpr std::string_view version_letters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+";

void check_word(std::string_view name, std::string_view text, std::string_view allowed) {
    const bool clean = !text.empty() && text.size() <= 128 &&
                       text.find_first_not_of(allowed) == std::string_view::npos && text.front() != '.' &&
                       text.front() != '-';
    if (!clean) {
        refuse_document("member " + in_quotes(name) + " is " + in_quotes(text) + ", wanted 1 to 128 of " +
                        std::string(allowed) + ", not starting with '.' or '-'");
    }
}

// Equal blobs are stored once, so equal digests cannot have two sizes.
void check_sizes(const BundleDocument& document) {
    std::map<Digest, const BundleFile*> first;
    for (const BundleFile& file : document.files) {
        const auto [other, fresh] = first.emplace(file.digest, &file);
        if (!fresh && other->second->size_bytes != file.size_bytes) {
            refuse_document(in_quotes(other->second->path.text()) + " and " + in_quotes(file.path.text()) +
                            " have the same digest and different sizes");
        }
    }
}

void check_files(const BundleDocument& document) {
    if (document.files.empty()) refuse_document("there are no files");
    check_sizes(document);
    std::vector<std::string> paths;
    std::map<std::string, std::string> spellings;
    for (const BundleFile& file : document.files) {
        paths.push_back(file.path.text());
        const auto [other, fresh] = spellings.emplace(collision_key(file.path), file.path.text());
        if (!fresh && other->second != file.path.text()) {
            throw Error(Fault::damaged, Code::path_collision,
                        "paths " + in_quotes(other->second) + " and " + in_quotes(file.path.text()) +
                            " are one file where case does not count");
        }
    }
    refuse_unless_rising(paths, "paths");
    for (const auto& [key, path] : spellings) {
        for (std::size_t slash = key.find('/'); slash != std::string::npos;
             slash = key.find('/', slash + 1)) {
            if (spellings.contains(key.substr(0, slash))) {
                throw Error(Fault::damaged, Code::path_collision,
                            in_quotes(path) + " lies inside another file");
            }
        }
    }
}

void check_argument(const BundleDocument& document, const std::string& argument) {
    using Kind = ArgumentPiece::Kind;
    for (const ArgumentPiece& piece : parse_argument(argument)) {
        const bool names_file =
            piece.kind == Kind::file || piece.kind == Kind::fd || piece.kind == Kind::offset;
        const bool names_folder = piece.kind == Kind::dir;
        const auto inside = [&](const BundleFile& file) { return file.path.is_inside(piece.value); };
        if ((names_file && document.find(BundlePath::parse(piece.value)) == nullptr) ||
            (names_folder && std::none_of(document.files.begin(), document.files.end(), inside))) {
            refuse_document("runtime argument " + in_quotes(argument) + " names " + in_quotes(piece.value) +
                            ", which is not in the bundle");
        }
    }
}

void check_runtime(const BundleDocument& document, const RuntimeSection& runtime) {
    const BundleFile* entrypoint = document.find(runtime.entrypoint);
    if (entrypoint == nullptr || entrypoint->role != Role::engine ||
        entrypoint->mode != FileMode::executable) {
        refuse_document("runtime.entrypoint " + in_quotes(runtime.entrypoint.text()) +
                        " is not an executable engine file");
    }
    if (runtime.known_answer && document.find(*runtime.known_answer) == nullptr) {
        refuse_document("runtime.known_answer " + in_quotes(runtime.known_answer->text()) +
                        " is not a file of the bundle");
    }
    for (const std::string& argument : runtime.arguments)
        check_argument(document, argument);
}

void check(const BundleDocument& document) {
    check_name(document.name);
    check_version(document.version);
    check_word("target.profile", document.profile_id, name_letters);
    check_files(document);
    std::vector<std::string> kernels;
    for (const KernelEntry& kernel : document.kernels) {
        kernels.push_back(kernel.path.text());
        const BundleFile* file = document.find(kernel.path);
        if (file == nullptr || file->role != Role::kernel) {
            refuse_document("kernel " + in_quotes(kernel.path.text()) +
                            " is not a kernel file of the bundle");
        }
        refuse_unless_rising(kernel.requires_features,
                             "required features of " + in_quotes(kernel.path.text()));
        for (const Digest& digest : kernel.fits) {
            const bool carried =
                std::any_of(document.files.begin(), document.files.end(), [&](const BundleFile& one) {
                    return one.role == Role::engine && one.digest == digest;
                });
            if (!carried) {
                refuse_document("kernel " + in_quotes(kernel.path.text()) + " was made for the engine file " +
                                digest.text() + ", which is not in the bundle");
            }
        }
        refuse_unless_rising(kernel.fits, "digests that " + in_quotes(kernel.path.text()) + " fits");
    }
    refuse_unless_rising(kernels, "kernels");
    for (const BundleFile& file : document.files) {
        if (file.role == Role::kernel &&
            !std::binary_search(kernels.begin(), kernels.end(), file.path.text())) {
            refuse_document("kernel file " + in_quotes(file.path.text()) + " has no entry under 'kernels'");
        }
    }
    if (document.runtime) check_runtime(document, *document.runtime);
}

} // namespace

void check_name(std::string_view name) {
    check_word("name", name, name_letters);
    const auto is_inner = [](char c) { return c == '.' || c == '_' || c == '-'; };
    if (is_inner(name.front()) || is_inner(name.back())) {
        refuse_document("member 'name' is " + in_quotes(name) + ", wanted a letter or digit at both ends");
    }
}

void check_version(std::string_view version) {
    check_word("version", version, version_letters);
}

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
    return mode == FileMode::executable ? "0755" : "0644";
}

FileMode parse_mode(std::string_view text) {
    if (text == "0755") return FileMode::executable;
    if (text == "0644") return FileMode::plain;
    refuse_document("mode " + in_quotes(text) + " is neither '0644' nor '0755'");
}

BundleDocument BundleDocument::parse(std::string_view bytes) {
    const Json value = read_json(bytes);
    Fields fields(value);
    fields.must_be("schema", schema);
    Fields target(fields.object("target"));
    Fields boms(fields.object("boms"));
    BundleDocument document{.name = fields.text("name"),
                            .version = fields.text("version"),
                            .release_counter = fields.count("release_counter"),
                            .profile_id = target.text("profile"),
                            .profile = {Digest::parse(target.text("digest")), target.count("size_bytes")},
                            .model = read_model_facts(fields.object("model")),
                            .files = read_each(fields.array("files"), "files", read_file),
                            .kernels = read_each(fields.array("kernels"), "kernels", read_kernel),
                            .runtime = std::nullopt,
                            .software_bom = read_reference(boms.object("software")),
                            .hardware_bom = read_reference(boms.object("hardware_design")),
                            .model_manifest = read_reference(fields.object("model_manifest"))};
    if (fields.has("runtime")) document.runtime = read_runtime_section(fields.object("runtime"));
    target.refuse_others();
    boms.refuse_others();
    fields.refuse_others();
    check(document);
    if (document.encode() != bytes) refuse_document("bundle document is not spelled as the format spells it");
    return document;
}

std::string BundleDocument::encode() const {
    OrderedJson value = {
        {"schema", schema},
        {"name", name},
        {"version", version},
        {"release_counter", release_counter},
        {"target",
         {{"profile", profile_id}, {"digest", profile.digest.text()}, {"size_bytes", profile.size_bytes}}},
        {"model", write_model_facts(model)},
        {"files", OrderedJson::array()},
        {"kernels", OrderedJson::array()}};
    for (const BundleFile& file : files)
        value["files"].push_back(write_file(file));
    for (const KernelEntry& kernel : kernels)
        value["kernels"].push_back(write_kernel(kernel));
    if (runtime) value["runtime"] = write_runtime_section(*runtime);
    value["boms"] = {{"software", write_reference(software_bom)},
                     {"hardware_design", write_reference(hardware_bom)}};
    value["model_manifest"] = write_reference(model_manifest);
    return write_json(value);
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
