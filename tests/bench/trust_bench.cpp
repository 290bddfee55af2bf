// What signing and judging all envelopes of a usual bundle costs: a release by two of three keys, provenance,
// a BOM statement, and a chain of three trust policies by two of three root keys.
//
//     cmake --build build --target trust_bench && build/bin/trust_bench
//
// Best of the passes, beside as many bare calls of libsodium as there are signatures. 14 MB of documents and
// gigabytes of weights are another matter: this is what trust itself costs.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "manifests/bom_statement.hpp"
#include "manifests/bundle_trust.hpp"
#include "manifests/provenance.hpp"
#include "tests/manifests/sample_policy.hpp"
#include "tests/support/sample_document.hpp"

namespace {

using tests::Signer;

constexpr int passes = 50;

double best_ms(const std::function<void()>& work) {
    double best = 1e9;
    for (int pass = 0; pass < passes; ++pass) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count());
    }
    return best;
}

std::string in_toto(const std::string& payload, const std::vector<unsigned char>& signers) {
    manifests::Envelope envelope{std::string(manifests::media::in_toto_payload), payload, {}};
    const std::string message = manifests::pre_authentication_encoding(envelope.payload_type, payload);
    for (const unsigned char number : signers)
        envelope.signatures.push_back({tests::id_of(number), Signer(number).sign(message)});
    return envelope.encode();
}

} // namespace

int main() {
    manifests::BundleDocument document = tests::sample_document();
    const manifests::Assembly assembly = manifests::assemble(document);
    const manifests::TrustPolicy first = tests::sample_policy();
    const manifests::TrustPolicy second = tests::successor_of(first);
    const manifests::TrustPolicy third = tests::successor_of(second);
    const manifests::ReleaseStatement release{document.name,
                                              document.version,
                                              document.release_counter,
                                              document.profile_id,
                                              document.profile.digest,
                                              assembly.bundle_digest(),
                                              {},
                                              {},
                                              {}};
    const std::string builder = "https://build.example/one";
    const manifests::Provenance provenance{document.name,
                                           document.version,
                                           assembly.bundle_digest(),
                                           manifests::Digest::of("recipe"),
                                           document.profile_id,
                                           builder,
                                           "0",
                                           {{"model", document.model_manifest.digest, ""}},
                                           {}};
    const std::string type(manifests::media::cyclonedx);
    const manifests::BomStatement boms{
        document.name,
        document.version,
        assembly.bundle_digest(),
        builder,
        {{"software", document.software_bom.digest, type}, {"hardware", document.hardware_bom.digest, type}}};
    std::vector<std::string> envelopes;
    const double sign_ms = best_ms([&] {
        envelopes = {in_toto(release.encode(), {11, 12}), in_toto(provenance.encode(), {21}),
                     in_toto(boms.encode(), {21}),        tests::signed_text(first, {1, 2}),
                     tests::signed_text(second, {1, 2}),  tests::signed_text(third, {1, 2})};
    });
    constexpr int signatures = 10;
    const auto trusted = manifests::SignedPolicy::read(envelopes[3]);
    const std::string clock = "2028-12-01T00:00:00Z";
    bool passed = false;
    std::size_t evidence = 0;
    const double judge_ms = best_ms([&] {
        const auto answer = manifests::judge_bundle({document, assembly, envelopes, trusted, nullptr, clock});
        passed = answer.report.passed() && answer.policy.policy.version == 3;
        evidence = answer.evidence.size();
    });
    const std::string message(2048, 'm');
    const Signer signer(1);
    const manifests::PublicKey key = signer.key();
    const std::string signature = signer.sign(message);
    const double bare_sign_ms = best_ms([&] {
        for (int i = 0; i < signatures; ++i)
            static_cast<void>(signer.sign(message));
    });
    bool good = true;
    const double bare_verify_ms = best_ms([&] {
        for (int i = 0; i < signatures; ++i)
            good = key.verifies(message, signature) && good;
    });
    if (!passed || !good) {
        std::fprintf(stderr, "trust_bench: the bundle was not trusted; nothing was measured\n");
        return 1;
    }
    std::printf("%zu envelopes, %d signatures\n", evidence, signatures);
    std::printf("sign them all    %.2f ms, %.1f x bare signatures (%.2f ms)\n", sign_ms,
                sign_ms / bare_sign_ms, bare_sign_ms);
    std::printf("judge the bundle %.2f ms, %.1f x bare verifications (%.2f ms)\n", judge_ms,
                judge_ms / bare_verify_ms, bare_verify_ms);
    std::printf("both             %.2f ms\n", sign_ms + judge_ms);
    return 0;
}
