#include "packager/commands/emit_options.hpp"

#include <algorithm>
#include <optional>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/progress.hpp"
#include "runtime/trust.hpp"

namespace packager {
namespace {

constexpr std::size_t most_shown_bytes = 4096; // of a path

std::vector<std::string> format_names() {
    std::vector<std::string> names;
    for (const EmitFormat format : all_emit_formats())
        names.emplace_back(name_of(format));
    return names;
}

std::vector<EmitFormat> formats_of(const std::vector<std::string>& names) {
    std::vector<EmitFormat> formats;
    for (const EmitFormat format : all_emit_formats()) {
        if (std::find(names.begin(), names.end(), name_of(format)) != names.end()) formats.push_back(format);
    }
    return formats;
}

// As it can be typed into a shell. A path in a bundle may have spaces, and quotes too.
std::string for_shell(const std::string& text) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+@%:,";
    const std::string shown = manifests::escaped(text, most_shown_bytes);
    if (shown.find_first_not_of(plain) == std::string::npos) return shown;
    std::string quoted = "'";
    for (const char one : shown)
        quoted += one == '\'' ? std::string("'\\''") : std::string(1, one);
    return quoted + "'";
}

std::string extract_command(const std::string& bundle, const std::vector<std::string>& model_paths) {
    std::string text = "sealift extract " + for_shell(bundle) + " -o MODEL";
    for (const std::string& path : model_paths)
        text += " " + for_shell(path);
    return text;
}

} // namespace

void add_emit_options(CLI::App& command, EmitOptions& options) {
    constexpr const char* group = "Signatures in other formats";
    command
        .add_option(
            "--emit", options.formats,
            "Write signatures beside the bundle, a list of: oms (BUNDLE.model.sig, OpenSSF Model "
            "Signing of the model files; a P-256 key), sigstore (BUNDLE.KEYID.sigstore.json, one for "
            "each signer of the release; Ed25519 and P-256), minisign (BUNDLE.minisig of the bundle "
            "file, and BUNDLE.minisign.pub; an Ed25519 key). With --signing-key they are written after "
            "the bundle was signed; without it the bundle is only read")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->check(CLI::IsMember(format_names()))
        ->type_name("FORMAT,...")
        ->group(group);
    command.add_option("--emit-dir", options.folder, "Folder for these files; default: that of the bundle")
        ->type_name("FOLDER")
        ->group(group);
    command
        .add_option("--emit-key", options.keys,
                    "Secret key file for these files alone: each takes the first key of its type, that of "
                    "--signing-key before others, and for sigstore every one signs the release; may be given "
                    "again")
        ->allow_extra_args(false)
        ->type_name("FILE")
        ->group(group);
    command
        .add_option("--key", options.public_keys,
                    "Public key file (PEM) of somebody who has signed the release: sigstore files hold "
                    "signatures by P-256 keys only if the key is known; may be given again")
        ->allow_extra_args(false)
        ->type_name("FILE")
        ->group(group);
}

Emission::Emission(const EmitOptions& options, const PassphraseSource& source, const Signer* signer) {
    request_.formats = formats_of(options.formats);
    if (!wanted()) {
        if (!options.keys.empty() || !options.public_keys.empty() || !options.folder.empty())
            throw manifests::Error(manifests::Fault::usage,
                                   "--emit-key, --emit-dir and --key are for --emit, which is missing");
        return;
    }
    request_.folder = options.folder;
    request_.public_keys = runtime::load_keys(options.public_keys);
    request_.signer = signer;
    for (const std::string& path : options.keys) {
        keys_.push_back(open_signer(path, source));
        request_.more_signers.push_back(keys_.back().get());
    }
}

void Emission::check(const std::string& bundle, const std::string& output) const {
    if (wanted()) check_emit(runtime::open_bundle(bundle), output, request_);
}

EmitResult Emission::run(const std::string& bundle, const std::vector<std::string>& envelopes, unsigned jobs,
                         const runtime::OutputOptions& output_options) const {
    if (!wanted()) return {};
    EmitRequest request = request_;
    request.envelopes = envelopes;
    request.jobs = jobs;
    std::optional<runtime::Progress> progress;
    request.on_start = [&](std::uint64_t total_bytes) {
        progress.emplace("reading", total_bytes, output_options);
        return [&](std::uint64_t bytes) { progress->add(bytes); };
    };
    const EmitResult result = emit(runtime::open_bundle(bundle), request);
    if (progress) progress->finish();
    return result;
}

manifests::OrderedJson emitted_json(const EmitResult& result) {
    manifests::OrderedJson files = manifests::OrderedJson::array();
    for (const EmittedFile& file : result.files)
        files.push_back({{"format", name_of(file.format)},
                         {"path", runtime::json_text(file.path)},
                         {"key_id", file.key_id}});
    return files;
}

std::string emitted_text(const std::string& bundle, const EmitResult& result) {
    std::string text;
    for (const EmittedFile& file : result.files) {
        std::string format(name_of(file.format));
        format.resize(10, ' ');
        text += format + manifests::escaped(file.path, most_shown_bytes) + "\n";
    }
    if (!result.model_paths.empty())
        text += "model     the folder MODEL of: " + extract_command(bundle, result.model_paths) + "\n";
    for (const std::string& note : result.notes)
        text += "note      " + note + "\n";
    return text;
}

void print_emitted(const std::string& bundle, const EmitResult& result,
                   const runtime::OutputOptions& output_options) {
    if (output_options.format == runtime::Format::json) {
        runtime::print_json({{"schema", "sealift.emit/1"},
                             {"bundle", runtime::json_text(bundle)},
                             {"emitted", emitted_json(result)},
                             {"model_paths", result.model_paths},
                             {"notes", result.notes}});
        return;
    }
    runtime::print(emitted_text(bundle, result));
}

} // namespace packager
