#include "packager/build.hpp"

#include <algorithm>

#include "manifests/error.hpp"
#include "packager/build_verdict.hpp"
#include "packager/bundle_builder.hpp"
#include "packager/needs_of.hpp"
#include "packager/source_date.hpp"
#include "runtime/trust.hpp"

namespace packager {
namespace {

using manifests::BundleDocument;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;

// Reads back what stands on the disk now, with the reader that sites have.
void reopen(const BuildRequest& request, const Digest& digest) {
    auto bundle = std::make_shared<const runtime::Bundle>(runtime::open_bundle(request.output));
    if (bundle->digest() != digest)
        throw Error(Fault::internal, "the bundle on the disk is not the one that was built");
    if (request.signing_key == nullptr) return;
    const auto decision =
        runtime::TrustDecision::check_trust(bundle, runtime::TrustBasis({request.signing_key->public_key()}));
    if (!decision.trusted)
        throw Error(Fault::internal,
                    "the signature on the disk is not good: " + decision.report.findings().at(0).text);
}

// A document cannot name a file that the recipe no longer has.
std::vector<manifests::AcceptedRisk> still_there(std::vector<manifests::AcceptedRisk> risks,
                                                 const Inputs& inputs) {
    std::erase_if(risks, [&](const manifests::AcceptedRisk& risk) {
        return std::none_of(inputs.files.begin(), inputs.files.end(),
                            [&](const manifests::BundleFile& file) { return file.path == risk.path; });
    });
    return risks;
}

} // namespace

BuildResult build(const BuildRequest& request) {
    RecipeAt at = read_recipe(request.recipe);
    const BuildConditions conditions =
        request.conditions ? *request.conditions
                           : BuildConditions{find_profile(at, request.profiles_folder), source_date()};
    const runtime::StoredProfile& profile = conditions.profile;
    if (!request.dry_run) check_output(request.output, request.form);
    Inputs inputs = look_at_inputs(std::move(at.recipe.files), at.folder);
    BuildResult result;
    result.report = check_kernels(at.recipe.kernels, inputs, profile.profile);
    ModelCheck model = check_model(inputs, request.allow);
    if (request.accepted != nullptr) {
        model.report = {};
        model.risks = still_there(*request.accepted, inputs);
    }
    result.report.merge(std::move(model.report));
    fill_model_facts(at.recipe.model, model.checkpoint);
    result.name = at.recipe.name;
    result.version = at.recipe.version;
    result.profile_id = profile.profile.id;
    result.files = inputs.files.size();
    if (!result.report.passed()) return result;
    manifests::Needs needs = needs_of(at.recipe, inputs, model.checkpoint);
    result.report.merge(runtime::report_of(fit_profile({at.recipe, inputs, needs, profile.profile})));
    if (!result.report.passed()) return result;
    std::optional<BundleBuilder> builder(std::in_place, request, at, conditions, std::move(inputs),
                                         std::move(needs), std::move(model.risks));
    builder->plan();
    const auto start = [&] {
        return request.on_start ? request.on_start("packing", builder->content_bytes()) : runtime::OnBytes{};
    };
    if (!builder->pack(start())) {
        builder->plan();
        if (!builder->pack(start()))
            throw Error(Fault::refused, "the files changed while they were packed")
                .hint("let nothing write to them, then build again");
    }
    result.digest = builder->digest();
    result.size_bytes = builder->bundle_bytes();
    if (builder->is_compared()) result.documents = builder->take_documents();
    if (request.signing_key != nullptr) result.signed_by = request.signing_key->public_key().key_id();
    builder.reset(); // what is read back takes as much memory
    if (!request.dry_run) reopen(request, *result.digest);
    return result;
}

} // namespace packager
