// TrustPolicy::parse, SignedPolicy::read and follow_chain: only Error comes out, with the code of its layer;
// what is accepted re-encodes and reads the same, and a chain of strangers never moves a pin.

#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/policy_chain.hpp"
#include "manifests/text.hpp"
#include "manifests/trust_policy.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using namespace manifests;

void check_policy(const TrustPolicy& policy) {
    for (const PolicyRole& role : policy.roles) {
        demand(role.threshold >= 1 && role.threshold <= role.keys.size(), "a threshold can be reached");
        demand(role.distinct_owners >= 1 && role.distinct_owners <= role.threshold, "so can the owners");
    }
    demand(policy.role(root_role) != nullptr, "there is a root role");
    demand(policy.expires > policy.issued, "there is a time to use it in");
}

void check_payload(std::string_view text) {
    try {
        const TrustPolicy policy = TrustPolicy::parse(text);
        demand(text.size() <= TrustPolicy::most_bytes, "a policy fits a smart card");
        check_policy(policy);
        policy.check();
        // Escapes and white space make it shorter, members that were left out make it longer.
        const std::string encoded = policy.encode();
        if (encoded == text) return; // read once already, and checking the points of keys is slow
        demand(TrustPolicy::parse_draft(policy.encode_for_people()).encode() == encoded,
               "an encoding is its own encoding, and a draft is the same policy");
    } catch (const Error& error) {
        demand(error.fault() == Fault::damaged, "bytes from outside are Fault::damaged");
        demand(error.code() == Code::trust_policy, "the code is that of the layer");
        demand(is_utf8(error.what()), "a refusal can be printed");
    }
}

// Nobody has the secret keys of the corpus, so nothing that is mutated can be signed.
void check_envelope(const std::string& text) {
    try {
        const SignedPolicy policy = SignedPolicy::read(text);
        demand(policy.digest == Digest::of(Envelope::parse(text).payload), "the digest is of the payload");
        const ChainResult result = follow_chain(policy, {text});
        demand(result.report.passed() && result.steps.empty(), "a policy does not follow from itself");
    } catch (const Error& error) {
        demand(error.fault() == Fault::damaged, "bytes from outside are Fault::damaged");
        demand(error.code().has_value(), "a refusal has a code");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    check_payload(text);
    check_envelope(text);
    return 0;
}
