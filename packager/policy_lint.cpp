#include "packager/policy_lint.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "manifests/policy_chain.hpp"
#include "manifests/predicates.hpp"
#include "manifests/time_text.hpp"
#include "packager/policy_draft.hpp"

namespace packager {
namespace {

namespace predicate = manifests::predicate;
using manifests::Code;
using manifests::KeyType;
using manifests::PolicyKey;
using manifests::PolicyRole;
using manifests::Report;
using manifests::Severity;
using manifests::TrustPolicy;

constexpr std::int64_t far_days = 3 * 366; // what was decided that long ago, nobody remembers
constexpr std::int64_t near_days = 30;     // to collect signatures and to reach every site takes weeks

class Linter {
public:
    Linter(const TrustPolicy& policy, std::string_view now) : policy_(policy), now_(now) {}

    Report lint() {
        look_at_times();
        look_at_owners();
        for (const PolicyRole& role : policy_.roles)
            look_at_role(role);
        look_at_keys();
        look_at_requirements();
        look_at_floors();
        return std::move(report_);
    }

private:
    void note(std::string where, std::string text, std::string hint = "") {
        report_.add({Code::trust_policy, std::move(where), std::move(text), std::move(hint), Severity::note});
    }
    void refuse(std::string where, std::string text, std::string hint) {
        report_.add({Code::trust_policy, std::move(where), std::move(text), std::move(hint)});
    }

    void look_at_times() {
        if (const auto expired = manifests::expiry_of(policy_, now_)) {
            report_.add(*expired);
        } else if (manifests::days_between(now_, policy_.expires) < near_days) {
            note("expires", "it expires in less than " + std::to_string(near_days) + " days",
                 "start the next version now");
        }
        const std::int64_t days = manifests::days_between(policy_.issued, policy_.expires);
        if (days > far_days)
            note("expires", "it holds for " + std::to_string(days) + " days",
                 "a site that is kept from newer versions would trust this one for as long");
        if (policy_.issued > now_) note("issued", "it is issued in the future");
        if (policy_.max_offline_days && *policy_.max_offline_days > static_cast<std::uint64_t>(days))
            note("time", "max_offline_days is longer than the policy holds, so it does nothing");
    }

    void look_at_owners() {
        std::map<std::string, std::set<std::string>> spellings;
        for (const auto& [key_id, entry] : policy_.keys) {
            std::string lower = entry.owner;
            std::transform(lower.begin(), lower.end(), lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
            spellings[lower].insert(entry.owner);
            if (entry.owner == unnamed_owner)
                note("key " + key_id, "its owner is not named", "write who holds it into 'owner'");
        }
        for (const auto& [lower, texts] : spellings) {
            if (texts.size() > 1)
                note("owner " + lower, "is spelled in several ways, which count as several owners");
        }
    }

    std::vector<const PolicyKey*> usable_keys(const PolicyRole& role) const {
        std::vector<const PolicyKey*> keys;
        for (const std::string& key_id : role.keys) {
            if (!policy_.has_revoked_key(key_id)) keys.push_back(&policy_.keys.at(key_id));
        }
        return keys;
    }

    static bool suffices(const std::vector<const PolicyKey*>& keys, const PolicyRole& role) {
        std::set<std::string> owners;
        for (const PolicyKey* key : keys)
            owners.insert(key->owner);
        return keys.size() >= role.threshold && owners.size() >= role.distinct_owners;
    }

    void look_at_role(const PolicyRole& role) {
        const std::string where = "role " + role.name;
        const std::vector<const PolicyKey*> keys = usable_keys(role);
        if (keys.size() < role.keys.size())
            note(where, "it names keys that are revoked", "`sealift policy rotate --revoke` takes them out");
        if (!suffices(keys, role))
            refuse(where, "without its revoked keys it can never be met", "add keys, or lower the threshold");
        look_at_groups(role, keys);
        look_at_thresholds(role, keys);
        look_at_custody(role, keys);
        if (role.name != manifests::root_role && !is_asked(role))
            note(where, "nothing requires it, so its signatures change nothing");
    }

    void look_at_groups(const PolicyRole& role, const std::vector<const PolicyKey*>& keys) {
        for (const std::vector<KeyType>& group : policy_.all_of) {
            std::vector<const PolicyKey*> of_group;
            std::copy_if(keys.begin(), keys.end(), std::back_inserter(of_group), [&](const PolicyKey* key) {
                return std::find(group.begin(), group.end(), key->key.type()) != group.end();
            });
            if (suffices(of_group, role)) continue;
            refuse("role " + role.name,
                   "all_of asks for signatures by " + std::string(name_of(group.front())) +
                       " keys, and it does not have enough of them",
                   "add such keys, or take the group out of all_of");
        }
    }

    void look_at_thresholds(const PolicyRole& role, const std::vector<const PolicyKey*>& keys) {
        const std::string where = "role " + role.name;
        const bool is_root = role.name == manifests::root_role;
        if (role.threshold == 1 && (is_root || role.name == manifests::release_role))
            note(where, "one key is enough, and so is one stolen key", "let two keys of two owners sign");
        if (role.threshold > 1 && role.distinct_owners == 1)
            note(where, "all signatures can come from one owner", "set distinct_owners");
        if (is_root && keys.size() == role.threshold)
            note(where, "every root key is needed to sign the next version: losing one ends the policy",
                 "add a spare key that stays in another place");
    }

    void look_at_custody(const PolicyRole& role, const std::vector<const PolicyKey*>& keys) {
        if (role.name != manifests::root_role && role.name != manifests::release_role) return;
        const auto in_files = std::count_if(keys.begin(), keys.end(),
                                            [](const PolicyKey* key) { return key->custody == "file"; });
        if (in_files > 0)
            note("role " + role.name, std::to_string(in_files) + " of its keys are kept in a file",
                 "a token or a smart card cannot be copied");
    }

    bool is_asked(const PolicyRole& role) const {
        return std::any_of(policy_.require.begin(), policy_.require.end(),
                           [&](const manifests::Requirement& one) { return one.role == role.name; });
    }

    void look_at_keys() {
        for (const auto& [key_id, entry] : policy_.keys) {
            std::vector<std::string> roles;
            for (const PolicyRole& role : policy_.roles) {
                if (std::find(role.keys.begin(), role.keys.end(), key_id) != role.keys.end())
                    roles.push_back(role.name);
            }
            if (roles.empty()) note("key " + key_id, "it is in no role");
            if (roles.size() > 1)
                note("key " + key_id, "it is in the roles " + roles[0] + " and " + roles[1] +
                                          ", so stealing one key breaks into both");
        }
    }

    void look_at_requirements() {
        std::set<std::string> predicates;
        for (const manifests::Requirement& one : policy_.require) {
            predicates.insert(one.predicate);
            if (one.predicate == predicate::component && policy_.role(one.role)->files.empty())
                note("role " + one.role, "it is asked for components, but has no 'files' to vouch for");
        }
        if (!predicates.contains(std::string(predicate::provenance)))
            note("require", "no provenance is required, so nobody says how a bundle was built");
        if (!predicates.contains(std::string(predicate::cyclonedx)))
            note("require", "no bill of materials is required");
    }

    void look_at_floors() {
        for (const auto& entry : policy_.floors) {
            const std::string& product = entry.first;
            const bool is_released =
                std::any_of(policy_.require.begin(), policy_.require.end(), [&](const auto& one) {
                    return one.predicate == predicate::release && policy_.role(one.role)->releases(product);
                });
            if (!is_released) note("floor " + product, "nobody may release this product");
        }
    }

    const TrustPolicy& policy_;
    std::string_view now_;
    Report report_;
};

} // namespace

Report lint_policy(const TrustPolicy& policy, std::string_view now) {
    return Linter(policy, now).lint();
}

} // namespace packager
