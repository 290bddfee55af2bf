#include "manifests/trust_policy.hpp"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/base64.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "manifests/trust_policy_rules.hpp"

namespace manifests {
namespace {

// Indentation and line feeds of a draft, whose payload stays under TrustPolicy::most_bytes.
constexpr std::uint64_t most_draft_bytes = 8 * std::uint64_t{TrustPolicy::most_bytes};

// `read` for each member of an object; an Error says in which.
template<typename Read>
void read_members(Fields& fields, std::string_view name, Read read) {
    for (const auto& [key, value] : fields.object(name).items()) {
        try {
            read(key, value);
        } catch (Error& problem) {
            problem.in(key).in(name);
            throw;
        }
    }
}

template<typename Read>
void read_elements(std::string_view name, const Json* list, Read read) {
    if (list == nullptr) return;
    for (std::size_t i = 0; i < list->size(); ++i) {
        try {
            read((*list)[i]);
        } catch (Error& problem) {
            problem.in(std::string(name) + "[" + std::to_string(i) + "]");
            throw;
        }
    }
}

KeyType read_key_type(const std::string& name) {
    const std::optional<KeyType> type = key_type_named(name);
    if (!type) refuse_document("key type " + in_quotes(name) + " is unknown");
    return *type;
}

PolicyKey read_key(const std::string& key_id, const Json& value) {
    Fields fields(value);
    const KeyType type = read_key_type(fields.text("type"));
    PublicKey key = PublicKey::from_spki(from_base64(fields.text("spki")));
    if (const std::optional<std::string> id = fields.maybe_text("sm2_id")) key = key.with_sm2_id(*id);
    PolicyKey entry{key, fields.text("owner"), fields.text_or("custody", "")};
    if (fields.has("custody") && entry.custody.empty()) refuse_document("custody is empty");
    fields.refuse_others();
    if (type != key.type())
        refuse_document("type is " + std::string(name_of(type)) + ", but the key is of type " +
                        std::string(name_of(key.type())));
    if (key_id != key.key_id()) refuse_document("the key behind this key id has the id " + key.key_id());
    return entry;
}

PolicyRole read_role(const std::string& name, const Json& value) {
    Fields fields(value);
    PolicyRole role;
    role.name = name;
    role.keys = fields.texts("keys");
    role.threshold = fields.count("threshold");
    role.distinct_owners = fields.count_or("distinct_owners", 1);
    if (fields.has("products")) role.products = fields.texts("products");
    if (fields.has("files")) {
        for (const std::string& file_role : fields.texts("files"))
            role.files.push_back(parse_role(file_role));
        if (role.files.empty()) refuse_document("files is empty");
    }
    fields.refuse_others();
    return role;
}

Requirement read_requirement(const Json& value) {
    Fields fields(value);
    Requirement requirement{fields.text("predicate"), fields.text("role"), {}};
    if (fields.has("match")) {
        Fields match(fields.object("match"));
        for (const auto& [pointer, allowed] : fields.object("match").items())
            requirement.match[pointer] = match.texts(pointer);
        if (requirement.match.empty()) refuse_document("match is empty");
    }
    fields.refuse_others();
    return requirement;
}

std::vector<KeyType> read_group(const Json& value) {
    if (!value.is_array()) refuse_document("a group of key types is no list");
    std::vector<KeyType> group;
    for (const Json& name : value) {
        if (!name.is_string()) refuse_document("a key type is no text");
        group.push_back(read_key_type(name.get<std::string>()));
    }
    return group;
}

void read_algorithms(const Json& value, TrustPolicy& policy) {
    Fields fields(value);
    read_elements("all_of", fields.maybe_array("all_of"),
                  [&](const Json& group) { policy.all_of.push_back(read_group(group)); });
    if (fields.has("all_of") && policy.all_of.empty()) refuse_document("all_of is empty");
    if (fields.has("digests")) policy.digests = fields.texts("digests");
    fields.refuse_others();
}

Floor read_floor(const Json& value) {
    Fields fields(value);
    const Floor floor{fields.count_or("release_counter", 0), fields.count_or("security_epoch", 0)};
    fields.refuse_others();
    return floor;
}

RevokedKey read_revoked_key(const Json& value) {
    Fields fields(value);
    RevokedKey revoked{fields.text("keyid"), fields.text("reason")};
    fields.refuse_others();
    return revoked;
}

void read_revoked(const Json& value, TrustPolicy& policy) {
    Fields fields(value);
    read_elements("keys", fields.maybe_array("keys"),
                  [&](const Json& key) { policy.revoked_keys.push_back(read_revoked_key(key)); });
    for (const std::string& digest : fields.texts_or_none("digests"))
        policy.revoked_digests.push_back(Digest::parse(digest));
    fields.refuse_others();
}

PolicyReference read_previous(const Json& value) {
    Fields fields(value);
    const PolicyReference previous{fields.count("version"), Digest::parse("sha256:" + fields.text("sha256"))};
    fields.refuse_others();
    return previous;
}

// The members that say what a statement and its signers must be like.
void read_demands(Fields& fields, TrustPolicy& policy) {
    read_members(fields, "keys", [&](const std::string& key_id, const Json& key) {
        policy.keys.emplace(key_id, read_key(key_id, key));
    });
    read_members(fields, "roles", [&](const std::string& name, const Json& role) {
        policy.roles.push_back(read_role(name, role));
    });
    read_elements("require", &fields.array("require"),
                  [&](const Json& requirement) { policy.require.push_back(read_requirement(requirement)); });
    if (fields.has("algorithms")) read_algorithms(fields.object("algorithms"), policy);
}

// The members that end what was once good.
void read_limits(Fields& fields, TrustPolicy& policy) {
    if (fields.has("floors")) {
        read_members(fields, "floors", [&](const std::string& product, const Json& floor) {
            policy.floors[product] = read_floor(floor);
        });
    }
    policy.counter_epoch = fields.count_or("counter_epoch", 1);
    if (fields.has("revoked")) read_revoked(fields.object("revoked"), policy);
    if (fields.has("time")) {
        Fields time(fields.object("time"));
        policy.max_offline_days = time.count("max_offline_days");
        time.refuse_others();
    }
}

TrustPolicy read_policy(std::string_view text, std::uint64_t most_bytes) {
    JsonRules rules;
    rules.most_bytes = most_bytes;
    const Json json = read_json(text, rules);
    Fields fields(json);
    fields.must_be("_type", trust_policy_type);
    TrustPolicy policy;
    policy.policy_id = fields.text("policy_id");
    policy.version = fields.count("version");
    policy.issued = fields.text("issued");
    policy.expires = fields.text("expires");
    if (fields.has("prev")) policy.previous = read_previous(fields.object("prev"));
    read_demands(fields, policy);
    read_limits(fields, policy);
    fields.must_be("enforcement", "strict");
    fields.refuse_others();
    check_policy_rules(policy);
    return policy;
}

OrderedJson write_key(const PolicyKey& entry) {
    OrderedJson json;
    json["type"] = name_of(entry.key.type());
    json["spki"] = to_base64(entry.key.spki());
    json["owner"] = entry.owner;
    if (!entry.custody.empty()) json["custody"] = entry.custody;
    if (entry.key.type() == KeyType::sm2) json["sm2_id"] = entry.key.sm2_id();
    return json;
}

OrderedJson write_role(const PolicyRole& role) {
    OrderedJson json;
    json["keys"] = role.keys;
    json["threshold"] = role.threshold;
    if (role.distinct_owners != 1) json["distinct_owners"] = role.distinct_owners;
    if (role.products != std::vector<std::string>{"*"}) json["products"] = role.products;
    for (const Role file_role : role.files)
        json["files"].push_back(name_of(file_role));
    return json;
}

OrderedJson write_requirement(const Requirement& requirement) {
    OrderedJson json;
    json["predicate"] = requirement.predicate;
    json["role"] = requirement.role;
    for (const auto& [pointer, allowed] : requirement.match)
        json["match"][pointer] = allowed;
    return json;
}

OrderedJson write_revoked(const TrustPolicy& policy) {
    OrderedJson keys = OrderedJson::array();
    for (const RevokedKey& revoked : policy.revoked_keys)
        keys.push_back({{"keyid", revoked.key_id}, {"reason", revoked.reason}});
    OrderedJson digests = OrderedJson::array();
    for (const Digest& digest : policy.revoked_digests)
        digests.push_back(digest.text());
    return {{"keys", std::move(keys)}, {"digests", std::move(digests)}};
}

void write_demands(const TrustPolicy& policy, OrderedJson& json) {
    json["keys"] = OrderedJson::object();
    for (const auto& [key_id, entry] : policy.keys)
        json["keys"][key_id] = write_key(entry);
    for (const PolicyRole& role : policy.roles)
        json["roles"][role.name] = write_role(role);
    for (const Requirement& requirement : policy.require)
        json["require"].push_back(write_requirement(requirement));
    for (const std::vector<KeyType>& group : policy.all_of) {
        OrderedJson names = OrderedJson::array();
        for (const KeyType type : group)
            names.push_back(name_of(type));
        json["algorithms"]["all_of"].push_back(std::move(names));
    }
    if (policy.digests != std::vector<std::string>{"sha256"}) json["algorithms"]["digests"] = policy.digests;
}

void write_limits(const TrustPolicy& policy, OrderedJson& json) {
    for (const auto& [product, floor] : policy.floors) {
        json["floors"][product] = {{"release_counter", floor.release_counter},
                                   {"security_epoch", floor.security_epoch}};
    }
    json["counter_epoch"] = policy.counter_epoch;
    if (!policy.revoked_keys.empty() || !policy.revoked_digests.empty())
        json["revoked"] = write_revoked(policy);
    if (policy.max_offline_days) json["time"]["max_offline_days"] = *policy.max_offline_days;
}

OrderedJson write_policy(const TrustPolicy& policy) {
    OrderedJson json;
    json["_type"] = trust_policy_type;
    json["policy_id"] = policy.policy_id;
    json["version"] = policy.version;
    json["issued"] = policy.issued;
    json["expires"] = policy.expires;
    if (policy.previous) {
        json["prev"]["version"] = policy.previous->version;
        json["prev"]["sha256"] = policy.previous->digest.hex();
    }
    write_demands(policy, json);
    write_limits(policy, json);
    json["enforcement"] = "strict";
    return json;
}

// Every defect of a policy has the one code.
template<typename Work>
auto as_policy(Work work) {
    try {
        return work();
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        throw Error(Fault::damaged, Code::trust_policy, std::string("trust policy: ") + problem.what());
    }
}

std::string write_checked(const TrustPolicy& policy) {
    check_policy_rules(policy);
    std::string payload = write_json(write_policy(policy));
    if (payload.size() > TrustPolicy::most_bytes)
        refuse_document("there are " + std::to_string(payload.size()) + " bytes, at most " +
                        std::to_string(TrustPolicy::most_bytes) + " are allowed");
    return payload;
}

} // namespace

TrustPolicy TrustPolicy::parse(std::string_view payload) {
    return as_policy([&] { return read_policy(payload, most_bytes); });
}

TrustPolicy TrustPolicy::parse_draft(std::string_view text) {
    return as_policy([&] {
        TrustPolicy policy = read_policy(text, most_draft_bytes);
        write_checked(policy); // its size
        return policy;
    });
}

std::string TrustPolicy::encode() const {
    return as_policy([&] { return write_checked(*this); });
}

std::string TrustPolicy::encode_for_people() const {
    return as_policy([&] {
        write_checked(*this);
        return write_json_for_people(write_policy(*this));
    });
}

void TrustPolicy::check() const {
    as_policy([&] { check_policy_rules(*this); });
}

const PolicyRole* TrustPolicy::role(std::string_view name) const {
    const auto found =
        std::find_if(roles.begin(), roles.end(), [&](const PolicyRole& role) { return role.name == name; });
    return found == roles.end() ? nullptr : &*found;
}

bool TrustPolicy::has_revoked_key(std::string_view key_id) const {
    return std::any_of(revoked_keys.begin(), revoked_keys.end(),
                       [&](const RevokedKey& revoked) { return revoked.key_id == key_id; });
}

bool PolicyRole::releases(std::string_view product) const {
    return std::any_of(products.begin(), products.end(),
                       [&](const std::string& entry) { return entry == "*" || entry == product; });
}

} // namespace manifests
