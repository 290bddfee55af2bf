#include "packager/policy_at_hand.hpp"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/text.hpp"
#include "manifests/trust_policy.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Envelope;
using manifests::Error;
using manifests::Fault;
using manifests::TrustPolicy;

// A bundle file begins with the name of its first entry, a folder is none.
bool is_json_text(const std::string& path) {
    if (!std::filesystem::is_regular_file(path)) return false;
    const runtime::FileDescriptor file = runtime::open_to_read(path);
    char start[64] = {};
    const std::string_view text(start, runtime::read_at(file, start, sizeof start, 0, path));
    const std::size_t at = text.find_first_not_of(" \t\r\n");
    return at != std::string_view::npos && text[at] == '{';
}

bool is_envelope(const std::string& text) {
    manifests::JsonRules rules;
    rules.most_bytes = Envelope::most_bytes;
    return manifests::read_json(text, rules).contains("payloadType");
}

PolicyAtHand from_envelope(const std::string& text) {
    const Envelope envelope = Envelope::parse(text);
    if (envelope.payload_type != manifests::media::policy_payload)
        throw Error(Fault::damaged, Code::trust_policy,
                    "an envelope of " + manifests::in_quotes(envelope.payload_type) + " is no trust policy");
    static_cast<void>(TrustPolicy::parse(envelope.payload));
    return {{envelope.payload_type, envelope.payload}, {envelope.encode()}};
}

} // namespace

std::optional<PolicyAtHand> PolicyAtHand::read(const std::string& path) {
    if (!is_json_text(path)) return std::nullopt;
    try {
        const std::string text = runtime::read_small_file(path, Envelope::most_bytes);
        if (is_envelope(text)) return from_envelope(text);
        return PolicyAtHand{
            {std::string(manifests::media::policy_payload), TrustPolicy::parse_draft(text).encode()}, {}};
    } catch (Error& problem) {
        problem.in(path);
        throw;
    }
}

void write_policy_envelope(const std::string& path, const std::string& envelope) {
    runtime::write_file_whole(path, envelope + "\n", 0644, runtime::Replace::allow);
}

} // namespace packager
