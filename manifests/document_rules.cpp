// What a bundle document has to be beyond its JSON: names, paths that stay apart on every file system,
// kernels and arguments that speak of files that are there. FORMAT.md sections 7, 9 and 10.

#include <algorithm>
#include <memory>
#include <string_view>
#include <tuple>

#include "manifests/argument.hpp"
#include "manifests/bundle_document.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

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

// Equal blobs are stored once, so what has one digest is one content.
void check_contents(const BundleDocument& document) {
    std::vector<const BundleFile*> files;
    for (const BundleFile& file : document.files)
        files.push_back(&file);
    std::stable_sort(files.begin(), files.end(),
                     [](const auto* a, const auto* b) { return a->digest < b->digest; });
    for (std::size_t i = 1; i < files.size(); ++i) {
        const BundleFile& a = *files[i - 1];
        const BundleFile& b = *files[i];
        if (a.digest != b.digest) continue;
        if (a.size_bytes == b.size_bytes && a.fs_verity == b.fs_verity && a.chunk_table == b.chunk_table)
            continue;
        refuse_document(in_quotes(a.path.text()) + " and " + in_quotes(b.path.text()) +
                        " have the same digest and different sizes or trees");
    }
}

// Small, for there may be 100,000: most paths are their own keys.
struct KeyedPath {
    const BundlePath* path;
    std::unique_ptr<std::string> folded;

    std::string_view key() const { return folded ? *folded : path->text(); }
};

std::vector<KeyedPath> keyed_paths(const BundleDocument& document) {
    std::vector<KeyedPath> keys;
    keys.reserve(document.files.size());
    for (const BundleFile& file : document.files) {
        std::string key = collision_key(file.path);
        const bool is_itself = key == file.path.text();
        keys.push_back({&file.path, is_itself ? nullptr : std::make_unique<std::string>(std::move(key))});
    }
    std::stable_sort(keys.begin(), keys.end(),
                     [](const KeyedPath& a, const KeyedPath& b) { return a.key() < b.key(); });
    return keys;
}

bool has_key(const std::vector<KeyedPath>& keys, std::string_view wanted) {
    const auto found =
        std::lower_bound(keys.begin(), keys.end(), wanted,
                         [](const KeyedPath& one, std::string_view key) { return one.key() < key; });
    return found != keys.end() && found->key() == wanted;
}

// Two files that would be one on some file system, or one that would have to be a folder of the other.
void check_collisions(const BundleDocument& document) {
    const std::vector<KeyedPath> keys = keyed_paths(document);
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::string_view key = keys[i].key();
        if (i > 0 && keys[i - 1].key() == key && *keys[i - 1].path != *keys[i].path) {
            throw Error(Fault::damaged, Code::path_collision,
                        "paths " + in_quotes(keys[i - 1].path->text()) + " and " +
                            in_quotes(keys[i].path->text()) +
                            " are one file where case or the spelling of accents does not count");
        }
        for (std::size_t slash = key.find('/'); slash != std::string_view::npos;
             slash = key.find('/', slash + 1)) {
            if (has_key(keys, key.substr(0, slash))) {
                throw Error(Fault::damaged, Code::path_collision,
                            in_quotes(keys[i].path->text()) + " lies inside another file");
            }
        }
    }
}

void check_files(const BundleDocument& document) {
    if (document.files.empty()) refuse_document("there are no files");
    check_contents(document);
    check_collisions(document);
    const auto wrong = std::adjacent_find(document.files.begin(), document.files.end(),
                                          [](const auto& a, const auto& b) { return !(a.path < b.path); });
    if (wrong != document.files.end()) refuse_document("paths are not strictly rising");
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
    if (entrypoint == nullptr || entrypoint->role != Role::engine || !is_executable(entrypoint->mode)) {
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

void check_kernels(const BundleDocument& document) {
    std::vector<Digest> engines;
    for (const BundleFile& file : document.files)
        if (file.role == Role::engine) engines.push_back(file.digest);
    std::sort(engines.begin(), engines.end());
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
            if (!std::binary_search(engines.begin(), engines.end(), digest)) {
                refuse_document("kernel " + in_quotes(kernel.path.text()) + " was made for the engine file " +
                                digest.text() + ", which is not in the bundle");
            }
        }
        refuse_unless_rising(kernel.fits, "digests that " + in_quotes(kernel.path.text()) + " fits");
        refuse_unless_rising(kernel.targets, "targets of " + in_quotes(kernel.path.text()));
    }
    refuse_unless_rising(kernels, "kernels");
    for (const BundleFile& file : document.files) {
        if (file.role == Role::kernel &&
            !std::binary_search(kernels.begin(), kernels.end(), file.path.text())) {
            refuse_document("kernel file " + in_quotes(file.path.text()) + " has no entry under 'kernels'");
        }
    }
}

void check_risks(const BundleDocument& document) {
    const auto order = [](const AcceptedRisk& risk) { return std::tie(risk.path, risk.danger); };
    for (std::size_t i = 0; i < document.accepted_risks.size(); ++i) {
        const AcceptedRisk& risk = document.accepted_risks[i];
        if (document.find(risk.path) == nullptr)
            refuse_document("an accepted risk names " + in_quotes(risk.path.text()) +
                            ", which is not in the bundle");
        if (risk.danger != "code" && risk.danger != "pickle")
            refuse_document("danger " + in_quotes(risk.danger) + " is neither 'code' nor 'pickle'");
        if (risk.reason.empty() || risk.reason.size() > 1024)
            refuse_document("the reason for accepting " + in_quotes(risk.path.text()) +
                            " has to have 1 to 1024 bytes");
        const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
        if (std::any_of(risk.reason.begin(), risk.reason.end(), is_control))
            refuse_document("the reason for accepting " + in_quotes(risk.path.text()) +
                            " has a control character");
        if (i > 0 && !(order(document.accepted_risks[i - 1]) < order(risk)))
            refuse_document("accepted risks are not strictly rising");
    }
}

void check_document(const BundleDocument& document) {
    check_name(document.name);
    check_version(document.version);
    check_word("target.profile", document.profile_id, name_letters);
    check_files(document);
    check_kernels(document);
    check_risks(document);
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

void BundleDocument::check() const {
    check_document(*this);
}

} // namespace manifests
