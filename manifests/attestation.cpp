#include "manifests/attestation.hpp"

#include <algorithm>
#include <array>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/predicates.hpp"
#include "manifests/statement.hpp"

namespace manifests {
namespace {

struct Label {
    std::string_view predicate_type;
    std::string_view word;
};

constexpr std::array labels{
    Label{predicate::release, "release"},
    Label{predicate::component, "component"},
    Label{predicate::release_set, "release-set"},
    Label{predicate::rollback_permit, "rollback-permit"},
    Label{predicate::provenance, "provenance"},
    Label{predicate::verification_summary, "verification-summary"},
    Label{predicate::cyclonedx, "cyclonedx"},
    Label{predicate::reference, "reference"},
    Label{predicate::test_result, "test-result"},
    Label{predicate::vulns, "vulns"},
    Label{predicate::scai, "scai"},
    Label{"", "statement"},
};

std::string in_toto_type(std::string_view word) {
    return "application/vnd.in-toto." + std::string(word) + "+dsse";
}

std::string_view word_of(std::string_view predicate_type) {
    const auto label = std::find_if(labels.begin(), labels.end(), [&](const Label& one) {
        return one.predicate_type == predicate_type || one.predicate_type.empty();
    });
    return label->word;
}

} // namespace

std::string attestation_type(std::string_view envelope) {
    try {
        const Envelope read = Envelope::parse(envelope);
        if (read.payload_type == media::policy_payload) return std::string(media::policy_artifact);
        if (read.payload_type != media::in_toto_payload) return in_toto_type(labels.front().word);
        return in_toto_type(word_of(Statement::parse(read.payload).predicate_type));
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return in_toto_type(labels.front().word);
    }
}

bool is_attestation_type(std::string_view artifact_type) {
    return artifact_type == media::policy_artifact ||
           std::any_of(labels.begin(), labels.end(),
                       [&](const Label& one) { return in_toto_type(one.word) == artifact_type; });
}

} // namespace manifests
