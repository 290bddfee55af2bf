// The smallest program that can say whether a site may trust a bundle. It is linked and never run: what the
// linker takes into it out of our own libraries is what an auditor has to read.

#include <cstdio>
#include <memory>

#include "runtime/clock.hpp"
#include "runtime/site_trust.hpp"
#include "runtime/verify.hpp"

int main(int count, char** words) {
    if (count != 3) return 2;
    runtime::TrustBasis basis;
    auto pinned = runtime::SiteTrust::open(runtime::Site(words[2]));
    if (!pinned) return 3;
    basis.site = std::make_shared<const runtime::SiteTrust>(std::move(*pinned));
    basis.clock = runtime::clock_text();
    const runtime::Verification answer = runtime::verify({.path = words[1], .trust = std::move(basis)});
    for (const manifests::Finding& finding : answer.report.findings())
        std::puts(std::string(manifests::name_of(finding.code)).c_str());
    return answer.report.passed() ? 0 : 1;
}
