#include "packager/policy_file.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/media_types.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

using manifests::Digest;
using manifests::Envelope;
using manifests::Error;
using manifests::Fault;
using manifests::TrustPolicy;

constexpr std::uint64_t most_file_bytes = std::uint64_t{16} << 20; // envelopes are a few kB each

bool is_envelope(std::string_view text) {
    manifests::JsonRules rules;
    rules.floats = true; // in members that are ignored
    try {
        const manifests::Json json = manifests::read_json(text, rules);
        return json.is_object() && json.contains("payloadType");
    } catch (const Error&) {
        return false; // the reader that fits says what is wrong
    }
}

std::string_view first_line(std::string_view text) {
    return text.substr(0, text.find('\n'));
}

void add_envelope(std::string_view text, std::vector<PolicyText>& policies) {
    Envelope envelope = Envelope::parse(text);
    if (envelope.payload_type != manifests::media::policy_payload) return;
    TrustPolicy policy = TrustPolicy::parse(envelope.payload);
    const Digest digest = Digest::of(envelope.payload);
    policies.push_back({std::move(policy), digest, std::move(envelope)});
}

void add_lines(std::string_view text, std::vector<PolicyText>& policies) {
    std::size_t number = 1;
    while (!text.empty()) {
        const std::string_view line = first_line(text);
        try {
            if (!line.empty()) add_envelope(line, policies);
        } catch (Error& problem) {
            problem.in("line " + std::to_string(number));
            throw;
        }
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        ++number;
    }
}

void add_file(const std::string& path, std::vector<PolicyText>& policies) {
    const std::string text = runtime::read_small_file(path, most_file_bytes);
    if (is_envelope(text)) {
        add_envelope(text, policies);
    } else if (is_envelope(first_line(text))) {
        add_lines(text, policies);
    } else {
        TrustPolicy policy = TrustPolicy::parse_draft(text);
        const Digest digest = Digest::of(policy.encode());
        policies.push_back({std::move(policy), digest, std::nullopt});
    }
}

} // namespace

manifests::SignedPolicy PolicyText::as_signed() const {
    if (!envelope) {
        throw Error(Fault::usage, "this is a draft, wanted a signed trust policy")
            .hint("`sealift policy sign` makes one");
    }
    return manifests::SignedPolicy::read(envelope->encode());
}

std::vector<PolicyText> read_policies(const std::vector<std::string>& paths) {
    std::vector<PolicyText> policies;
    for (const std::string& path : paths) {
        const std::size_t before = policies.size();
        try {
            add_file(path, policies);
            if (policies.size() == before)
                throw Error(Fault::damaged, manifests::Code::trust_policy, "there is no trust policy in it");
        } catch (Error& problem) {
            problem.in(path);
            throw;
        }
    }
    return policies;
}

PolicyText read_policy(const std::string& path) {
    std::vector<PolicyText> policies = read_policies({path});
    if (policies.size() != 1) {
        throw Error(Fault::usage, "there are " + std::to_string(policies.size()) +
                                      " trust policies in the file, wanted one")
            .in(path);
    }
    return std::move(policies.front());
}

} // namespace packager
