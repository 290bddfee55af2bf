#include "packager/policy_draft.hpp"

#include <algorithm>
#include <array>

#include "manifests/error.hpp"
#include "manifests/predicates.hpp"
#include "manifests/text.hpp"
#include "runtime/trust.hpp"

namespace packager {
namespace {

namespace predicate = manifests::predicate;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::PolicyRole;
using manifests::SignedPolicy;
using manifests::TrustPolicy;

constexpr std::size_t least_id_digits = 8; // of a key id that is cut short
constexpr std::array<std::pair<std::string_view, manifests::Role>, 3> file_roles{
    {{"kernels", manifests::Role::kernel},
     {"weights", manifests::Role::weights},
     {"engine", manifests::Role::engine}}};

[[noreturn]] void refuse(const std::string& text) {
    throw Error(Fault::usage, text);
}

// What the options ask for is checked by the rules for every policy, but is the caller's fault.
void check_request(const TrustPolicy& policy) {
    try {
        policy.encode();
    } catch (Error& problem) {
        problem.as(Fault::usage);
        throw;
    }
}

void sort_roles(TrustPolicy& policy) {
    std::sort(policy.roles.begin(), policy.roles.end(),
              [](const PolicyRole& a, const PolicyRole& b) { return a.name < b.name; });
}

PolicyRole& role_of(TrustPolicy& policy, const std::string& name) {
    const auto found = std::find_if(policy.roles.begin(), policy.roles.end(),
                                    [&](const PolicyRole& role) { return role.name == name; });
    if (found == policy.roles.end()) refuse("there is no role " + in_quotes(name));
    return *found;
}

// A key has one owner, whatever its roles.
void grant(TrustPolicy& policy, PolicyRole& role, const KeyGrant& given) {
    const std::string key_id = given.key.key_id();
    const auto known = policy.keys.find(key_id);
    if (known == policy.keys.end()) {
        policy.keys.emplace(
            key_id, manifests::PolicyKey{given.key, given.owner.value_or(std::string(unnamed_owner)), ""});
    } else if (given.owner && known->second.owner == unnamed_owner) {
        known->second.owner = *given.owner;
    } else if (given.owner && known->second.owner != *given.owner) {
        refuse("key " + key_id + " belongs to " + in_quotes(known->second.owner) + ", not to " +
               in_quotes(*given.owner));
    }
    if (std::find(role.keys.begin(), role.keys.end(), key_id) != role.keys.end())
        refuse("key " + key_id + " is in role " + in_quotes(role.name) + " already");
    role.keys.push_back(key_id);
}

void add_role(TrustPolicy& policy, const NewRole& given) {
    if (policy.role(given.name) != nullptr) refuse("role " + in_quotes(given.name) + " is given twice");
    PolicyRole role;
    role.name = given.name;
    role.threshold = given.threshold;
    role.distinct_owners = given.distinct_owners;
    for (const KeyGrant& key : given.keys)
        grant(policy, role, key);
    for (const auto& [name, file_role] : file_roles) {
        if (role.name == name) role.files.push_back(file_role);
    }
    policy.roles.push_back(std::move(role));
}

void add_requirements(TrustPolicy& policy) {
    const std::string release(manifests::release_role);
    policy.require.push_back({std::string(predicate::release), release});
    if (policy.role("builder") != nullptr) {
        policy.require.push_back({std::string(predicate::provenance), "builder"});
        policy.require.push_back({std::string(predicate::cyclonedx), "builder"});
    }
    for (const PolicyRole& role : policy.roles) {
        if (!role.files.empty()) policy.require.push_back({std::string(predicate::component), role.name});
    }
}

// The one key id of `candidates` that begins so.
std::string find_key(const std::vector<std::string>& candidates, const std::string& digits) {
    if (digits.size() < least_id_digits)
        refuse("key id " + in_quotes(digits) + " is too short, wanted at least " +
               std::to_string(least_id_digits) + " digits");
    std::string found;
    for (const std::string& key_id : candidates) {
        if (!key_id.starts_with(digits)) continue;
        if (!found.empty()) refuse("several keys begin with " + in_quotes(digits));
        found = key_id;
    }
    if (found.empty()) refuse("no key begins with " + in_quotes(digits));
    return found;
}

void remove_key(PolicyRole& role, const std::string& key_id) {
    role.keys.erase(std::remove(role.keys.begin(), role.keys.end(), key_id), role.keys.end());
}

void revoke_key(TrustPolicy& policy, const std::string& digits, const std::string& reason) {
    constexpr std::size_t all_digits = 64;
    std::vector<std::string> known;
    for (const auto& [key_id, entry] : policy.keys)
        known.push_back(key_id);
    // A key that is no longer in the policy can be revoked too, by its whole id.
    const std::string key_id = digits.size() == all_digits ? digits : find_key(known, digits);
    if (policy.has_revoked_key(key_id)) refuse("key " + in_quotes(key_id) + " is revoked already");
    policy.revoked_keys.push_back({key_id, reason});
    for (PolicyRole& role : policy.roles)
        remove_key(role, key_id);
}

void raise_floor(TrustPolicy& policy, const std::string& product, const manifests::Floor& floor) {
    manifests::Floor& known = policy.floors[product];
    if (floor.release_counter < known.release_counter || floor.security_epoch < known.security_epoch)
        refuse("the floor of " + in_quotes(product) + " would go down");
    known = floor;
}

void change_roles(TrustPolicy& policy, const RotateRequest& request) {
    for (const auto& [name, digits] : request.remove) {
        PolicyRole& role = role_of(policy, name);
        remove_key(role, find_key(role.keys, digits));
    }
    for (const auto& [name, key] : request.add) {
        if (policy.role(name) == nullptr) add_role(policy, {.name = name, .keys = {}});
        grant(policy, role_of(policy, name), key);
    }
    for (const auto& [name, threshold] : request.thresholds)
        role_of(policy, name).threshold = threshold;
    for (const auto& [name, owners] : request.distinct_owners)
        role_of(policy, name).distinct_owners = owners;
}

void change_limits(TrustPolicy& policy, const RotateRequest& request) {
    for (const auto& [digits, reason] : request.revoke)
        revoke_key(policy, digits, reason);
    for (const manifests::Digest& digest : request.revoke_digests)
        policy.revoked_digests.push_back(digest);
    for (const auto& [product, floor] : request.floors)
        raise_floor(policy, product, floor);
    if (request.counter_epoch) {
        if (*request.counter_epoch < policy.counter_epoch) refuse("the counter epoch would go down");
        policy.counter_epoch = *request.counter_epoch;
    }
}

void prune_keys(TrustPolicy& policy) {
    const auto is_used = [&](const std::string& key_id) {
        return std::any_of(policy.roles.begin(), policy.roles.end(), [&](const PolicyRole& role) {
            return std::find(role.keys.begin(), role.keys.end(), key_id) != role.keys.end();
        });
    };
    for (auto entry = policy.keys.begin(); entry != policy.keys.end();)
        entry = is_used(entry->first) ? std::next(entry) : policy.keys.erase(entry);
}

} // namespace

KeyGrant KeyGrant::read(const std::string& text) {
    const std::size_t equals = text.rfind('=');
    KeyGrant given{runtime::load_keys({text.substr(0, equals)}).front(), std::nullopt};
    if (equals != std::string::npos) given.owner = text.substr(equals + 1);
    return given;
}

NewRole NewRole::read(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) refuse(in_quotes(text) + " is no role, wanted NAME=KEY.pub[=OWNER],...");
    NewRole role;
    role.name = text.substr(0, equals);
    std::string rest = text.substr(equals + 1);
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        role.keys.push_back(KeyGrant::read(rest.substr(0, comma)));
        rest.erase(0, comma + 1);
    }
    return role;
}

TrustPolicy new_policy(const NewPolicyRequest& request) {
    TrustPolicy policy;
    policy.policy_id = request.policy_id;
    policy.issued = request.issued;
    policy.expires = request.expires;
    for (const NewRole& role : request.roles)
        add_role(policy, role);
    sort_roles(policy);
    if (!request.products.empty())
        role_of(policy, std::string(manifests::release_role)).products = request.products;
    add_requirements(policy);
    policy.all_of = request.all_of;
    policy.max_offline_days = request.max_offline_days;
    check_request(policy);
    return policy;
}

TrustPolicy rotate(const SignedPolicy& old, const RotateRequest& request) {
    TrustPolicy policy = old.policy;
    policy.version = old.policy.version + 1;
    policy.previous = {old.policy.version, old.digest};
    policy.issued = request.issued;
    policy.expires = request.expires;
    change_roles(policy, request);
    change_limits(policy, request);
    prune_keys(policy);
    sort_roles(policy);
    check_request(policy);
    return policy;
}

} // namespace packager
