#include "manifests/trust_policy_rules.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/predicates.hpp"
#include "manifests/text.hpp"
#include "manifests/time_text.hpp"

namespace manifests {
namespace {

constexpr std::size_t most_name_bytes = 255;
constexpr std::uint64_t most_count = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

// A text that shows on a screen or on paper as it is; owners and reasons may have spaces inside.
void check_clean(std::string_view name, const std::string& text, bool spaces) {
    const bool fits = !text.empty() && text.size() <= most_name_bytes && is_utf8(text) &&
                      escaped(text, most_name_bytes + 1) == text && text.front() != ' ' &&
                      text.back() != ' ' && (spaces || text.find(' ') == std::string::npos);
    if (!fits)
        refuse_document(std::string(name) + " " + in_quotes(text) + " is not a clean text" +
                        (spaces ? "" : " without spaces"));
}

void check_count(std::string_view name, std::uint64_t count, std::uint64_t least) {
    if (count < least || count > most_count)
        refuse_document(std::string(name) + " is " + std::to_string(count) + ", wanted " +
                        std::to_string(least) + " to 2^63-1");
}

template<typename Value>
void check_once(std::string_view name, std::vector<Value> values) {
    std::sort(values.begin(), values.end());
    if (std::adjacent_find(values.begin(), values.end()) != values.end())
        refuse_document(std::string(name) + " has something in it twice");
}

void check_key_id(const std::string& key_id) {
    const bool fits = key_id.size() == 2 * Digest::size_bytes &&
                      key_id.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!fits) refuse_document("key id " + in_quotes(key_id) + " is not 64 lower-case hex digits");
}

void check_head(const TrustPolicy& policy) {
    check_clean("policy_id", policy.policy_id, false);
    check_count("version", policy.version, 1);
    check_time("issued", policy.issued);
    check_time("expires", policy.expires);
    if (policy.expires <= policy.issued) refuse_document("it expires before it is issued");
    if (policy.previous.has_value() != (policy.version != 1))
        refuse_document("version " + std::to_string(policy.version) + " has " +
                        (policy.previous ? "a" : "no") + " prev, wanted one exactly from version 2 on");
    if (policy.previous && policy.previous->version != policy.version - 1)
        refuse_document("prev is version " + std::to_string(policy.previous->version) + ", wanted " +
                        std::to_string(policy.version - 1));
}

void check_keys(const TrustPolicy& policy) {
    for (const auto& [key_id, entry] : policy.keys) {
        if (key_id != entry.key.key_id())
            refuse_document("key id " + in_quotes(key_id) + " is not that of its key");
        check_clean("owner", entry.owner, true);
        if (!entry.custody.empty()) check_clean("custody", entry.custody, true);
    }
}

void check_role_name(const std::string& name) {
    const bool fits = !name.empty() && name.size() <= most_name_bytes &&
                      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
    if (!fits) refuse_document("role name " + in_quotes(name) + " is not made of a-z, 0-9 and '-'");
}

// Each has to be reachable with the keys there are.
void check_thresholds(const TrustPolicy& policy, const PolicyRole& role) {
    std::set<std::string> spkis; // what is counted is public keys, whatever they are called
    std::set<std::string> owners;
    for (const std::string& key_id : role.keys) {
        const auto found = policy.keys.find(key_id);
        if (found == policy.keys.end())
            refuse_document("key " + in_quotes(key_id) + " is not among the policy's keys");
        if (!spkis.insert(found->second.key.spki()).second)
            refuse_document("key " + in_quotes(key_id) + " is there twice");
        owners.insert(found->second.owner);
    }
    if (role.threshold < 1 || role.threshold > spkis.size())
        refuse_document("threshold is " + std::to_string(role.threshold) + ", wanted 1 to " +
                        std::to_string(spkis.size()) + ", the number of keys");
    if (role.distinct_owners < 1 || role.distinct_owners > owners.size() ||
        role.distinct_owners > role.threshold)
        refuse_document("distinct_owners is " + std::to_string(role.distinct_owners) +
                        ", wanted 1 to the threshold of " + std::to_string(role.threshold) +
                        " and to the number of owners, " + std::to_string(owners.size()));
}

void check_products(const PolicyRole& role) {
    if (role.products.empty()) refuse_document("products is empty");
    if (role.products == std::vector<std::string>{"*"}) return;
    for (const std::string& product : role.products)
        check_name(product);
    check_once("products", role.products);
}

void check_roles(const TrustPolicy& policy) {
    std::vector<std::string> names;
    for (const PolicyRole& role : policy.roles) {
        try {
            check_role_name(role.name);
            check_thresholds(policy, role);
            check_products(role);
            check_once("files", role.files);
        } catch (Error& problem) {
            problem.in("role " + role.name);
            throw;
        }
        names.push_back(role.name);
    }
    check_once("roles", names);
}

// Root keys sign policies and nothing else, so that they can stay in a safe.
void check_root(const TrustPolicy& policy) {
    for (const std::string_view name : {root_role, release_role}) {
        if (policy.role(name) == nullptr) refuse_document("there is no role " + in_quotes(name));
    }
    const PolicyRole& root = *policy.role(root_role);
    if (!root.files.empty() || root.products != std::vector<std::string>{"*"})
        refuse_document("the role 'root' has files or products, but it signs policies alone");
    for (const PolicyRole& role : policy.roles) {
        if (role.name == root_role) continue;
        for (const std::string& key_id : role.keys) {
            if (std::find(root.keys.begin(), root.keys.end(), key_id) != root.keys.end())
                refuse_document("key " + in_quotes(key_id) + " is in 'root' and in " + in_quotes(role.name));
        }
    }
}

// RFC 6901: every reference token has a "/" in front, and "~" stands only in "~0" and "~1".
void check_pointer(const std::string& pointer) {
    bool fits = pointer.starts_with('/');
    for (std::size_t i = 0; i < pointer.size(); ++i) {
        if (pointer[i] == '~')
            fits = fits && i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1');
    }
    if (!fits) refuse_document("match " + in_quotes(pointer) + " is no JSON pointer");
    check_clean("match", pointer, true);
}

void check_requirement(const TrustPolicy& policy, const Requirement& requirement) {
    check_clean("predicate", requirement.predicate, false);
    if (requirement.role == root_role)
        refuse_document("the role 'root' is asked for a statement, but it signs policies alone");
    if (policy.role(requirement.role) == nullptr)
        refuse_document("there is no role " + in_quotes(requirement.role));
    for (const auto& [pointer, allowed] : requirement.match) {
        check_pointer(pointer);
        if (allowed.empty()) refuse_document("match " + in_quotes(pointer) + " allows nothing");
        for (const std::string& text : allowed)
            check_clean("match", text, true);
        check_once("match", allowed);
    }
}

void check_require(const TrustPolicy& policy) {
    std::vector<std::pair<std::string, std::string>> wanted;
    bool release = false;
    for (const Requirement& requirement : policy.require) {
        try {
            check_requirement(policy, requirement);
        } catch (Error& problem) {
            problem.in("require " + requirement.predicate);
            throw;
        }
        wanted.emplace_back(requirement.predicate, requirement.role);
        release = release || requirement.predicate == predicate::release;
    }
    check_once("require", wanted);
    if (!release) refuse_document("require does not have the predicate " + in_quotes(predicate::release));
}

void check_algorithms(const TrustPolicy& policy) {
    for (const std::vector<KeyType>& group : policy.all_of) {
        if (group.empty()) refuse_document("a group of all_of is empty");
        check_once("a group of all_of", group);
    }
    for (const std::string& digest : policy.digests) {
        if (digest != "sha256" && digest != "sm3")
            refuse_document("digest " + in_quotes(digest) + " is unknown; wanted sha256 or sm3");
    }
    check_once("digests", policy.digests);
    if (std::find(policy.digests.begin(), policy.digests.end(), "sha256") == policy.digests.end())
        refuse_document("digests lacks sha256");
}

void check_limits(const TrustPolicy& policy) {
    for (const auto& [product, floor] : policy.floors) {
        check_name(product);
        check_count("release_counter", floor.release_counter, 0);
        check_count("security_epoch", floor.security_epoch, 0);
    }
    check_count("counter_epoch", policy.counter_epoch, 1);
    if (policy.max_offline_days) check_count("max_offline_days", *policy.max_offline_days, 1);
    std::vector<std::string> revoked;
    for (const RevokedKey& key : policy.revoked_keys) {
        check_key_id(key.key_id);
        check_clean("reason", key.reason, true);
        revoked.push_back(key.key_id);
    }
    check_once("revoked keys", revoked);
    check_once("revoked digests", policy.revoked_digests);
}

} // namespace

void check_policy_rules(const TrustPolicy& policy) {
    check_head(policy);
    check_keys(policy);
    check_roles(policy);
    check_root(policy);
    check_require(policy);
    check_algorithms(policy);
    check_limits(policy);
}

} // namespace manifests
