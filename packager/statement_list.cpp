#include "packager/statement_list.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "manifests/bom_statement.hpp"
#include "manifests/component.hpp"
#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/predicates.hpp"
#include "manifests/provenance.hpp"
#include "manifests/release.hpp"
#include "manifests/release_set.hpp"
#include "manifests/rollback_permit.hpp"
#include "manifests/text.hpp"
#include "manifests/trust_policy.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::escaped;
using manifests::OrderedJson;
using manifests::Statement;

std::string number(std::uint64_t value) {
    return std::to_string(value);
}

std::string several(std::size_t count, const std::string& what) {
    return number(count) + " " + what + (count == 1 ? "" : "s");
}

std::shared_ptr<OrderedJson> held(OrderedJson value) {
    return std::make_shared<OrderedJson>(std::move(value));
}

std::string list_of(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts)
        list += (list.empty() ? "" : " ") + escaped(text);
    return list;
}

// --- what each kind says, for people and for programs ----------------------------------------------------

void describe_release(const Statement& statement, CarriedStatement& out) {
    const auto release = manifests::ReleaseStatement::from(statement);
    const manifests::ReleaseTerms& terms = release.terms;
    out.claim =
        "release " + number(release.release_counter) + ", security epoch " + number(terms.security_epoch);
    out.details = held({{"product", release.product},
                        {"version", release.version},
                        {"release_counter", release.release_counter},
                        {"profile", release.profile_id},
                        {"security_epoch", terms.security_epoch}});
    if (release.issued) {
        out.claim += ", issued " + *release.issued;
        (*out.details)["issued"] = *release.issued;
    }
    if (terms.expires) {
        out.claim += ", ends " + *terms.expires;
        (*out.details)["expires"] = *terms.expires;
    }
    if (terms.policy_min_version > 0) {
        out.claim += ", needs policy version " + number(terms.policy_min_version);
        (*out.details)["policy_min_version"] = terms.policy_min_version;
    }
    if (!terms.replaces.empty()) {
        out.claim += ", replaces " + several(terms.replaces.size(), "bundle");
        for (const manifests::Digest& digest : terms.replaces)
            (*out.details)["replaces"].push_back(digest.text());
    }
    if (terms.exports) {
        out.claim += ", export " + escaped(terms.exports->classification);
        if (!terms.exports->destinations.empty()) out.claim += " to " + list_of(terms.exports->destinations);
        (*out.details)["export"] = {{"classification", terms.exports->classification},
                                    {"destination", terms.exports->destinations}};
    }
}

void describe_provenance(const Statement& statement, CarriedStatement& out) {
    const std::string builder = manifests::builder_of(statement);
    out.claim = "built by " + escaped(builder);
    out.details = held({{"builder_id", runtime::json_text(builder)}});
}

void describe_bom_reference(const Statement& statement, CarriedStatement& out) {
    const std::vector<manifests::Digest> boms = manifests::boms_of(statement);
    out.claim = "names " + several(boms.size(), "BOM");
    out.details = held({{"boms", OrderedJson::array()}});
    for (const manifests::Digest& digest : boms)
        (*out.details)["boms"].push_back(digest.text());
}

void describe_bom(const Statement&, CarriedStatement& out) {
    out.claim = "a BOM, whole";
}

void describe_component(const Statement& statement, CarriedStatement& out) {
    const auto component = manifests::ComponentStatement::from(statement);
    const std::string role(manifests::name_of(component.role));
    out.claim = several(component.subjects.size(), "file") + " with the role " + role;
    out.details = held({{"role", role}});
}

void describe_set(const Statement& statement, CarriedStatement& out) {
    const auto set = manifests::ReleaseSet::from(statement);
    out.claim =
        "set " + set.set + ", counter " + number(set.counter) + ", " + several(set.members.size(), "member");
    out.details = held({{"set", set.set}, {"counter", set.counter}, {"members", set.members.size()}});
}

void describe_permit(const Statement& statement, CarriedStatement& out) {
    const auto permit = manifests::RollbackPermit::parse(*statement.predicate);
    out.claim = "from release " + number(permit.from_counter) + " at " + list_of(permit.sites) + ", ends " +
                permit.expires + ": " + escaped(permit.reason);
    out.details = held({{"product", permit.product},
                        {"from_counter", permit.from_counter},
                        {"to", permit.to.text()},
                        {"sites", permit.sites},
                        {"expires", permit.expires},
                        {"reason", runtime::json_text(permit.reason)}});
}

struct Kind {
    std::string_view predicate_type;
    const char* name;
    void (*describe)(const Statement&, CarriedStatement&);
};

constexpr std::array<Kind, 7> kinds{{
    {manifests::predicate::release, "release", describe_release},
    {manifests::predicate::provenance, "provenance", describe_provenance},
    {manifests::predicate::reference, "BOM", describe_bom_reference},
    {manifests::predicate::cyclonedx, "BOM", describe_bom},
    {manifests::predicate::component, "component", describe_component},
    {manifests::predicate::release_set, "release set", describe_set},
    {manifests::predicate::rollback_permit, "rollback permit", describe_permit},
}};

void describe_statement(const std::string& payload, CarriedStatement& out) {
    const Statement statement = Statement::parse(payload);
    out.type = statement.predicate_type;
    out.subjects = statement.subjects;
    out.kind = "other";
    for (const Kind& kind : kinds) {
        if (kind.predicate_type != statement.predicate_type) continue;
        out.kind = kind.name;
        kind.describe(statement, out);
    }
}

void describe_policy(const std::string& payload, CarriedStatement& out) {
    out.kind = "trust policy";
    const auto policy = manifests::TrustPolicy::parse(payload);
    out.claim = policy.policy_id + " version " + number(policy.version) + ", ends " + policy.expires;
    out.details = held({{"policy_id", policy.policy_id},
                        {"version", policy.version},
                        {"issued", policy.issued},
                        {"expires", policy.expires},
                        {"digest", manifests::Digest::of(payload).text()}});
}

CarriedStatement read_one(const std::string& text) {
    CarriedStatement out(manifests::Digest::of(text));
    try {
        const manifests::Envelope envelope = manifests::Envelope::parse(text);
        out.type = envelope.payload_type;
        out.payload_bytes = envelope.payload.size();
        for (const manifests::EnvelopeSignature& signature : envelope.signatures)
            out.key_ids.push_back(signature.key_id);
        if (envelope.payload_type == manifests::media::policy_payload) {
            describe_policy(envelope.payload, out);
        } else if (envelope.payload_type == manifests::media::in_toto_payload) {
            describe_statement(envelope.payload, out);
        } else {
            out.kind = "other";
        }
    } catch (const manifests::Error& error) {
        if (error.fault() != manifests::Fault::damaged) throw;
        out.problem = error.what();
    }
    return out;
}

bool is_about(const CarriedStatement& statement, const manifests::Digest& bundle) {
    return std::any_of(statement.subjects.begin(), statement.subjects.end(),
                       [&](const manifests::Subject& subject) { return subject.digest == bundle; });
}

std::string subject_text(const CarriedStatement& statement, const manifests::Digest& bundle) {
    if (statement.subjects.empty()) return {};
    if (is_about(statement, bundle)) return "this bundle";
    const std::size_t more = statement.subjects.size() - 1;
    return escaped(statement.subjects.front().name, 60) + (more > 0 ? " and " + number(more) + " more" : "");
}

// Long enough to tell keys apart by eye; JSON has all of it.
std::string keys_text(const CarriedStatement& statement) {
    std::string text;
    for (const std::string& id : statement.key_ids)
        text += (text.empty() ? "" : " ") + (id.empty() ? "(none)" : escaped(id, 16));
    return text;
}

std::string claim_text(const CarriedStatement& statement) {
    if (!statement.problem.empty()) return "cannot be read: " + statement.problem;
    if (statement.claim.empty()) return escaped(statement.type);
    return statement.claim;
}

} // namespace

std::vector<CarriedStatement> list_statements(const std::vector<std::string>& envelopes) {
    std::vector<CarriedStatement> list;
    list.reserve(envelopes.size());
    for (const std::string& text : envelopes)
        list.push_back(read_one(text));
    return list;
}

std::vector<std::string> named_keys(const std::vector<CarriedStatement>& statements) {
    std::vector<std::string> keys;
    for (const CarriedStatement& statement : statements)
        for (const std::string& id : statement.key_ids)
            if (std::find(keys.begin(), keys.end(), id) == keys.end()) keys.push_back(id);
    return keys;
}

OrderedJson statements_json(const std::vector<CarriedStatement>& statements,
                            const manifests::Digest& bundle) {
    OrderedJson list = OrderedJson::array();
    for (const CarriedStatement& statement : statements) {
        OrderedJson subjects = OrderedJson::array();
        for (const manifests::Subject& subject : statement.subjects)
            subjects.push_back(
                {{"name", runtime::json_text(subject.name)}, {"digest", subject.digest.text()}});
        OrderedJson keys = OrderedJson::array();
        for (const std::string& id : statement.key_ids)
            keys.push_back(runtime::json_text(id));
        OrderedJson one = {{"kind", statement.kind},
                           {"type", runtime::json_text(statement.type)},
                           {"envelope", statement.envelope.text()},
                           {"payload_bytes", statement.payload_bytes},
                           {"names_keys", std::move(keys)},
                           {"subjects", std::move(subjects)},
                           {"about_this_bundle", is_about(statement, bundle)}};
        if (statement.details) one["claims"] = *statement.details;
        if (!statement.problem.empty()) one["problem"] = runtime::json_text(statement.problem);
        list.push_back(std::move(one));
    }
    return list;
}

std::string statements_text(const std::vector<CarriedStatement>& statements,
                            const manifests::Digest& bundle) {
    if (statements.empty()) return {};
    runtime::Table table({"STATEMENT", "ABOUT", "SIZE", "NAMES KEYS", "CLAIMS, NOT CHECKED"});
    for (const CarriedStatement& one : statements)
        table.safe_row({escaped(one.kind), subject_text(one, bundle), manifests::size_text(one.payload_bytes),
                        keys_text(one), claim_text(one)});
    table.align_right(2);
    return table.text();
}

} // namespace packager
