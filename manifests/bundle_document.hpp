#pragma once
// The bundle document (sealift.bundle/1): the config blob of the bundle manifest. It names every file of the
// bundle with role, size, mode and digest, so the digest of the bundle manifest pins every byte. FORMAT.md is
// the normative text.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "manifests/bundle_path.hpp"
#include "manifests/digest.hpp"
#include "manifests/json.hpp"
#include "manifests/needs.hpp"
#include "manifests/text.hpp"

namespace manifests {

/// What a file is for. The order is the order of blobs in the bundle file: small things first, weights last.
enum class Role { model_config, doc, config, engine, kernel, weights };

/// "model-config", "doc", "config", "engine", "kernel", "weights"
std::string_view name_of(Role role);
/// @throws Error  Fault::damaged for any other text
Role parse_role(std::string_view text);

/// Modes are reduced to what matters and is the same for every umask. Some engines refuse files that others
/// may read (MindIE wants 0640 and 0750), which is what the last two are for.
enum class FileMode { plain, executable, group_plain, group_executable };
std::string_view text_of(FileMode mode); ///< "0644", "0755", "0640" or "0750"
std::uint32_t bits_of(FileMode mode);    ///< as chmod takes them
bool is_executable(FileMode mode);
FileMode parse_mode(std::string_view text);

/// A document of the bundle itself that is not one of its files: profile, BOM, model manifest, chunk table.
struct DocumentReference {
    Digest digest;
    std::uint64_t size_bytes = 0;

    friend bool operator==(const DocumentReference&, const DocumentReference&) = default;
};

struct BundleFile {
    BundlePath path;
    Role role;
    FileMode mode = FileMode::plain;
    std::uint64_t size_bytes = 0;
    Digest digest;                     ///< SHA-256 of the bytes, as OCI knows it
    Digest fs_verity;                  ///< of the tree, see verity.hpp
    std::optional<Digest> chunk_table; ///< exactly if the file has more than one chunk

    /// Size follows from the file's. @throws Error  Fault::internal if there is no table
    DocumentReference chunk_table_reference() const;

    friend bool operator==(const BundleFile&, const BundleFile&) = default;
};

/// What a kernel binary declares beyond what its bytes say.
struct KernelEntry {
    BundlePath path;
    std::vector<std::string> requires_features; ///< processor features as profiles spell them; sorted
    std::vector<Digest> fits;                   ///< digests of the engine files that it was made for; sorted
    std::string format =
        {}; ///< what kind of binary its bytes are, as kernel_facts.hpp names it; may be empty
    std::vector<std::string> targets = {}; ///< chips that it is for: "sm_90", "Ascend910B3"; sorted
    bool targets_declared = false;         ///< the recipe says so and the bytes do not tell
};

/// A danger that the release engineer let through, and why.
struct AcceptedRisk {
    BundlePath path;
    std::string danger; ///< "code" or "pickle"
    std::string reason; ///< one line, from outside

    friend bool operator==(const AcceptedRisk&, const AcceptedRisk&) = default;
};

/// How the site decides that the engine is up and is the right one.
struct ReadyRule {
    std::string listen_prefix; ///< a line on the engine's stdout that starts so is followed by HOST:PORT; may
                               ///< be empty
    std::string health_path;   ///< answers 200 when ready, such as "/health"
    std::uint64_t timeout_s = 60;
};

struct DeviceRule {
    std::string path;    ///< of an HTTP resource that answers JSON
    std::string pointer; ///< RFC 6901 pointer to a text in that answer
    std::string equals;  ///< what the text must be: the device or backend that the bundle is for
};

/// How the engine is started. Arguments are data, so that any engine fits: `{file:PATH}` becomes a path under
/// which the verified bytes of a bundle file can be opened, `{fd:PATH}` an inherited open file descriptor of
/// it,
/// `{offset:PATH}` where the bytes start in that descriptor, `{dir:FOLDER}` a folder of the installed
/// generation,
/// `{port}` the port to listen on (0: the engine chooses), `{threads}` the number of usable processors.
struct RuntimeSection {
    BundlePath entrypoint;
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment; ///< sorted by name; nothing else is passed
    std::uint64_t port = 0;
    ReadyRule ready;
    std::optional<DeviceRule> device;
    std::optional<BundlePath> known_answer; ///< a config file
};

/// The few facts about the model that BOM and ModelPack config show; empty means unknown.
struct ModelFacts {
    std::string name;
    std::string architecture;
    std::string format;
    std::string family;
    std::string parameters;            ///< ModelPack paramSize, such as "1.1M"
    std::string precision;             ///< such as "float32"
    std::string quantization;          ///< such as "q8_0"
    std::vector<std::string> licenses; ///< SPDX identifiers; sorted
};

struct BundleDocument {
    std::string name;    ///< [a-z0-9], and . _ - inside; also the product that a release speaks of
    std::string version; ///< any clean text without spaces
    std::uint64_t release_counter = 1;
    std::string profile_id;
    DocumentReference profile;
    Needs needs = {};
    ModelFacts model;
    std::vector<BundleFile> files; ///< strictly rising by path
    std::vector<KernelEntry> kernels;
    std::vector<AcceptedRisk> accepted_risks = {}; ///< rising by path, then danger
    std::optional<RuntimeSection> runtime;         ///< absent: nothing to boot, such as weights alone
    DocumentReference software_bom;
    DocumentReference hardware_bom;
    DocumentReference model_manifest;

    /// Strict: accepts only the bytes that encode() gives for the same value.
    /// @throws Error  Fault::damaged
    static BundleDocument parse(std::string_view bytes);
    /// The same for a document that is read in pieces and whose digest is known: `next` gives bytes with
    /// `digest`. A list of 100,000 files never stands in memory as text.
    static BundleDocument read(const NextPiece& next, const Digest& digest);
    std::string encode() const;
    void write(const Sink& sink) const;
    /// The same as a value, with an empty list of files.
    Json without_files() const;

    /// Applies every rule that parse() applies to the value. @throws Error  Fault::damaged
    void check() const;

    const BundleFile* find(const BundlePath& path) const;
};

/// The rules for BundleDocument's `name` and `version`, shared with the recipe, which is refused before
/// anything is read. @throws Error  Fault::damaged
void check_name(std::string_view name);
void check_version(std::string_view version);

/// The JSON of a runtime section, shared with the recipe.
RuntimeSection read_runtime_section(const Json& value);
OrderedJson write_runtime_section(const RuntimeSection& section);
ModelFacts read_model_facts(const Json& value);
OrderedJson write_model_facts(const ModelFacts& facts);

} // namespace manifests
