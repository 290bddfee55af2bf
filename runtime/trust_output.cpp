#include "runtime/trust_output.hpp"

#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "manifests/time_text.hpp"
#include "runtime/policy_files.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

using manifests::OrderedJson;
using manifests::PolicyRole;
using manifests::ProductRecord;
using manifests::SignedPolicy;
using manifests::SiteState;
using manifests::TrustPolicy;

std::string joined(const std::vector<std::string>& texts) {
    std::string text;
    for (const std::string& each : texts)
        text += (text.empty() ? "" : " ") + each;
    return text;
}

std::string row(std::string_view name, const std::string& value) {
    constexpr std::size_t name_columns = 10;
    return std::string(name) + std::string(name_columns - name.size(), ' ') +
           manifests::escaped(value, 4096) + "\n";
}

std::string remaining(const TrustPolicy& policy, const std::string& now) {
    if (now >= policy.expires) return "; it has";
    return "; in " + std::to_string(manifests::days_between(now, policy.expires)) + " days";
}

std::string state_text(const SiteState& state, const std::string& clock) {
    std::string text = row("site id", state.site_id);
    text += row("state", std::to_string(state.seq) + ", after " + std::string(name_of(state.event)));
    text += row("floor", "it is not before " + state.time_floor);
    const std::string now = manifests::time_now(clock, state.time_floor).now;
    text += row("now", now + (now == clock ? "" : ", for the clock is behind"));
    return text;
}

std::string policy_text(const SignedPolicy& policy, const std::string& now) {
    std::string text = row("policy", policy_name(policy));
    text += row("digest", policy.digest.text());
    text += row("aloud", grouped(policy.digest));
    text += row("issued", policy.policy.issued);
    text += row("expires", policy.policy.expires + remaining(policy.policy, now));
    text += row("epoch", std::to_string(policy.policy.counter_epoch) + " of counters");
    return text;
}

Table roles_of(const TrustPolicy& policy) {
    Table table({"ROLE", "KEYS", "WANTED", "OWNERS", "PRODUCTS"});
    for (const PolicyRole& role : policy.roles) {
        table.row({role.name, std::to_string(role.keys.size()), std::to_string(role.threshold),
                   std::to_string(role.distinct_owners), joined(role.products)});
    }
    for (const std::size_t column : {1U, 2U, 3U})
        table.align_right(column);
    return table;
}

// Products that the site has had and those that have a floor, in one list.
std::map<std::string, std::pair<const ProductRecord*, manifests::Floor>>
products_of(const SignedPolicy* policy, const SiteState* state) {
    std::map<std::string, std::pair<const ProductRecord*, manifests::Floor>> products;
    if (policy != nullptr) {
        for (const auto& [name, floor] : policy->policy.floors)
            products[name].second = floor;
    }
    if (state != nullptr) {
        for (const auto& [name, record] : state->products)
            products[name].first = &record;
    }
    return products;
}

std::string products_text(const SignedPolicy& policy, const SiteState* state) {
    Table table({"PRODUCT", "RELEASE", "FLOOR", "SECURITY EPOCH", "FLOOR", "BUNDLE"});
    for (const auto& [name, product] : products_of(&policy, state)) {
        const auto& [record, floor] = product;
        table.row({name, record == nullptr ? "" : std::to_string(record->release_counter),
                   std::to_string(floor.release_counter),
                   record == nullptr ? "" : std::to_string(record->security_epoch),
                   std::to_string(floor.security_epoch), record == nullptr ? "" : record->bundle.text()});
    }
    for (const std::size_t column : {1U, 2U, 3U, 4U})
        table.align_right(column);
    return table.empty() ? "no product was installed under this policy, and none has a floor\n"
                         : table.text();
}

const SignedPolicy* newest_policy(const SiteTrust& trust) {
    return trust.policies().empty() ? nullptr : &trust.policies().back();
}
const SiteState* state_of(const SiteTrust& trust) {
    return trust.report().passed() ? &trust.state() : nullptr;
}

OrderedJson policy_json(const SignedPolicy& policy) {
    return {{"policy_id", policy.policy.policy_id}, {"version", policy.policy.version},
            {"digest", policy.digest.text()},       {"issued", policy.policy.issued},
            {"expires", policy.policy.expires},     {"counter_epoch", policy.policy.counter_epoch}};
}

OrderedJson roles_json(const TrustPolicy& policy) {
    OrderedJson roles = OrderedJson::array();
    for (const PolicyRole& role : policy.roles) {
        roles.push_back({{"role", role.name},
                         {"keys", role.keys},
                         {"threshold", role.threshold},
                         {"distinct_owners", role.distinct_owners},
                         {"products", role.products}});
    }
    return roles;
}

OrderedJson products_json(const SignedPolicy* policy, const SiteState* state) {
    OrderedJson list = OrderedJson::array();
    for (const auto& [name, product] : products_of(policy, state)) {
        const auto& [record, floor] = product;
        OrderedJson each = {{"product", name}};
        if (record != nullptr) {
            each["release_counter"] = record->release_counter;
            each["security_epoch"] = record->security_epoch;
            each["bundle"] = record->bundle.text();
        }
        each["floor"] = {{"release_counter", floor.release_counter},
                         {"security_epoch", floor.security_epoch}};
        list.push_back(std::move(each));
    }
    return list;
}

OrderedJson state_json(const SiteState& state) {
    OrderedJson permits = OrderedJson::array();
    for (const manifests::Digest& permit : state.permits_used)
        permits.push_back(permit.text());
    return {{"seq", state.seq},
            {"event", name_of(state.event)},
            {"generation", state.generation},
            {"time_floor", state.time_floor},
            {"permits_used", permits}};
}

} // namespace

std::string policy_name(const SignedPolicy& policy) {
    return policy.policy.policy_id + " version " + std::to_string(policy.policy.version);
}

manifests::Report findings_at(const SiteTrust& trust, const std::string& clock) {
    manifests::Report report = trust.report();
    if (!report.passed()) return report;
    const manifests::TimeNow now = trust.now(clock);
    if (now.finding) report.add(*now.finding);
    if (const auto expired = manifests::expiry_of(trust.policy().policy, now.now)) report.add(*expired);
    return report;
}

std::string trust_text(const SiteTrust& trust, const std::string& clock) {
    const SiteState* state = state_of(trust);
    const SignedPolicy* policy = newest_policy(trust);
    std::string text;
    if (state != nullptr) text += state_text(*state, clock);
    if (trust.has_pin()) text += row("pinned", trust.pinned().text());
    if (policy != nullptr) {
        text += policy_text(*policy, state == nullptr ? clock : trust.now(clock).now);
        text += roles_of(policy->policy).text();
        text += products_text(*policy, state);
    }
    if (state != nullptr) text += undetectable(state->seq) + "\n";
    return text;
}

void add_trust_json(OrderedJson& value, const SiteTrust& trust, const std::string& clock) {
    const SiteState* state = state_of(trust);
    const SignedPolicy* policy = newest_policy(trust);
    if (state != nullptr) {
        value["site_id"] = state->site_id;
        value["state"] = state_json(*state);
        value["now"] = trust.now(clock).now;
        value["undetectable"] = undetectable(state->seq);
    }
    if (trust.has_pin()) value["pinned"] = trust.pinned().text();
    if (policy == nullptr) return;
    value["policy"] = policy_json(*policy);
    value["roles"] = roles_json(policy->policy);
    value["products"] = products_json(policy, state);
}

} // namespace runtime
