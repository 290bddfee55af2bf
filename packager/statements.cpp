#include "packager/statements.hpp"

#include <algorithm>
#include <set>

#include "manifests/bom_statement.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/provenance.hpp"
#include "manifests/text.hpp"
#include "manifests/version.hpp"
#include "packager/source_date.hpp"

namespace packager {
namespace {

using manifests::BundleDocument;
using manifests::BundleFile;
using manifests::ResourceDescriptor;
using manifests::Role;

std::optional<std::string> time_of(const Described& bundle) {
    return bundle.time_s ? std::optional(rfc3339(*bundle.time_s)) : std::nullopt;
}

bool is_of_the_model(Role role) {
    return role == Role::weights || role == Role::model_config || role == Role::doc;
}

// The model as a whole, and each engine and kernel file; if these are too many, what lists them all.
std::vector<ResourceDescriptor> dependencies_of(const BundleDocument& document) {
    std::vector<ResourceDescriptor> list{
        {"sealift/profile.json", document.profile.digest, std::string(manifests::media::profile)},
        {"model", document.model_manifest.digest, std::string(manifests::media::oci_manifest)}};
    const std::size_t common = list.size();
    for (const BundleFile& file : document.files) {
        if (is_of_the_model(file.role)) continue;
        list.push_back({file.path.text(), file.digest, ""});
        if (list.size() <= manifests::most_dependencies) continue;
        list.resize(common, list.front());
        list.push_back({"sealift/software.cdx.json", document.software_bom.digest,
                        std::string(manifests::media::cyclonedx)});
        break;
    }
    return list;
}

} // namespace

manifests::ReleaseStatement release_of(const Described& bundle, const manifests::ReleaseTerms& terms,
                                       bool with_sm3) {
    const BundleDocument& document = bundle.document;
    manifests::ReleaseStatement release{.product = document.name,
                                        .version = document.version,
                                        .release_counter = document.release_counter,
                                        .profile_id = document.profile_id,
                                        .profile = document.profile.digest,
                                        .bundle = bundle.assembly.bundle_digest(),
                                        .issued = time_of(bundle),
                                        .terms = terms};
    if (with_sm3) {
        release.bundle_sm3 =
            manifests::sm3_hex(derived_text(manifests::Derived::bundle_manifest, document, bundle.assembly));
    }
    return release;
}

std::string provenance_of(const Described& bundle, const manifests::Digest& recipe,
                          const std::string& builder_id) {
    const BundleDocument& document = bundle.document;
    return manifests::Provenance{.product = document.name,
                                 .version = document.version,
                                 .bundle = bundle.assembly.bundle_digest(),
                                 .recipe = recipe,
                                 .profile_id = document.profile_id,
                                 .builder_id = builder_id,
                                 .builder_version = std::string(manifests::program_version()),
                                 .dependencies = dependencies_of(document),
                                 .time = time_of(bundle)}
        .encode();
}

std::string bom_statement_of(const Described& bundle, const std::string& attester_id) {
    const BundleDocument& document = bundle.document;
    const std::string type(manifests::media::cyclonedx);
    return manifests::BomStatement{
        .product = document.name,
        .version = document.version,
        .bundle = bundle.assembly.bundle_digest(),
        .attester_id = attester_id,
        .boms = {{"sealift/software.cdx.json", document.software_bom.digest, type},
                 {"sealift/hardware.design.cdx.json", document.hardware_bom.digest, type}}}
        .encode();
}

std::vector<std::string> component_statements_of(const BundleDocument& document, Role role) {
    using manifests::ComponentStatement;
    std::vector<manifests::Subject> subjects;
    if (is_of_the_model(role)) subjects.push_back({"model", document.model_manifest.digest, std::nullopt});
    std::size_t files = 0;
    std::set<manifests::Digest> seen;
    for (const BundleFile& file : document.files) {
        if (file.role != role) continue;
        ++files;
        if (!is_of_the_model(role) && seen.insert(file.digest).second)
            subjects.push_back({file.path.text(), file.digest, std::nullopt});
    }
    if (files == 0) {
        throw manifests::Error(manifests::Fault::usage,
                               "the bundle has no file with the role " + manifests::in_quotes(name_of(role)));
    }
    std::vector<std::string> statements;
    for (std::size_t at = 0; at < subjects.size(); at += ComponentStatement::most_subjects) {
        const std::size_t end = std::min(subjects.size(), at + ComponentStatement::most_subjects);
        ComponentStatement statement{role, {}};
        for (std::size_t i = at; i < end; ++i)
            statement.subjects.push_back(subjects[i]);
        statements.push_back(statement.encode());
    }
    return statements;
}

} // namespace packager
