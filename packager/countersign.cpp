#include "packager/countersign.hpp"

#include <filesystem>

#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "packager/copy_bundle.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/envelope_file.hpp"

namespace packager {
namespace {

using runtime::Bundle;

std::vector<Claim> claims_of(const CountersignRequest& request, const Bundle& bundle) {
    if (request.signer == nullptr) return {};
    return request.claims ? request.claims(bundle) : claims(bundle, ReleaseClaim{});
}

void write_lines(const std::string& path, const std::vector<std::string>& envelopes) {
    std::string text;
    for (const std::string& envelope : envelopes)
        text += envelope + '\n';
    runtime::write_file_whole(path, text, 0644, runtime::Replace::allow);
}

} // namespace

CountersignResult countersign(const CountersignRequest& request) {
    const Bundle bundle = runtime::open_bundle(request.bundle);
    const bool detached = !request.detached.empty();
    std::vector<std::string> envelopes;
    if (!detached) envelopes = bundle.carried().envelopes;
    if (detached && std::filesystem::exists(request.detached))
        envelopes = runtime::load_envelopes(request.detached);
    CountersignResult result{bundle.digest(), 0, 0};
    for (const Claim& claim : claims_of(request, bundle)) {
        result.signatures = join(envelopes, claim, *request.signer);
        ++result.statements;
        if (claim.payload_type != manifests::media::in_toto_payload) continue;
        const auto statement = manifests::Statement::parse(claim.payload);
        if (statement.predicate_type == manifests::predicate::release)
            result.release = manifests::ReleaseStatement::from(statement);
    }
    runtime::add_envelopes(envelopes, request.more);
    const runtime::OnBytes on_bytes =
        request.on_start ? request.on_start(runtime::content_bytes(bundle)) : runtime::OnBytes{};
    if (detached) {
        runtime::prove_content(bundle, runtime::jobs_of(bundle),
                               {.jobs = request.jobs, .on_bytes = on_bytes});
        write_lines(request.detached, envelopes);
    } else {
        write_with(bundle, request.output, envelopes, request.jobs, on_bytes);
    }
    return result;
}

void write_with(const Bundle& bundle, const std::string& output, const std::vector<std::string>& envelopes,
                unsigned jobs, const runtime::OnBytes& on_bytes) {
    const Form form = bundle.form() == Bundle::Form::folder ? Form::folder : Form::file;
    copy_bundle({output, form, bundle, envelopes, jobs, on_bytes});
}

} // namespace packager
