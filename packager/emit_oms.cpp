#include "packager/emit_oms.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/statement.hpp"
#include "manifests/text.hpp"
#include "packager/emit_sigstore.hpp"
#include "packager/signing.hpp"

namespace packager {
namespace {

using manifests::BundleFile;
using manifests::Error;
using manifests::Fault;
using manifests::OrderedJson;
using manifests::Role;

constexpr const char* oms_predicate = "https://model_signing/signature/v1.0";

bool is_model(const BundleFile& file) {
    return file.role == Role::weights || file.role == Role::model_config || file.role == Role::doc;
}

void refuse_ignored(const BundleFile& file) {
    for (const std::string& ignored : oms_ignored_paths()) {
        if (file.path.text() == ignored || file.path.is_inside(ignored))
            throw Error(Fault::refused, "OMS verifiers do not look at " + manifests::in_quotes(ignored) +
                                            ", and the model has " + manifests::in_quotes(file.path.text()))
                .hint("give the file another place in the bundle");
    }
}

// In code-point order: paths of a document rise by byte, which for UTF-8 is the same.
std::vector<const BundleFile*> model_files(const runtime::Bundle& bundle) {
    std::vector<const BundleFile*> files;
    for (const BundleFile& file : bundle.document().files) {
        if (!is_model(file)) continue;
        refuse_ignored(file);
        files.push_back(&file);
    }
    if (files.empty())
        throw Error(Fault::refused, "the bundle has no weights, model configuration or documents");
    return files;
}

OrderedJson resources_of(const std::vector<const BundleFile*>& files) {
    OrderedJson resources = OrderedJson::array();
    for (const BundleFile* file : files)
        resources.push_back(
            {{"digest", file->digest.hex()}, {"algorithm", "sha256"}, {"name", file->path.text()}});
    return resources;
}

// SHA-256 over the digests themselves, one behind the other, as bytes.
manifests::Digest root_of(const std::vector<const BundleFile*>& files) {
    manifests::Hasher hasher;
    for (const BundleFile* file : files)
        hasher.update(file->digest.bytes().data(), file->digest.bytes().size());
    return hasher.finish();
}

} // namespace

const std::vector<std::string>& oms_ignored_paths() {
    static const std::vector<std::string> paths{".git", ".gitattributes", ".github", ".gitignore"};
    return paths;
}

std::string oms_statement(const runtime::Bundle& bundle) {
    const std::vector<const BundleFile*> files = model_files(bundle);
    return manifests::write_json(
        {{"_type", manifests::in_toto_statement},
         {"subject", OrderedJson::array({{{"name", bundle.document().name},
                                          {"digest", {{"sha256", root_of(files).hex()}}}}})},
         {"predicateType", oms_predicate},
         {"predicate",
          {{"resources", resources_of(files)},
           {"serialization",
            {{"method", "files"},
             {"ignore_paths", oms_ignored_paths()},
             {"hash_type", "sha256"},
             {"allow_symlinks", false}}}}}});
}

std::vector<std::string> oms_model_paths(const runtime::Bundle& bundle) {
    std::set<std::string, std::less<>> mixed; // folders at the top with other files in them as well
    for (const BundleFile& file : bundle.document().files) {
        if (!is_model(file)) mixed.emplace(file.path.parts().front());
    }
    std::vector<std::string> paths;
    for (const BundleFile* file : model_files(bundle)) {
        const std::string top(file->path.parts().front());
        const std::string& path = mixed.count(top) == 0 ? top : file->path.text();
        if (paths.empty() || paths.back() != path) paths.push_back(path);
    }
    return paths;
}

void refuse_oms_key(const manifests::PublicKey& key) {
    if (key.type() == manifests::KeyType::ecdsa_p256) return;
    throw Error(Fault::refused,
                "a model.sig (OMS) takes a P-256 key, and this one is " + std::string(name_of(key.type())))
        .hint("sealift keygen --type ecdsa-p256-sha256 makes one; then --emit-key NAME.key");
}

std::string oms_signature(const runtime::Bundle& bundle, const Signer& signer) {
    const manifests::PublicKey key = signer.public_key();
    refuse_oms_key(key);
    manifests::Envelope envelope =
        sign_payload(manifests::media::in_toto_payload, oms_statement(bundle), signer);
    // OMS names a key by its PEM text, sigstore by its SubjectPublicKeyInfo. Both want the key id of the
    // signature to be the same or empty.
    const std::string hint = manifests::Digest::of(key.pem()).hex();
    return sigstore_bundle_text(envelope, envelope.signatures.front(), hint);
}

} // namespace packager
