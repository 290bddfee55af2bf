#include "runtime/trust_evidence.hpp"

#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

using manifests::Evidence;
using manifests::OrderedJson;
using manifests::TrustAnswer;

OrderedJson json_of(const Evidence& evidence) {
    OrderedJson json = {{"where", evidence.where},
                        {"envelope", evidence.envelope.text()},
                        {"payload_type", json_text(evidence.payload_type)},
                        {"payload", evidence.payload.text()},
                        {"payload_bytes", evidence.size_bytes},
                        {"signed_bytes", evidence.signed_bytes.text()}};
    if (!evidence.predicate_type.empty()) json["predicate_type"] = json_text(evidence.predicate_type);
    if (!evidence.role.empty()) json["role"] = evidence.role;
    json["keys"] = evidence.counted;
    json["owners"] = evidence.owners;
    json["outcome"] = evidence.outcome;
    return json;
}

std::string line(bool passed, const std::string& what, const std::string& text) {
    return (passed ? styled(Style::good, "yes") : styled(Style::bad, "no ")) + "  " + what + ": " + text +
           "\n";
}

} // namespace

void add_evidence_json(OrderedJson& value, const TrustAnswer& answer) {
    const manifests::TrustPolicy& policy = answer.policy.policy;
    OrderedJson steps = OrderedJson::array();
    for (const manifests::SignedPolicy& step : answer.steps)
        steps.push_back({{"version", step.policy.version}, {"digest", step.digest.text()}});
    value["policy"] = {{"policy_id", policy.policy_id},
                       {"version", policy.version},
                       {"digest", answer.policy.digest.text()},
                       {"expires", policy.expires},
                       {"steps", std::move(steps)}};
    value["time"] = answer.now;
    if (answer.release) {
        value["release"] = {{"product", answer.release->product},
                            {"version", answer.release->version},
                            {"release_counter", answer.release->release_counter},
                            {"security_epoch", answer.release->terms.security_epoch}};
    }
    if (answer.permit) value["rollback_permit"] = answer.permit->text();
    OrderedJson evidence = OrderedJson::array();
    for (const Evidence& one : answer.evidence)
        evidence.push_back(json_of(one));
    value["evidence"] = std::move(evidence);
    OrderedJson chain = OrderedJson::array();
    for (const manifests::TrustStep& step : answer.chain)
        chain.push_back({{"what", step.what}, {"passed", step.passed}, {"text", step.text}});
    value["chain"] = std::move(chain);
}

std::string chain_text(const TrustAnswer& answer) {
    std::string text;
    for (const manifests::TrustStep& step : answer.chain)
        text += line(step.passed, step.what, step.text);
    for (const Evidence& one : answer.evidence) {
        text += "     " + one.where + "  " +
                (one.predicate_type.empty() ? manifests::escaped(one.payload_type)
                                            : manifests::escaped(one.predicate_type)) +
                ": " + one.outcome + "\n";
        for (const std::string& key : one.counted)
            text += "       signed by " + key + "\n";
        text += "       over the bytes with " + one.signed_bytes.text() + "\n";
    }
    return text;
}

std::string simple_chain_text(const Verification& result) {
    if (!result.bundle) return {};
    if (result.accepted_unsigned) return line(false, "signature", "nobody has signed it");
    std::string text = line(!result.signers.empty(), "signature",
                            result.signers.empty() ? "no key that was given has released this bundle"
                                                   : "a key that was given has signed the release of " +
                                                         result.bundle->digest().text());
    for (const char* what : {"roles and thresholds", "required statements", "expiry", "revocation",
                             "going back to an older release"})
        text += styled(Style::bad, "no ") + "  " + what + ": not checked, for only a key was given\n";
    return text;
}

std::string unchecked_line(const manifests::Report& report) {
    for (const manifests::Finding& finding : report.findings())
        if (finding.code == manifests::Code::trust_partial) return finding.text + "\n";
    return {};
}

manifests::Report without_partial(const manifests::Report& report) {
    manifests::Report rest;
    for (const manifests::Finding& finding : report.findings())
        if (finding.code != manifests::Code::trust_partial) rest.add(finding);
    return rest;
}

} // namespace runtime
