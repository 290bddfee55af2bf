#include "manifests/role_verdict.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "manifests/text.hpp"

namespace manifests {
namespace {

// What signed, of all or of one group of algorithms. Key ids are hashes of public keys, so each key is there
// once.
struct Count {
    std::vector<std::string> keys;
    std::vector<std::string> owners;

    bool reaches(const PolicyRole& role) const {
        return keys.size() >= role.threshold && owners.size() >= role.distinct_owners;
    }
};

Count count_of(const TrustPolicy& policy, const std::vector<std::string>& key_ids,
               const std::vector<KeyType>* types) {
    std::set<std::string> keys;
    std::set<std::string> owners;
    for (const std::string& key_id : key_ids) {
        const PolicyKey& entry = policy.keys.at(key_id);
        const bool fits =
            types == nullptr || std::find(types->begin(), types->end(), entry.key.type()) != types->end();
        if (!fits) continue;
        keys.insert(key_id);
        owners.insert(entry.owner);
    }
    return {{keys.begin(), keys.end()}, {owners.begin(), owners.end()}};
}

std::string lack_of(const PolicyRole& role, const Count& count) {
    std::string text = "role '" + role.name + "': " + std::to_string(count.keys.size()) +
                       (count.keys.size() == 1 ? " key" : " keys") + " of " +
                       std::to_string(count.owners.size()) +
                       (count.owners.size() == 1 ? " owner" : " owners") + " signed, wanted " +
                       std::to_string(role.threshold);
    if (role.distinct_owners > 1) text += " of " + std::to_string(role.distinct_owners) + " owners";
    return text;
}

std::string names_of(const std::vector<KeyType>& types) {
    std::string text;
    for (const KeyType type : types)
        text += (text.empty() ? "" : " or ") + std::string(name_of(type));
    return text;
}

void judge_groups(const TrustPolicy& policy, const PolicyRole& role, RoleVerdict& verdict) {
    for (const std::vector<KeyType>& group : policy.all_of) {
        const Count count = count_of(policy, verdict.counted, &group);
        if (count.reaches(role)) continue;
        verdict.code = Code::trust_algorithm;
        verdict.why = lack_of(role, count) + " with " + names_of(group);
        return;
    }
}

} // namespace

std::vector<PublicKey> keys_of(const TrustPolicy& policy, const PolicyRole& role) {
    std::vector<PublicKey> keys;
    for (const std::string& key_id : role.keys) {
        const auto found = policy.keys.find(key_id);
        if (found != policy.keys.end()) keys.push_back(found->second.key);
    }
    return keys;
}

RoleVerdict judge_role(const TrustPolicy& policy, const PolicyRole& role, const Envelope& envelope) {
    return judge_role(policy, role, check_signatures(envelope, keys_of(policy, role)));
}

RoleVerdict judge_role(const TrustPolicy& policy, const PolicyRole& role,
                       const SignatureVerdict& signatures) {
    const auto is_ours = [&](const std::string& key_id) {
        return std::find(role.keys.begin(), role.keys.end(), key_id) != role.keys.end();
    };
    RoleVerdict verdict;
    std::copy_if(signatures.bad_signature.begin(), signatures.bad_signature.end(),
                 std::back_inserter(verdict.bad), is_ours);
    for (const std::string& key_id : signatures.signed_by) {
        if (is_ours(key_id))
            (policy.has_revoked_key(key_id) ? verdict.revoked : verdict.counted).push_back(key_id);
    }
    const Count all = count_of(policy, verdict.counted, nullptr);
    verdict.owners = all.owners;
    if (all.reaches(role)) {
        judge_groups(policy, role, verdict);
    } else {
        verdict.code = Code::trust_threshold;
        verdict.why = lack_of(role, all);
    }
    if (verdict.code && !verdict.revoked.empty())
        verdict.why += "; " + std::to_string(verdict.revoked.size()) + " more signed with a revoked key";
    verdict.met = !verdict.code;
    return verdict;
}

} // namespace manifests
