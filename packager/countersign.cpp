#include "packager/countersign.hpp"

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/release.hpp"
#include "manifests/text.hpp"
#include "packager/build.hpp"
#include "packager/copy_bundle.hpp"
#include "packager/signing.hpp"
#include "packager/source_date.hpp"

namespace packager {
namespace {

using manifests::Envelope;

// The release envelope about this very bundle: more signatures go onto the same payload. Whoever made that
// payload, it must say what we would say: nobody signs another product or a higher counter by adding a name.
bool is_release_of(const Envelope& envelope, const runtime::Bundle& bundle) {
    if (envelope.payload_type != manifests::media::in_toto_payload) return false;
    const auto found = manifests::ReleaseStatement::parse(envelope.payload);
    if (found.bundle != bundle.digest()) return false;
    auto ours = release_of(bundle.document(), bundle.digest(), std::nullopt);
    ours.issued = found.issued;
    if (found != ours) {
        throw manifests::Error(manifests::Fault::refused, manifests::Code::trust_statement,
                               "the release statement in the bundle is about " +
                                   manifests::in_quotes(found.product + " " + found.version) + " number " +
                                   std::to_string(found.release_counter) +
                                   ", which is not what the bundle document says")
            .hint("somebody else wrote it; do not sign this copy");
    }
    return true;
}

} // namespace

CountersignResult countersign(const CountersignRequest& request) {
    const runtime::Bundle bundle = runtime::open_bundle(request.bundle);
    std::vector<std::string> envelopes = bundle.carried().envelopes;
    CountersignResult result{bundle.digest(), 1};
    bool joined = false;
    for (std::string& bytes : envelopes) {
        Envelope envelope = Envelope::parse(bytes);
        if (joined || !is_release_of(envelope, bundle)) continue;
        add_signature(envelope, request.key);
        bytes = envelope.encode();
        result.signatures = envelope.signatures.size();
        joined = true;
    }
    if (!joined)
        envelopes.push_back(sign_release(bundle.document(), bundle.digest(), source_date(), request.key));
    const Form form = bundle.form() == runtime::Bundle::Form::folder ? Form::folder : Form::file;
    const runtime::OnBytes on_bytes =
        request.on_start ? request.on_start(runtime::content_bytes(bundle)) : runtime::OnBytes{};
    copy_bundle({request.output, form, bundle, envelopes, request.jobs, on_bytes});
    return result;
}

} // namespace packager
