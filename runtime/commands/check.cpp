#include <CLI/CLI.hpp>

#include "manifests/error.hpp"
#include "runtime/check_output.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/fit_options.hpp"
#include "runtime/fit_site.hpp"
#include "runtime/install.hpp"
#include "runtime/program.hpp"
#include "runtime/trust_options.hpp"
#include "runtime/verify.hpp"

namespace runtime {
namespace {

struct CheckOptions {
    std::string bundle;
    TrustChoice trust;
    FitChoice fit;
    OutputOptions output;
};

// A check that was told nothing about trust says so and goes on: it decides nothing but whether to copy.
std::optional<TrustBasis> basis_if_any(const TrustChoice& options) {
    TrustChoice asked = options;
    asked.allow_unsigned = false; // nothing is let through here that could do harm
    try {
        return basis_of(asked, TrustUse::look);
    } catch (const manifests::Error& error) {
        if (error.code() != manifests::Code::trust_no_policy) throw;
        return std::nullopt;
    }
}

void ask_trust(const std::shared_ptr<const Bundle>& bundle, const TrustBasis& basis, Checked& checked) {
    TrustDecision decision = TrustDecision::check_trust(bundle, basis);
    checked.trust_report = std::move(decision.report);
    checked.trust = decision.trusted ? Checked::Trust::signed_by_known : Checked::Trust::refused;
    if (decision.trusted) checked.signers = decision.trusted->signers();
}

// Who runs the engine on another machine, and what is free there, nobody here knows.
FitConditions conditions_for(const CheckOptions& options, const Bundle& bundle) {
    FitConditions conditions{.nodes = options.fit.nodes, .profiles_folder = options.fit.profiles};
    if (is_this_machine(options.fit)) {
        conditions.opener = own_opener();
        conditions.room = room_to_install(bundle, site_of(options.trust));
    } else {
        conditions.room = Room{.wanted_bytes = install_bytes(bundle)};
    }
    return conditions;
}

int run_check(const CheckOptions& options) {
    const auto basis = basis_if_any(options.trust);
    Checked checked{.subject = options.bundle, .machine = machine_name(options.fit)};
    const auto spool = options.bundle == "-" ? open_stdin_spool("") : nullptr;
    const auto bundle =
        open_or_report([&] { return spool ? Bundle::open_pipe(spool) : Bundle::open(options.bundle); },
                       options.bundle, checked.report);
    if (!bundle) return print_checked(checked, options.output);
    checked.name = bundle->document().name;
    checked.version = bundle->document().version;
    checked.profile_id = bundle->document().profile_id;
    checked.digest = bundle->digest();
    if (basis) ask_trust(bundle, *basis, checked);
    checked.fit = fit_of(*bundle, probe_for(options.fit, *bundle), conditions_for(options, *bundle));
    return print_checked(checked, options.output);
}

} // namespace

void add_check(CLI::App& app, int& status) {
    auto options = std::make_shared<CheckOptions>();
    auto* command = app.add_subcommand(
        "check", "Say whether a bundle runs on this machine, before a byte of it is copied");
    command->add_option("bundle", options->bundle, "Bundle file or folder; '-': a bundle file on stdin")
        ->required();
    add_fit_options(*command, options->fit);
    add_sysroot_option(*command, options->fit.probe);
    add_trust_options(*command, options->trust);
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_check(*options); });
}

} // namespace runtime
