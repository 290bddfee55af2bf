#include "manifests/bundle_claims.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/bom_statement.hpp"
#include "manifests/predicates.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

std::string list_of(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "" : ", ") + escaped(text);
    return list;
}

// The value that a JSON pointer leads to; nullptr if there is none.
const Json* find_at(const Json& predicate, const std::string& pointer) {
    try {
        const Json::json_pointer at(pointer);
        return predicate.contains(at) ? &predicate.at(at) : nullptr;
    } catch (const Json::exception&) { // such as an index that no list can have
        return nullptr;
    }
}

std::string mismatch_with(const Json& predicate, const Requirement& requirement) {
    for (const auto& [pointer, allowed] : requirement.match) {
        const Json* value = find_at(predicate, pointer);
        if (value == nullptr) return "its predicate has no " + in_quotes(pointer);
        if (!value->is_string() ||
            std::find(allowed.begin(), allowed.end(), value->get<std::string>()) == allowed.end())
            return "its " + in_quotes(pointer) + " is none of those that the policy allows";
    }
    return {};
}

std::string lacking_bom(const Statement& statement, const BundleDocument& document) {
    const std::vector<Digest> boms = boms_of(statement);
    for (const Digest& wanted : {document.software_bom.digest, document.hardware_bom.digest})
        if (std::find(boms.begin(), boms.end(), wanted) == boms.end())
            return "it does not name the bill of material " + wanted.text();
    return {};
}

} // namespace

std::string BundleFacts::sm3() const {
    return sm3_hex(derived_text(Derived::bundle_manifest, document, assembly));
}

bool same_predicate(std::string_view found, std::string_view wanted) {
    return found == wanted || (wanted == predicate::cyclonedx && found == predicate::reference);
}

std::string mismatch(const Statement& statement, const Requirement& requirement, const BundleFacts& bundle) {
    const Subject* subject = statement.find(bundle.assembly.bundle_digest());
    if (subject == nullptr) return "it is about something else than this bundle";
    if (subject->sm3 && *subject->sm3 != bundle.sm3())
        return "its subject has another SM3 digest than this bundle";
    const std::string problem = mismatch_with(*statement.predicate, requirement);
    if (!problem.empty() || requirement.predicate != predicate::cyclonedx ||
        statement.predicate_type != predicate::reference)
        return problem;
    return lacking_bom(statement, bundle.document);
}

std::string difference(const ReleaseStatement& statement, const BundleDocument& document,
                       const Assembly& assembly) {
    const auto differs = [](const std::string& what, const std::string& found, const std::string& wanted) {
        return "it is about " + what + " " + in_quotes(found) + ", this bundle is " + in_quotes(wanted);
    };
    if (statement.bundle != assembly.bundle_digest())
        return differs("bundle", statement.bundle.text(), assembly.bundle_digest().text());
    if (statement.bundle_sm3) {
        const std::string sm3 = BundleFacts{document, assembly}.sm3();
        if (*statement.bundle_sm3 != sm3) return differs("bundle sm3", *statement.bundle_sm3, sm3);
    }
    if (statement.product != document.name) return differs("product", statement.product, document.name);
    if (statement.version != document.version) return differs("version", statement.version, document.version);
    if (statement.release_counter != document.release_counter) {
        return differs("release", std::to_string(statement.release_counter),
                       std::to_string(document.release_counter));
    }
    if (statement.profile_id != document.profile_id)
        return differs("profile", statement.profile_id, document.profile_id);
    if (statement.profile != document.profile.digest)
        return differs("profile digest", statement.profile.text(), document.profile.digest.text());
    return {};
}

Report check_release(const ReleaseStatement& release, const TrustPolicy& policy, const PolicyRole& role,
                     const BundleFacts& bundle, const std::string& now, const std::string& where) {
    Report report;
    const auto refuse = [&](Code code, const std::string& text, const std::string& hint) {
        report.add({code, where, text, hint});
    };
    const std::string problem = difference(release, bundle.document, bundle.assembly);
    if (!problem.empty()) refuse(Code::trust_statement, problem, "this signature belongs to another bundle");
    if (!role.releases(release.product)) {
        refuse(Code::trust_product,
               "role " + in_quotes(role.name) + " may release " + list_of(role.products) + ", and not " +
                   in_quotes(release.product),
               "this bundle is meant for somebody else");
    }
    const ReleaseTerms& terms = release.terms;
    if (terms.expires && *terms.expires <= now)
        refuse(Code::trust_expired, "the release ended at " + *terms.expires, "get a newer one");
    if (terms.policy_min_version > policy.version) {
        refuse(Code::trust_policy_old,
               "it wants version " + std::to_string(terms.policy_min_version) +
                   " of the trust policy, known is " + std::to_string(policy.version),
               "sealift-runtime trust update POLICY");
    }
    const bool wants_sm3 =
        std::find(policy.digests.begin(), policy.digests.end(), "sm3") != policy.digests.end();
    if (wants_sm3 && !release.bundle_sm3)
        refuse(Code::trust_statement, "the policy wants the bundle's SM3 digest, it has none",
               "sealift sign BUNDLE --sm3");
    return report;
}

Report check_release_set(const ReleaseSet& set, const BundleFacts& bundle, const std::string& where) {
    Report report;
    const ReleaseSetMember* own = set.find(bundle.subject_name());
    if (own == nullptr || own->digest != bundle.assembly.bundle_digest())
        report.add({Code::trust_set, where,
                    "the set " + in_quotes(set.set) + " does not name " + in_quotes(bundle.subject_name()),
                    ""});
    for (const BundleFile& file : bundle.document.files) {
        const ReleaseSetMember* member = set.find(file.path.text());
        if (member == nullptr || member->digest == file.digest) continue;
        report.add({Code::trust_set, where,
                    "the set " + in_quotes(set.set) + " names " + member->digest.text() + " for " +
                        in_quotes(member->name) + ", the bundle has " + file.digest.text(),
                    "parts of two releases were mixed"});
    }
    return report;
}

} // namespace manifests
