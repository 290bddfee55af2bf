#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/envelope_file.hpp"
#include "runtime/fit_options.hpp"
#include "runtime/fit_output.hpp"
#include "runtime/fit_site.hpp"
#include "runtime/install.hpp"
#include "runtime/launch.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"
#include "runtime/site_memory.hpp"
#include "runtime/supervisor.hpp"
#include "runtime/trust_options.hpp"
#include "runtime/verify.hpp"

namespace runtime {
namespace {

struct BootOptions {
    std::string bundle; ///< empty: the newest generation of the site
    TrustChoice trust;
    FitChoice fit;
    bool foreground = false;
    LaunchOptions launch;
    OutputOptions output;
};

struct BootTarget {
    std::shared_ptr<const Bundle> bundle;
    std::optional<Generation> generation;
    TrustBasis basis;
};

manifests::OrderedJson answer_json(const Fit& fit, const RunState& state) {
    manifests::Report report;
    for (const manifests::Finding& finding : state.findings)
        report.add(finding);
    return {{"schema", "sealift.boot/1"},
            {"booted", state.phase == RunState::Phase::running},
            {"digest", state.bundle},
            {"name", state.name},
            {"version", state.version},
            {"generation", state.generation},
            {"endpoint", state.endpoint.empty() ? "" : "http://" + state.endpoint},
            {"engine_pid", state.engine_pid},
            {"ready_ms", state.ready_ms},
            {"fit", fit_json(fit)},
            {"findings", report_json(report)}};
}

void print_answer(const BootOptions& options, const Fit& fit, const RunState& state, const Site& site) {
    if (options.output.format == Format::json) {
        print_json(answer_json(fit, state));
        return;
    }
    manifests::Report report;
    for (const manifests::Finding& finding : state.findings)
        report.add(finding);
    print_report(report, options.output);
    if (state.phase != RunState::Phase::running) {
        print(styled(Style::bad, "NOT BOOTED") + "  " + state.name + " " + state.version +
              "; nothing runs now\n" + "log       " + manifests::escaped(engine_log_path(site), 4096) + "\n");
        return;
    }
    print(styled(Style::good, "BOOTED") + "  " + state.name + " " + state.version + " for " + state.profile +
          ", ready in " + std::to_string(state.ready_ms) + " ms\n" + "endpoint  http://" + state.endpoint +
          "\n" + "engine    process " + std::to_string(state.engine_pid) +
          (state.generation.empty() ? ", straight from the bundle" : ", generation " + state.generation) +
          "\n");
}

int refuse(const BootOptions& options, const manifests::Report& report) {
    if (options.output.format == Format::json) {
        print_json({{"schema", "sealift.boot/1"}, {"booted", false}, {"findings", report_json(report)}});
    } else {
        print_report(report, options.output);
        print(styled(Style::bad, "NOT BOOTED") + "  nothing was started\n");
    }
    return static_cast<int>(manifests::Exit::no);
}

// A generation was installed by what was trusted then; what is pinned now comes first.
TrustBasis generation_basis(const BootOptions& options, const Generation& generation) {
    const bool pinned = SiteTrust::open(site_of(options.trust)).has_value();
    const bool named = !options.trust.keys.empty() || !options.trust.policy.empty();
    if (pinned || named) return basis_of(options.trust, TrustUse::act);
    TrustBasis basis(keys_of(generation));
    basis.allow_unsigned = options.trust.allow_unsigned;
    for (const std::string& path : options.trust.attestations)
        add_envelopes(basis.beside, load_envelopes(path));
    return basis;
}

BootTarget find_target(const BootOptions& options, const Site& site, manifests::Report& report) {
    BootTarget target;
    if (!options.bundle.empty()) {
        target.basis = basis_of(options.trust, TrustUse::act);
        target.bundle = open_or_report([&] { return Bundle::open(options.bundle); }, options.bundle, report);
        return target;
    }
    target.generation = site.newest();
    if (!target.generation) {
        report.add({manifests::Code::site_state, site.path(), "nothing is installed here",
                    "sealift-runtime install BUNDLE --key KEY, or name a bundle to boot straight from it"});
        return target;
    }
    target.basis = generation_basis(options, *target.generation);
    const auto open = [&] {
        add_envelopes(target.basis.beside, beside_of(*target.generation));
        return Bundle::open_generation(target.generation->path);
    };
    target.bundle = open_or_report(open, target.generation->path, report);
    return target;
}

Launch prepare(const BootOptions& options, const TrustedBundle& trusted) {
    Progress progress("verifying", content_bytes(trusted.bundle()), options.output);
    Launch launch =
        prepare_launch(trusted, options.launch, [&](std::uint64_t bytes) { progress.add(bytes); });
    progress.finish();
    return launch;
}

void refuse_while_running(const Site& site) {
    if (!is_run_locked(site)) return;
    throw manifests::Error(manifests::Fault::refused, manifests::Code::site_state,
                           "something is running at " + manifests::in_quotes(site.path()) + " already")
        .hint("look with sealift-runtime status, end it with sealift-runtime stop");
}

int run_boot(const BootOptions& options) {
    const Site site = site_of(options.trust);
    manifests::Report report;
    const BootTarget target = find_target(options, site, report);
    if (!target.bundle) return refuse(options, report);
    const TrustDecision decision = TrustDecision::check_trust(target.bundle, target.basis);
    if (!decision.trusted) return refuse(options, decision.report);
    if (decision.accepted_unsigned) shout_unsigned();
    const Fit fit =
        fit_of(*target.bundle, probe_for(options.fit, *target.bundle),
               {.opener = own_opener(), .nodes = options.fit.nodes, .profiles_folder = options.fit.profiles});
    if (options.output.format == Format::table) print(fit_text(fit));
    if (!fit.fits())
        return refuse(options, options.output.format == Format::table ? manifests::Report{} : report_of(fit));
    try {
        refuse_while_running(site); // before hours of reading; the lock is taken after them
        Launch launch = prepare(options, *decision.trusted);
        // What runs, a site has had, whether it was installed or not.
        remember(*decision.trusted, target.basis, site, target.generation ? target.generation->number : 0);
        BootRequest request{*decision.trusted, site, target.generation, std::move(launch)};
        RunState answer;
        bool well = false;
        const auto tell = [&](const RunState& state) { print_answer(options, fit, answer = state, site); };
        if (options.foreground) {
            well = supervise_here(request, tell);
        } else {
            tell(supervise_in_background(request));
            well = answer.phase == RunState::Phase::running;
        }
        return static_cast<int>(well ? manifests::Exit::done : manifests::Exit::no);
    } catch (const manifests::Error& error) {
        if (!error.code() || exit_of(error.fault()) != manifests::Exit::no) throw;
        report.add({*error.code(), "", error.what(), error.hint()});
        return refuse(options, report);
    }
}

} // namespace

void add_boot(CLI::App& app, int& status) {
    auto options = std::make_shared<BootOptions>();
    auto* command = app.add_subcommand(
        "boot", "Verify, start the engine, wait until it is ready, check its device and its known answer");
    command->add_option(
        "bundle", options->bundle,
        "Bundle file or folder to boot from, nothing unpacked; without it the newest generation boots");
    add_trust_options(*command, options->trust);
    add_fit_options(*command, options->fit);
    command->add_option("--port", options->launch.port, "Port on loopback; by default as the bundle says")
        ->check(CLI::Range(1, 65535));
    command->add_option("--threads", options->launch.threads,
                        "Threads for the engine; 0 means one for each processor");
    command->add_option("-j,--jobs", options->launch.jobs,
                        "Files to verify at once; 0 means one for each processor");
    command->add_flag("--foreground", options->foreground,
                      "Stay until the engine ends, for service managers");
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_boot(*options); });
}

} // namespace runtime
