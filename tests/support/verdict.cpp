#include "tests/support/verdict.hpp"

#include "manifests/error.hpp"
#include "runtime/verify.hpp"
#include "tests/support/sample_bundle.hpp"

namespace tests {

std::string verdict_on(const std::string& path, const std::string& key_letters) {
    std::vector<manifests::PublicKey> keys;
    for (const char letter : key_letters)
        keys.push_back(sample_key(letter));
    try {
        const runtime::Verification answer = runtime::verify({.path = path, .trust = keys, .jobs = 1});
        if (answer.report.passed()) return "trusted";
        for (const manifests::Finding& finding : answer.report.findings()) {
            if (finding.severity != manifests::Severity::note)
                return std::string(manifests::name_of(finding.code));
        }
    } catch (const manifests::Error& error) {
        return std::string("no answer: ") + error.what();
    }
    return "no answer";
}

} // namespace tests
