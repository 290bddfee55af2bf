#include "runtime/verify.hpp"

#include <atomic>

#include "manifests/error.hpp"

namespace runtime {

using manifests::Error;

std::shared_ptr<const Bundle> open_or_report(const std::function<Bundle()>& open, const std::string& path,
                                             manifests::Report& report) {
    try {
        return std::make_shared<const Bundle>(open());
    } catch (const Error& error) {
        report.add(finding_of(error, path));
        return nullptr;
    }
}

Verification verify(const std::string& path, const std::vector<manifests::PublicKey>& keys, unsigned jobs,
                    const OnStart& on_start) {
    Verification result;
    result.bundle = open_or_report([&] { return Bundle::open(path); }, path, result.report);
    if (!result.bundle) return result;
    TrustDecision decision = TrustDecision::check_trust(result.bundle, keys);
    if (decision.trusted) result.signers = decision.trusted->signers();
    result.report.merge(std::move(decision.report));
    std::atomic<std::uint64_t> bytes_read{0};
    const OnBytes tell = on_start ? on_start(content_bytes(*result.bundle)) : OnBytes{};
    result.report.merge(check_content(*result.bundle, jobs, [&](std::uint64_t bytes) {
        bytes_read += bytes;
        if (tell) tell(bytes);
    }));
    result.bytes_read = bytes_read;
    return result;
}

} // namespace runtime
