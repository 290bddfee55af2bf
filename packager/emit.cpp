#include "packager/emit.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/claims.hpp"
#include "packager/emit_minisign.hpp"
#include "packager/emit_oms.hpp"
#include "packager/emit_sigstore.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/envelope_file.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using runtime::Bundle;

struct NewFile {
    EmittedFile file;
    std::string text;
};

bool wants(const EmitRequest& request, EmitFormat format) {
    return std::find(request.formats.begin(), request.formats.end(), format) != request.formats.end();
}

// --- names -----------------------------------------------------------------------------------------------

// "FOLDER/NAME", to which endings are put.
std::string stem_of(const std::string& bundle, const std::string& folder) {
    std::filesystem::path path(bundle);
    if (!path.has_filename()) path = path.parent_path(); // a slash at the end
    if (path.filename() == "." || path.filename() == "..") path = std::filesystem::canonical(path);
    return folder.empty() ? path.string() : (std::filesystem::path(folder) / path.filename()).string();
}

std::string oms_path(const std::string& stem) {
    return stem + ".model.sig";
}
std::string minisign_path(const std::string& stem) {
    return stem + ".minisig";
}
std::string minisign_key_path(const std::string& stem) {
    return stem + ".minisign.pub";
}

// --- what is in the way ----------------------------------------------------------------------------------

// What a file of that kind begins with, whoever wrote it and however it is indented.
bool is_of_kind(const std::string& path, EmitFormat format) {
    constexpr std::size_t enough_bytes = 256;
    const runtime::FileDescriptor file = runtime::open_to_read(path);
    std::string start(enough_bytes, '\0');
    start.resize(runtime::read_at(file, start.data(), start.size(), 0, path));
    if (start.empty()) return true;
    if (format == EmitFormat::minisign) return start.starts_with("untrusted comment: ");
    return start.starts_with('{') && start.find("application/vnd.dev.sigstore.bundle") != std::string::npos;
}

void check_target(const std::string& path, EmitFormat format) {
    const auto status = std::filesystem::symlink_status(path);
    if (!std::filesystem::exists(status)) return;
    if (std::filesystem::is_regular_file(status) && is_of_kind(path, format)) return;
    throw Error(Fault::usage, in_quotes(path) + " exists and is not a file that " +
                                  std::string(name_of(format)) + " would replace")
        .hint("choose another folder with --emit-dir, or remove it");
}

// --- keys ------------------------------------------------------------------------------------------------

std::vector<const Signer*> all_signers(const EmitRequest& request) {
    std::vector<const Signer*> signers = request.more_signers;
    if (request.signer != nullptr) signers.insert(signers.begin(), request.signer);
    return signers;
}

// The first key of this type. Without one the first key of all, for the refusal that names its type.
const Signer& signer_for(EmitFormat format, manifests::KeyType type, const EmitRequest& request) {
    const std::vector<const Signer*> signers = all_signers(request);
    if (signers.empty())
        throw Error(Fault::usage, "--emit " + std::string(name_of(format)) + " needs a key to sign with")
            .hint("--emit-key FILE signs the file and leaves the bundle as it is");
    const auto found = std::find_if(signers.begin(), signers.end(), [&](const Signer* signer) {
        return signer->public_key().type() == type;
    });
    return found == signers.end() ? *signers.front() : **found;
}

const Signer& oms_signer(const EmitRequest& request) {
    return signer_for(EmitFormat::oms, manifests::KeyType::ecdsa_p256, request);
}

const Signer& minisign_signer(const EmitRequest& request) {
    return signer_for(EmitFormat::minisign, manifests::KeyType::ed25519, request);
}

// --- sigstore --------------------------------------------------------------------------------------------

std::vector<std::string> envelopes_for_sigstore(const Bundle& bundle, const EmitRequest& request) {
    std::vector<std::string> envelopes = bundle.carried().envelopes;
    runtime::add_envelopes(envelopes, request.envelopes);
    for (const Signer* signer : request.more_signers) {
        if (signer->public_key().type() == manifests::KeyType::sm2) continue;
        for (const Claim& claim : claims(bundle, ReleaseClaim{}))
            join(envelopes, claim, *signer);
    }
    return envelopes;
}

// Who has signed two release statements about one bundle gets two files, the second one numbered.
std::vector<NewFile> sigstore_files(const Bundle& bundle, const std::string& stem, const EmitRequest& request,
                                    std::vector<std::string>& notes) {
    constexpr std::size_t digits = 16;
    std::vector<manifests::PublicKey> keys = request.public_keys;
    for (const Signer* signer : all_signers(request))
        keys.push_back(signer->public_key());
    SigstoreBundles made = sigstore_bundles(envelopes_for_sigstore(bundle, request), bundle.digest(), keys);
    notes = std::move(made.notes);
    std::map<std::string, int> counts;
    std::vector<NewFile> files;
    for (SigstoreBundle& one : made.bundles) {
        std::string name = stem + "." + one.key_id.substr(0, digits);
        const int count = ++counts[name];
        if (count > 1) name += "." + std::to_string(count);
        files.push_back({{EmitFormat::sigstore, name + ".sigstore.json", one.key_id}, std::move(one.text)});
    }
    if (files.empty())
        throw Error(Fault::refused, "there is no signature on the release that sigstore could hold" +
                                        (notes.empty() ? std::string() : " (" + notes.front() + ")"))
            .hint("--emit-key FILE makes one for the file alone");
    return files;
}

// --- minisign --------------------------------------------------------------------------------------------

void refuse_other_key_file(const std::string& path, const std::string& text) {
    const auto status = std::filesystem::symlink_status(path);
    if (!std::filesystem::exists(status)) return;
    const bool same = std::filesystem::is_regular_file(status) &&
                      std::filesystem::file_size(path) == text.size() &&
                      runtime::read_small_file(path) == text;
    if (same) return;
    throw Error(Fault::usage, in_quotes(path) + " exists and is not the public key of this signature")
        .hint("choose another folder with --emit-dir, or remove it");
}

std::vector<NewFile> minisign_files(const Bundle& bundle, const std::string& stem, const Signer& signer,
                                    const runtime::OnBytes& on_bytes) {
    const std::string key_id = signer.public_key().key_id();
    return {{{EmitFormat::minisign, minisign_path(stem), key_id},
             minisign_signature(minisign_hash(bundle, on_bytes), minisign_trusted_comment(bundle), signer)},
            {{EmitFormat::minisign, minisign_key_path(stem), key_id},
             minisign_key(signer.public_key()).encode()}};
}

// --- content ---------------------------------------------------------------------------------------------

bool signs_something(const EmitRequest& request) {
    const bool signs_release = wants(request, EmitFormat::sigstore) && !request.more_signers.empty();
    return wants(request, EmitFormat::oms) || wants(request, EmitFormat::minisign) || signs_release;
}

// OMS is about the flat digests, which a tree does not prove.
runtime::OnBytes prove(const Bundle& bundle, const EmitRequest& request) {
    if (!signs_something(request)) return {};
    std::uint64_t total_bytes = runtime::content_bytes(bundle);
    if (wants(request, EmitFormat::minisign)) total_bytes += std::filesystem::file_size(bundle.path());
    runtime::OnBytes on_bytes = request.on_start ? request.on_start(total_bytes) : runtime::OnBytes{};
    const runtime::Proof proof =
        wants(request, EmitFormat::oms) ? runtime::Proof::tree_and_flat : runtime::Proof::tree;
    runtime::prove_content(bundle, runtime::jobs_of(bundle),
                           {.jobs = request.jobs, .proof = proof, .on_bytes = on_bytes});
    return on_bytes;
}

} // namespace

std::string_view name_of(EmitFormat format) {
    switch (format) {
    case EmitFormat::oms:
        return "oms";
    case EmitFormat::sigstore:
        return "sigstore";
    case EmitFormat::minisign:
        return "minisign";
    }
    throw Error(Fault::internal, "there is no such format");
}

const std::vector<EmitFormat>& all_emit_formats() {
    static const std::vector<EmitFormat> formats{EmitFormat::oms, EmitFormat::sigstore, EmitFormat::minisign};
    return formats;
}

void check_emit(const Bundle& bundle, const std::string& output, const EmitRequest& request) {
    const std::string stem = stem_of(output, request.folder);
    if (wants(request, EmitFormat::oms)) {
        refuse_oms_key(oms_signer(request).public_key());
        oms_model_paths(bundle);
        check_target(oms_path(stem), EmitFormat::oms);
    }
    if (wants(request, EmitFormat::minisign)) {
        refuse_minisign_form(bundle);
        const manifests::PublicKey key = minisign_signer(request).public_key();
        refuse_minisign_key(key);
        check_target(minisign_path(stem), EmitFormat::minisign);
        refuse_other_key_file(minisign_key_path(stem), minisign_key(key).encode());
    }
    const bool sigstore_only = request.formats == std::vector<EmitFormat>{EmitFormat::sigstore};
    for (const Signer* signer : request.more_signers) {
        if (sigstore_only) refuse_sigstore_key(signer->public_key());
    }
}

EmitResult emit(const Bundle& bundle, const EmitRequest& request) {
    check_emit(bundle, bundle.path(), request);
    const std::string stem = stem_of(bundle.path(), request.folder);
    EmitResult result;
    std::vector<NewFile> files;
    const runtime::OnBytes on_bytes = prove(bundle, request);
    if (wants(request, EmitFormat::sigstore)) files = sigstore_files(bundle, stem, request, result.notes);
    for (const NewFile& file : files)
        check_target(file.file.path, EmitFormat::sigstore);
    if (wants(request, EmitFormat::oms)) {
        const Signer& signer = oms_signer(request);
        result.model_paths = oms_model_paths(bundle);
        files.push_back(
            {{EmitFormat::oms, oms_path(stem), signer.public_key().key_id()}, oms_signature(bundle, signer)});
    }
    if (wants(request, EmitFormat::minisign)) {
        for (NewFile& file : minisign_files(bundle, stem, minisign_signer(request), on_bytes))
            files.push_back(std::move(file));
    }
    if (!request.folder.empty()) std::filesystem::create_directories(request.folder);
    for (const NewFile& file : files) {
        runtime::write_file_whole(file.file.path, file.text, 0644, runtime::Replace::allow);
        result.files.push_back(file.file);
    }
    return result;
}

} // namespace packager
