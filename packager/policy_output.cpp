#include "packager/policy_output.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::escaped;
using manifests::OrderedJson;
using manifests::PolicyRole;
using manifests::TrustPolicy;

constexpr std::size_t shown_id_digits = 16; // --format json has all of them

std::string count_of(std::uint64_t count, std::string_view thing) {
    return std::to_string(count) + " " + std::string(thing) + (count == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts)
        all += (all.empty() ? "" : ", ") + text;
    return all;
}

std::string needs_of(const PolicyRole& role) {
    std::string text = std::to_string(role.threshold) + " of " + std::to_string(role.keys.size());
    if (role.distinct_owners > 1) text += ", " + std::to_string(role.distinct_owners) + " owners";
    return text;
}

std::string scope_of(const PolicyRole& role) {
    std::vector<std::string> scope;
    if (role.products != std::vector<std::string>{"*"}) scope = role.products;
    for (const manifests::Role file_role : role.files)
        scope.push_back(std::string(name_of(file_role)) + " files");
    return joined(scope);
}

std::optional<RootSide> own_side(const PolicyText& text) {
    if (!text.envelope) return std::nullopt;
    return root_sides(text.policy, nullptr, *text.envelope).back();
}

std::string head(const PolicyText& text) {
    const TrustPolicy& policy = text.policy;
    std::string lines = "policy    " + escaped(policy.policy_id) + " version " +
                        std::to_string(policy.version) + (text.envelope ? "" : ", a draft") + "\n";
    lines +=
        "digest    " + text.digest.text() + (text.envelope ? "" : "  (when it is signed as it is)") + "\n";
    lines += "type it   " + in_groups(text.digest) + "\n";
    lines += "issued    " + policy.issued + ", expires " + policy.expires;
    if (policy.max_offline_days)
        lines += ", at most " + count_of(*policy.max_offline_days, "day") + " without a newer one";
    lines += "\n";
    if (policy.previous)
        lines += "follows   version " + std::to_string(policy.previous->version) + ", " +
                 policy.previous->digest.text() + "\n";
    if (const std::optional<RootSide> side = own_side(text)) {
        lines += "signed    " + side_line(*side) + "\n";
        if (!side->verdict.bad.empty())
            lines += "          " + count_of(side->verdict.bad.size(), "signature") + " by root keys " +
                     (side->verdict.bad.size() == 1 ? "is" : "are") + " wrong\n";
    }
    return lines;
}

bool has(const std::vector<std::string>& list, const std::string& text) {
    return std::find(list.begin(), list.end(), text) != list.end();
}

std::string mark_of(const PolicyText& text, const std::optional<RootSide>& side, const PolicyRole& role,
                    const std::string& key_id) {
    if (text.policy.has_revoked_key(key_id)) return "revoked";
    if (!side || role.name != manifests::root_role) return "";
    return has(side->verdict.counted, key_id) ? "signed" : "";
}

std::string role_table(const PolicyText& text) {
    const std::optional<RootSide> side = own_side(text);
    runtime::Table table({"ROLE", "NEEDS", "FOR", "KEY", "TYPE", "OWNER", "CUSTODY", "STATE"});
    for (const PolicyRole& role : text.policy.roles) {
        for (const std::string& key_id : role.keys) {
            const manifests::PolicyKey& entry = text.policy.keys.at(key_id);
            table.row({role.name, needs_of(role), scope_of(role), key_id.substr(0, shown_id_digits),
                       std::string(name_of(entry.key.type())), entry.owner, entry.custody,
                       mark_of(text, side, role, key_id)});
        }
    }
    return table.text();
}

std::string requirement_table(const TrustPolicy& policy) {
    runtime::Table table({"REQUIRED STATEMENT", "SIGNED BY", "WITH"});
    for (const manifests::Requirement& one : policy.require) {
        std::vector<std::string> matches;
        for (const auto& [pointer, allowed] : one.match)
            matches.push_back(pointer + " = " + joined(allowed));
        table.row({one.predicate, one.role, joined(matches)});
    }
    return table.text();
}

std::string algorithm_line(const TrustPolicy& policy) {
    std::vector<std::string> groups;
    for (const std::vector<manifests::KeyType>& group : policy.all_of) {
        std::string names;
        for (const manifests::KeyType type : group)
            names += (names.empty() ? "" : " or ") + std::string(name_of(type));
        groups.push_back(names);
    }
    std::string text =
        groups.empty() ? "" : "every role needs signatures by each of: " + joined(groups) + "\n";
    if (policy.digests.size() > 1) text += "digests that have to match: " + joined(policy.digests) + "\n";
    return text;
}

std::string limit_lines(const TrustPolicy& policy) {
    std::string text = algorithm_line(policy);
    for (const auto& [product, floor] : policy.floors)
        text += "floor of " + product + ": release counter " + std::to_string(floor.release_counter) +
                ", security epoch " + std::to_string(floor.security_epoch) + "\n";
    if (policy.counter_epoch != 1) text += "counter epoch " + std::to_string(policy.counter_epoch) + "\n";
    for (const manifests::RevokedKey& revoked : policy.revoked_keys)
        text += "revoked key " + revoked.key_id + ": " + escaped(revoked.reason) + "\n";
    for (const manifests::Digest& digest : policy.revoked_digests)
        text += "revoked " + digest.text() + "\n";
    return text.empty() ? text : "\n" + text;
}

} // namespace

std::string in_groups(const manifests::Digest& digest) {
    constexpr std::size_t group = 8;
    const std::string digits = digest.hex();
    std::string text;
    for (std::size_t at = 0; at < digits.size(); at += group)
        text += (at == 0 ? "" : " ") + digits.substr(at, group);
    return text;
}

std::string policy_table(const PolicyText& text) {
    return head(text) + "\n" + role_table(text) + "\n" + requirement_table(text.policy) +
           limit_lines(text.policy);
}

std::string chain_table(const std::vector<PolicyText>& texts) {
    runtime::Table table({"VERSION", "ISSUED", "EXPIRES", "ROOT", "DIGEST"});
    for (const PolicyText& text : texts) {
        const std::optional<RootSide> side = own_side(text);
        table.row({std::to_string(text.policy.version), text.policy.issued, text.policy.expires,
                   !side ? "draft" : (side->verdict.met ? "signed" : "not enough"), text.digest.text()});
    }
    return table.text();
}

std::string side_line(const RootSide& side) {
    std::string text = "root of version " + std::to_string(side.version) + ": ";
    if (side.verdict.met)
        return text + "met, by " + count_of(side.verdict.counted.size(), "key") + " of " +
               count_of(side.verdict.owners.size(), "owner");
    if (side.keys_needed() > 0) {
        text += count_of(side.keys_needed(), "more signature") + " needed";
        if (side.owners_needed() > 0) text += ", by " + count_of(side.owners_needed(), "more owner");
        return text;
    }
    if (side.owners_needed() > 0) return text + count_of(side.owners_needed(), "more owner") + " needed";
    return text + side.verdict.why;
}

OrderedJson side_json(const RootSide& side) {
    return {{"version", side.version},
            {"met", side.verdict.met},
            {"threshold", side.threshold},
            {"distinct_owners", side.distinct_owners},
            {"signed_by", side.verdict.counted},
            {"owners", side.verdict.owners},
            {"bad_signatures", side.verdict.bad},
            {"revoked", side.verdict.revoked},
            {"keys_needed", side.keys_needed()},
            {"owners_needed", side.owners_needed()},
            {"why", side.verdict.why}};
}

OrderedJson policy_json(const PolicyText& text) {
    const std::optional<RootSide> side = own_side(text);
    OrderedJson json;
    json["kind"] = text.envelope ? "signed" : "draft";
    json["policy_id"] = text.policy.policy_id;
    json["version"] = text.policy.version;
    json["digest"] = text.digest.text();
    json["fingerprint"] = in_groups(text.digest);
    json["policy"] = OrderedJson(manifests::read_json(text.policy.encode()));
    json["root"] = side ? side_json(*side) : OrderedJson(nullptr);
    return json;
}

} // namespace packager
