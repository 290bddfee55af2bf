// sealift profiles lint: whether profiles keep the rules, and what a site could not be told with them.

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/profiles_commands.hpp"
#include "packager/policy_dates.hpp"
#include "packager/profile_lint.hpp"
#include "runtime/profiles.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

using manifests::Report;

struct ProfilesLintOptions {
    std::vector<std::string> files;
    bool all = false;
    std::string folder;
    runtime::OutputOptions output;
};

void check_name(const LintedProfile& linted, Report& report) {
    const std::string wanted = linted.profile.id + ".json";
    if (("/" + linted.path).ends_with("/" + wanted)) return;
    report.add({manifests::Code::format_document, linted.path,
                "its id is '" + linted.profile.id + "', so its name should be '" + wanted + "'",
                "a folder of profiles refuses it under another name", manifests::Severity::note});
}

// A file that is no profile is what one wants to hear about here, so it is a finding.
void lint_profile_file(const std::string& name, const ProfilesLintOptions& options, Report& report,
                       std::vector<LintedProfile>& good) {
    try {
        runtime::StoredProfile stored = runtime::load_profile(name, options.folder);
        good.push_back({stored.path, std::move(stored.profile)});
        report.merge(lint_profile(good.back(), issue_time()));
        check_name(good.back(), report);
    } catch (const manifests::Error& problem) {
        if (!problem.code()) throw;
        report.add({*problem.code(), name, problem.what() + problem.where_bytes(), problem.hint()});
    }
}

int run_profiles_lint(const ProfilesLintOptions& options) {
    if (options.all == !options.files.empty()) {
        throw manifests::Error(manifests::Fault::usage, "name the profiles, or say --all")
            .hint("sealift profiles lint --all looks at every profile of the folder");
    }
    Report report;
    std::vector<LintedProfile> good;
    const std::vector<std::string> files =
        options.all ? runtime::profile_paths(options.folder) : options.files;
    for (const std::string& file : files)
        lint_profile_file(file, options, report, good);
    report.merge(lint_together(good));
    if (options.output.format == runtime::Format::json) {
        runtime::print_json({{"schema", "sealift.profiles-lint/1"},
                             {"profiles", files.size()},
                             {"passed", report.passed()},
                             {"findings", runtime::report_json(report)}});
    } else {
        runtime::print_report(report, options.output);
        const std::string verdict = report.passed() ? runtime::styled(runtime::Style::good, "FINE")
                                                    : runtime::styled(runtime::Style::bad, "REFUSED");
        runtime::print(verdict + "  " + std::to_string(good.size()) + " of " + std::to_string(files.size()) +
                       " profiles keep the rules\n");
    }
    return static_cast<int>(report.passed() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace

void add_profiles_lint(CLI::App& profiles, int& status) {
    auto options = std::make_shared<ProfilesLintOptions>();
    auto* command = profiles.add_subcommand(
        "lint", "Say whether profiles keep the rules, and what a site could not be told with them");
    command->add_option("profile", options->files, "Names, or paths of files")->type_name("PROFILE");
    command->add_flag("--all", options->all, "Every profile of the folder");
    command->add_option("--profiles", options->folder, "Folder of profiles")->type_name("DIR");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_profiles_lint(*options); });
}

} // namespace packager
