#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/fit_options.hpp"
#include "runtime/fit_output.hpp"
#include "runtime/fit_site.hpp"
#include "runtime/install.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"
#include "runtime/trust_evidence.hpp"
#include "runtime/trust_options.hpp"
#include "runtime/verify.hpp"

namespace runtime {
namespace {

struct InstallCommand {
    std::string bundle;
    TrustChoice trust;
    FitChoice fit;
    unsigned jobs = 0;
    bool dry_run = false;
    OutputOptions output;
};

manifests::OrderedJson first_json(const InstallCommand& options) {
    return {{"schema", "sealift.install/1"}, {"bundle", json_text(options.bundle)}};
}

int refuse(const InstallCommand& options, manifests::OrderedJson value, const manifests::Report& report) {
    if (options.output.format == Format::json) {
        value["installed"] = false;
        value["findings"] = report_json(report);
        print_json(value);
    } else {
        print_report(report, options.output);
        print(styled(Style::bad, "NOT INSTALLED") + "  " + manifests::escaped(options.bundle, 4096) +
              "; the site is as it was\n");
    }
    return static_cast<int>(manifests::Exit::no);
}

Installed copy(const InstallCommand& options, const TrustedBundle& trusted, const TrustBasis& basis,
               const Site& site, PipeSpool* spool) {
    Progress progress("installing", content_bytes(trusted.bundle()), options.output);
    const Installed installed = install(
        trusted, basis, site, {options.jobs, [&](std::uint64_t bytes) { progress.add(bytes); }, spool});
    progress.finish();
    return installed;
}

int run_install(const InstallCommand& options) {
    const TrustBasis basis = basis_of(options.trust, TrustUse::act);
    const Site site = site_of(options.trust);
    manifests::OrderedJson value = first_json(options);
    manifests::Report report;
    const auto spool = options.bundle == "-" ? open_stdin_spool("") : nullptr;
    const auto bundle =
        open_or_report([&] { return spool ? Bundle::open_pipe(spool) : Bundle::open(options.bundle); },
                       options.bundle, report);
    if (!bundle) return refuse(options, value, report);
    value["digest"] = bundle->digest().text();
    const TrustDecision decision = TrustDecision::check_trust(bundle, basis);
    if (!decision.trusted) return refuse(options, value, decision.report);
    if (decision.accepted_unsigned) shout_unsigned();
    // An install looks for room when it has cleared away what an earlier one left behind.
    const auto room = options.dry_run ? room_to_install(*bundle, site) : std::nullopt;
    const Fit fit = fit_of(*bundle, probe_for(options.fit, *bundle),
                           {.opener = own_opener(),
                            .room = room,
                            .nodes = options.fit.nodes,
                            .profiles_folder = options.fit.profiles});
    value["fit"] = fit_json(fit);
    if (options.output.format == Format::table) print(fit_text(fit));
    if (!fit.fits()) {
        return refuse(options, value,
                      options.output.format == Format::table ? manifests::Report{} : report_of(fit));
    }
    if (options.dry_run) {
        note("dry run: would write " + manifests::size_text(install_bytes(*bundle)) + " to " +
             manifests::escaped(site.path(), 4096));
        if (options.output.format == Format::json) print_json(value);
        return 0;
    }
    Installed installed;
    try {
        installed = copy(options, *decision.trusted, basis, site, spool.get());
    } catch (const manifests::Error& error) {
        if (!error.code() || exit_of(error.fault()) != manifests::Exit::no) throw;
        report.add({*error.code(), "", error.what(), error.hint()});
        return refuse(options, value, report);
    }
    if (options.output.format == Format::json) {
        value["installed"] = true;
        value["was_there"] = installed.was_there;
        value["generation"] = installed.generation.name;
        value["path"] = installed.generation.path;
        report.merge(decision.report); // notes
        if (decision.answer) add_evidence_json(value, *decision.answer);
        value["findings"] = report_json(report);
        print_json(value);
    } else {
        print_report(without_partial(decision.report), options.output);
        print(styled(Style::good, installed.was_there ? "ALREADY INSTALLED" : "INSTALLED") + "  " +
              bundle->document().name + " " + bundle->document().version + " as generation " +
              installed.generation.name + "\n" + "at        " +
              manifests::escaped(installed.generation.path, 4096) + "\n" + unchecked_line(decision.report));
    }
    return 0;
}

} // namespace

void add_install(CLI::App& app, int& status) {
    auto options = std::make_shared<InstallCommand>();
    auto* command =
        app.add_subcommand("install", "Verify a bundle while copying it into the site, as a new generation");
    command->add_option("bundle", options->bundle, "Bundle file or folder; '-': a bundle file on stdin")
        ->required();
    add_trust_options(*command, options->trust);
    add_fit_options(*command, options->fit);
    command->add_option("-j,--jobs", options->jobs, "Threads; 0 means one for each processor");
    command->add_flag("--dry-run", options->dry_run, "Check trust and fit, write nothing");
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_install(*options); });
}

} // namespace runtime
