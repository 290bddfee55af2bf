#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/chosen_name.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/clock.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/policy_files.hpp"
#include "runtime/program.hpp"
#include "runtime/site_trust.hpp"
#include "runtime/trust_output.hpp"

namespace runtime {
namespace {

struct TrustOptions {
    std::string source;
    std::string digest;
    std::string site_id;
    std::string site;
    OutputOptions output;
};

Site site_for(const TrustOptions& options) {
    return Site(options.site.empty() ? Site::default_path() : options.site);
}

SiteTrust open_pinned(const Site& site) {
    auto trust = SiteTrust::open(site);
    if (trust) return std::move(*trust);
    throw manifests::Error(manifests::Fault::refused, manifests::Code::trust_no_policy,
                           "no trust policy is pinned at " + manifests::in_quotes(site.path()))
        .hint("sealift-runtime trust init POLICY --digest D, with the digest that was handed to you on paper "
              "or "
              "by voice");
}

// An answer that is no, as a report on stdout; `word` is what did not happen.
int trust_refused(const TrustOptions& options, manifests::OrderedJson value, const manifests::Report& report,
                  std::string_view word) {
    if (options.output.format == Format::json) {
        value["findings"] = report_json(report);
        print_json(value);
    } else {
        print_report(report, options.output);
        print(styled(Style::bad, word) + "  the site is as it was\n");
    }
    return static_cast<int>(manifests::Exit::no);
}

template<typename Work>
int with_answers(const TrustOptions& options, const manifests::OrderedJson& value, std::string_view word,
                 Work work) {
    try {
        return work();
    } catch (const manifests::Error& error) {
        if (!error.code() || exit_of(error.fault()) != manifests::Exit::no) throw;
        manifests::Report report;
        report.add({*error.code(), "", error.what(), error.hint()});
        return trust_refused(options, value, report, word);
    }
}

// --- init -------------------------------------------------------------------------------------------------

std::string list_of(const std::vector<manifests::SignedPolicy>& policies) {
    std::string text;
    for (const manifests::SignedPolicy& policy : policies)
        text += (text.empty() ? "" : "; ") + policy_name(policy) + " with " + grouped(policy.digest);
    return text.empty() ? "no policy at all" : text;
}

NewTrust chosen_trust(const TrustOptions& options, const manifests::Digest& typed) {
    std::vector<manifests::SignedPolicy> found;
    std::vector<std::string> others;
    std::optional<manifests::SignedPolicy> pinned;
    for (std::string& envelope : read_policy_envelopes(options.source)) {
        found.push_back(manifests::SignedPolicy::read(envelope));
        if (found.back().digest == typed && !pinned) {
            pinned = found.back();
        } else {
            others.push_back(std::move(envelope));
        }
    }
    if (!pinned)
        throw manifests::Error(manifests::Fault::refused, manifests::Code::trust_policy_chain,
                               "no policy here has the digest that was typed, " + grouped(typed) +
                                   "; found " + list_of(found))
            .hint("compare digit by digit with what was handed to you; do not type what this file says");
    const auto site_id = options.site_id.empty() ? std::nullopt : std::optional(options.site_id);
    return {std::move(*pinned), std::move(others), site_id};
}

void check_site_id(const std::string& site_id) {
    try {
        if (!site_id.empty()) manifests::check_chosen_name("the site id", site_id);
    } catch (manifests::Error& error) {
        error.as(manifests::Fault::usage);
        throw;
    }
}

int run_init(const TrustOptions& options) {
    const manifests::Digest typed = parse_typed_digest(options.digest);
    check_site_id(options.site_id);
    const Site site = site_for(options);
    manifests::OrderedJson value = {{"schema", "sealift.trust-init/1"}, {"site", json_text(site.path())}};
    return with_answers(options, value, "NOT PINNED", [&] {
        const std::string clock = clock_text();
        const SiteTrust trust = SiteTrust::init(site, chosen_trust(options, typed), clock);
        if (options.output.format == Format::json) {
            add_trust_json(value, trust, clock);
            value["findings"] = report_json(findings_at(trust, clock));
            print_json(value);
        } else {
            print_report(findings_at(trust, clock), options.output);
            print(styled(Style::good, "PINNED") + "  " + policy_name(trust.policy()) + "\n" + "digest    " +
                  trust.policy().digest.text() + "\n" + "site id   " + trust.site_id() + "\n" + "site key  " +
                  trust.key().fingerprint() + "\n");
            note("tell headquarters the id and the key of this site");
        }
        return 0;
    });
}

// --- update -----------------------------------------------------------------------------------------------

std::string step_text(const manifests::SignedPolicy& before, const manifests::SignedPolicy& step) {
    std::string text = "version " + std::to_string(before.policy.version) + " -> " +
                       std::to_string(step.policy.version) + "  " + step.digest.text();
    if (step.policy.counter_epoch > before.policy.counter_epoch)
        text += "  counters and security epochs begin anew";
    return text + "\n";
}

void print_update(const TrustOptions& options, manifests::OrderedJson value, const SiteTrust& trust,
                  const manifests::SignedPolicy& before, const std::vector<manifests::SignedPolicy>& steps,
                  const std::string& clock) {
    if (options.output.format == Format::json) {
        value["from_version"] = before.policy.version;
        value["accepted"] = manifests::OrderedJson::array();
        for (const manifests::SignedPolicy& step : steps)
            value["accepted"].push_back({{"version", step.policy.version}, {"digest", step.digest.text()}});
        value["version"] = trust.policy().policy.version;
        value["findings"] = report_json(findings_at(trust, clock));
        return print_json(value);
    }
    print_report(findings_at(trust, clock), options.output);
    const manifests::SignedPolicy* last = &before;
    for (const manifests::SignedPolicy& step : steps) {
        print(step_text(*last, step));
        last = &step;
    }
    print((steps.empty() ? styled(Style::plain, "NOTHING NEWER") : styled(Style::good, "UPDATED")) + "  " +
          policy_name(trust.policy()) + " is in force\n");
}

int run_update(const TrustOptions& options) {
    const Site site = site_for(options);
    manifests::OrderedJson value = {{"schema", "sealift.trust-update/1"}, {"site", json_text(site.path())}};
    return with_answers(options, value, "NOT UPDATED", [&] {
        SiteTrust trust = open_pinned(site);
        if (!trust.report().passed()) return trust_refused(options, value, trust.report(), "NOT UPDATED");
        const manifests::SignedPolicy before = trust.policy();
        const manifests::ChainResult chain =
            manifests::follow_chain(before, read_policy_envelopes(options.source));
        if (!chain.report.passed()) return trust_refused(options, value, chain.report, "NOT UPDATED");
        const std::string clock = clock_text();
        trust.accept_policies(chain, clock);
        print_update(options, value, trust, before, chain.steps, clock);
        return 0;
    });
}

// --- show -------------------------------------------------------------------------------------------------

int run_show(const TrustOptions& options) {
    const Site site = site_for(options);
    const SiteTrust trust = open_pinned(site);
    const std::string clock = clock_text();
    const manifests::Report report = findings_at(trust, clock);
    if (options.output.format == Format::json) {
        manifests::OrderedJson value = {{"schema", "sealift.trust/1"}, {"site", json_text(site.path())}};
        add_trust_json(value, trust, clock);
        value["findings"] = report_json(report);
        print_json(value);
    } else {
        print_report(report, options.output);
        print(trust_text(trust, clock));
    }
    return static_cast<int>(report.passed() ? manifests::Exit::done : manifests::Exit::no);
}

void add_site_option(CLI::App& command, TrustOptions& options) {
    command.add_option("--site", options.site,
                       "Folder of this site (SEALIFT_SITE; /var/lib/sealift for root)");
    add_output_options(command, options.output);
}

void add_trust_init(CLI::App& trust, int& status) {
    auto options = std::make_shared<TrustOptions>();
    auto* command =
        trust.add_subcommand("init", "Pin a trust policy by its digest, and make the site's own key");
    command->add_option("policy", options->source, "Signed policy, chain of them (one a line), or bundle")
        ->required();
    command
        ->add_option(
            "--digest", options->digest,
            "SHA-256 of the policy's payload as the key ceremony printed it; spaces and dashes do not "
            "matter")
        ->required();
    command->add_option("--site-id", options->site_id,
                        "Name of this site in permits and receipts; made from the site's key unless given");
    add_site_option(*command, *options);
    command->callback([options, &status] { status = run_init(*options); });
}

void add_trust_update(CLI::App& trust, int& status) {
    auto options = std::make_shared<TrustOptions>();
    auto* command =
        trust.add_subcommand("update", "Follow the chain of policies from the one in force to a newer one");
    command->add_option("policy", options->source, "Signed policy, chain of them (one a line), or bundle")
        ->required();
    add_site_option(*command, *options);
    command->callback([options, &status] { status = run_update(*options); });
}

void add_trust_show(CLI::App& trust, int& status) {
    auto options = std::make_shared<TrustOptions>();
    auto* command = trust.add_subcommand(
        "show", "Show the policy in force and what this site has had; status 1 if that is broken or expired");
    add_site_option(*command, *options);
    command->callback([options, &status] { status = run_show(*options); });
}

} // namespace

void add_trust(CLI::App& app, int& status) {
    auto* command = app.add_subcommand("trust", "Say whom this site trusts: init, update, show");
    command->require_subcommand(1);
    add_trust_init(*command, status);
    add_trust_update(*command, status);
    add_trust_show(*command, status);
}

} // namespace runtime
