#include "runtime/trust_options.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/clock.hpp"
#include "runtime/envelope_file.hpp"
#include "runtime/policy_files.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::SignedPolicy;

// The policy that a person named, by its file and perhaps by its digest; the others in the file may lead on
// from it.
SignedPolicy named_policy(const TrustChoice& options, std::vector<std::string>& beside) {
    std::vector<SignedPolicy> found;
    for (std::string& envelope : read_policy_envelopes(options.policy)) {
        found.push_back(SignedPolicy::read(envelope));
        beside.push_back(std::move(envelope));
    }
    if (found.empty())
        throw Error(Fault::missing, Code::trust_policy, in_quotes(options.policy) + " has no policy in it");
    if (options.policy_digest.empty()) {
        return *std::min_element(found.begin(), found.end(), [](const auto& a, const auto& b) {
            return a.policy.version < b.policy.version;
        });
    }
    const manifests::Digest typed = parse_typed_digest(options.policy_digest);
    for (const SignedPolicy& policy : found)
        if (policy.digest == typed) return policy;
    throw Error(Fault::refused, Code::trust_policy_chain,
                "no policy in " + in_quotes(options.policy) + " has the digest " + typed.text())
        .hint("compare digit by digit with what was handed to you; do not type what this file says");
}

void refuse_contradictions(const TrustChoice& options) {
    const auto refuse = [](const char* text) { throw Error(Fault::usage, text); };
    if (!options.keys.empty() && !options.policy.empty())
        refuse("--key and --policy are two answers to one question");
    if (!options.policy_digest.empty() && options.policy.empty())
        refuse("--policy-digest belongs to --policy");
}

// At a site the pinned policy decides, or pinning it would mean nothing.
void refuse_to_get_around(const TrustChoice& options, const Site& site) {
    const bool others = !options.keys.empty() || !options.policy.empty() || options.allow_unsigned;
    if (!others) return;
    throw Error(Fault::usage, "a trust policy is pinned at " + in_quotes(site.path()) +
                                  ", and nothing on the command line gets around it")
        .hint("leave out --key, --policy and --insecure-allow-unsigned; sealift-runtime trust show says what "
              "is pinned");
}

} // namespace

void add_trust_options(CLI::App& command, TrustChoice& options) {
    constexpr const char* group = "Trust";
    command.add_option("--site", options.site,
                       "Folder of this site (SEALIFT_SITE; /var/lib/sealift for root): its pinned policy "
                       "decides unless --key or --policy is given");
    add_key_option(command, options.keys)->group(group);
    command
        .add_option("--policy", options.policy,
                    "Trust policy, or a chain of them (JSON lines), instead of the one that is pinned here")
        ->type_name("FILE")
        ->group(group);
    command
        .add_option("--policy-digest", options.policy_digest,
                    "Digest of the policy in that file to begin with, as it was handed over")
        ->group(group);
    command
        .add_option("--attestations", options.attestations,
                    "Statements that came beside the bundle (JSON lines), such as a rollback permit; may be "
                    "given again")
        ->allow_extra_args(false)
        ->type_name("FILE")
        ->group(group);
    command
        .add_flag("--insecure-allow-unsigned", options.allow_unsigned,
                  "Let a bundle through that nobody has signed. Whoever made it can run anything here")
        ->group(group);
}

Site site_of(const TrustChoice& options) {
    return Site(options.site.empty() ? Site::default_path() : options.site);
}

TrustBasis basis_of(const TrustChoice& options, TrustUse use) {
    refuse_contradictions(options);
    TrustBasis basis(load_keys(options.keys));
    basis.clock = clock_text();
    basis.allow_unsigned = options.allow_unsigned;
    for (const std::string& path : options.attestations)
        for (std::string& envelope : load_envelopes(path))
            basis.beside.push_back(std::move(envelope));
    if (!options.policy.empty()) basis.policy = named_policy(options, basis.beside);
    const bool decided = !basis.keys.empty() || basis.policy.has_value();
    if (use == TrustUse::look && decided) return basis;
    const Site site = site_of(options);
    if (auto pinned = SiteTrust::open(site)) {
        if (use == TrustUse::act) refuse_to_get_around(options, site);
        basis.site = std::make_shared<const SiteTrust>(std::move(*pinned));
    }
    if (use == TrustUse::act && basis.policy) {
        throw Error(Fault::usage,
                    "--policy is for looking; a site that installs or boots by a policy pins it")
            .hint("sealift-runtime trust init POLICY --digest DIGEST");
    }
    if (decided || basis.site || basis.allow_unsigned) return basis;
    throw Error(Fault::missing, Code::trust_no_policy,
                "there is nothing to trust it by: no trust policy is pinned at " + in_quotes(site.path()) +
                    ", and neither --key nor --policy was given")
        .hint("pin one: sealift-runtime trust init POLICY --digest DIGEST; or give --key KEY for the simple "
              "form");
}

void shout_unsigned() {
    for (const char* line : {"NOBODY HAS SIGNED THIS BUNDLE, and --insecure-allow-unsigned let it through.",
                             "Whoever made it, or changed it on the way, can run anything on this machine.",
                             "Never do this at a site."})
        warning(line);
}

} // namespace runtime
