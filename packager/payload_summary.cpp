#include "packager/payload_summary.hpp"

#include <nlohmann/json.hpp>

#include "manifests/component.hpp"
#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/release.hpp"
#include "manifests/release_set.hpp"
#include "manifests/text.hpp"
#include "manifests/trust_policy.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Statement;

[[noreturn]] void refuse(const std::string& text) {
    throw Error(Fault::refused, Code::trust_statement, text).hint("do not sign it; ask whoever prepared it");
}

// A statement may have members that are unknown, for in-toto wants readers to skip them. Who signs one
// vouches for them too, so here they are not skipped.
void demand_one_spelling(const std::string& payload, const std::string& encoded) {
    if (payload == encoded) return;
    refuse("the statement has members or spellings that this program would not write, and cannot show");
}

class Lines {
public:
    explicit Lines(std::vector<SummaryLine>& lines) : lines_(lines) {}
    Lines& add(const std::string& name, const std::string& value) {
        lines_.push_back({name, value});
        return *this;
    }
    Lines& add(const std::string& name, const std::optional<std::string>& value) {
        return value ? add(name, *value) : *this;
    }

private:
    std::vector<SummaryLine>& lines_;
};

void add_release(PayloadSummary& summary, const Statement& statement) {
    const auto release = manifests::ReleaseStatement::from(statement);
    demand_one_spelling(summary.payload, release.encode());
    summary.kind = "release";
    Lines lines(summary.lines);
    lines.add("product", release.product)
        .add("version", release.version)
        .add("release_counter", std::to_string(release.release_counter))
        .add("security_epoch", std::to_string(release.terms.security_epoch))
        .add("expires", release.terms.expires.value_or("never"))
        .add("issued", release.issued)
        .add("bundle", release.bundle.text());
    if (release.bundle_sm3) lines.add("bundle_sm3", "sm3:" + *release.bundle_sm3);
    lines.add("profile", release.profile_id).add("profile_digest", release.profile.text());
    if (release.terms.policy_min_version > 0)
        lines.add("policy_min_version", std::to_string(release.terms.policy_min_version));
    for (const manifests::Digest& replaced : release.terms.replaces)
        lines.add("replaces", replaced.text());
    if (release.terms.exports) {
        lines.add("export_classification", release.terms.exports->classification);
        for (const std::string& destination : release.terms.exports->destinations)
            lines.add("export_destination", destination);
    }
}

void add_subjects(PayloadSummary& summary, const std::vector<manifests::Subject>& subjects) {
    for (const manifests::Subject& subject : subjects) {
        const std::string sm3 = subject.sm3 ? " sm3:" + *subject.sm3 : "";
        summary.lines.push_back({"about", subject.name + " " + subject.digest.text() + sm3});
    }
}

void add_component(PayloadSummary& summary, const Statement& statement) {
    const auto component = manifests::ComponentStatement::from(statement);
    demand_one_spelling(summary.payload, component.encode());
    summary.kind = "component";
    summary.lines.push_back({"role", std::string(manifests::name_of(component.role))});
    add_subjects(summary, component.subjects);
}

void add_release_set(PayloadSummary& summary, const Statement& statement) {
    const auto set = manifests::ReleaseSet::from(statement);
    demand_one_spelling(summary.payload, set.encode());
    summary.kind = "release set";
    Lines lines(summary.lines);
    lines.add("set", set.set).add("counter", std::to_string(set.counter));
    for (const manifests::ReleaseSetMember& member : set.members)
        lines.add("member", member.role + " " + member.name + " " + member.digest.text());
}

void add_statement(PayloadSummary& summary) {
    const Statement statement = Statement::parse(summary.payload);
    summary.lines.push_back({"predicate_type", statement.predicate_type});
    summary.lines_say_all = true;
    if (statement.predicate_type == manifests::predicate::release) return add_release(summary, statement);
    if (statement.predicate_type == manifests::predicate::component) return add_component(summary, statement);
    if (statement.predicate_type == manifests::predicate::release_set)
        return add_release_set(summary, statement);
    summary.lines_say_all = false;
    summary.kind = "statement";
    add_subjects(summary, statement.subjects);
}

std::string text_of(const manifests::PolicyRole& role) {
    return role.name + ": " + std::to_string(role.threshold) + " of " + std::to_string(role.keys.size()) +
           " keys, " + std::to_string(role.distinct_owners) +
           (role.distinct_owners == 1 ? " owner" : " owners");
}

void add_policy(PayloadSummary& summary) {
    const auto policy = manifests::TrustPolicy::parse(summary.payload);
    demand_one_spelling(summary.payload, policy.encode());
    summary.kind = "trust policy";
    Lines lines(summary.lines);
    lines.add("policy_id", policy.policy_id)
        .add("version", std::to_string(policy.version))
        .add("issued", policy.issued)
        .add("expires", policy.expires);
    if (policy.previous)
        lines.add("follows", std::to_string(policy.previous->version) + " " + policy.previous->digest.text());
    for (const manifests::PolicyRole& role : policy.roles)
        lines.add("role", text_of(role));
    lines.add("digest_to_pin", summary.payload_digest.text());
}

// Through the strict door first; then once more for the order in which it will be signed.
manifests::OrderedJson payload_json(const std::string& payload) {
    manifests::JsonRules rules;
    rules.most_bytes = Statement::most_bytes;
    rules.floats = true;
    static_cast<void>(manifests::read_json(payload, rules));
    return manifests::OrderedJson::parse(payload);
}

std::string label(std::string name) {
    for (char& c : name) {
        if (c == '_') c = ' ';
    }
    constexpr std::size_t column = 22;
    name.resize(std::max(column, name.size() + 2), ' ');
    return name;
}

// Line by line, for what is in it came from outside.
std::string whole_payload(const std::string& payload) {
    constexpr std::size_t most_line_bytes = Statement::most_bytes * 4; // nothing is cut
    const std::string text = payload_json(payload).dump(2);
    std::string shown;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        shown += "    " + manifests::escaped(text.substr(at, end - at), most_line_bytes) + "\n";
        at = end + 1;
    }
    return shown;
}

} // namespace

PayloadSummary PayloadSummary::of(std::string_view encoding) {
    const manifests::SigningMessage message = manifests::SigningMessage::parse(encoding);
    PayloadSummary summary{.kind = "",
                           .payload_type = message.payload_type,
                           .payload = message.payload,
                           .lines = {},
                           .message = manifests::Digest::of(encoding),
                           .payload_digest = manifests::Digest::of(message.payload)};
    if (summary.payload_type == manifests::media::in_toto_payload) {
        add_statement(summary);
    } else if (summary.payload_type == manifests::media::policy_payload) {
        add_policy(summary);
    } else {
        refuse("bytes of type " + in_quotes(summary.payload_type) + " are no statement that is known here");
    }
    return summary;
}

std::string PayloadSummary::text() const {
    constexpr std::size_t most_value_bytes = 4096;
    std::string text = label("kind") + kind + "\n";
    for (const SummaryLine& line : lines)
        text += label(line.name) + manifests::escaped(line.value, most_value_bytes) + "\n";
    if (!lines_say_all) text += "all of it, as it will be signed:\n" + whole_payload(payload);
    return text + label("bytes to be signed") + message.text() + "\n";
}

manifests::OrderedJson PayloadSummary::json() const {
    manifests::OrderedJson json;
    json["kind"] = kind;
    json["payload_type"] = payload_type;
    manifests::OrderedJson said = manifests::OrderedJson::array();
    for (const SummaryLine& line : lines)
        said.push_back({{"name", line.name}, {"value", line.value}});
    json["says"] = std::move(said);
    json["payload"] = payload_json(payload);
    json["payload_digest"] = payload_digest.text();
    json["digest"] = message.text();
    return json;
}

} // namespace packager
