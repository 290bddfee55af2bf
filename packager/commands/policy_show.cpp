// sealift policy show, sealift policy lint: what a policy says, and what is unwise about it.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/policy_commands.hpp"
#include "packager/policy_dates.hpp"
#include "packager/policy_file.hpp"
#include "packager/policy_lint.hpp"
#include "packager/policy_output.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

struct PolicyShowOptions {
    std::vector<std::string> files;
    runtime::OutputOptions output;
};

// From the oldest version that is there. What cannot be followed is a finding, as it would be at a site that
// has pinned the oldest.
manifests::Report check_chain(const std::vector<PolicyText>& sorted) {
    manifests::Report report;
    if (sorted.size() < 2) return report;
    try {
        std::vector<std::string> envelopes;
        for (const PolicyText& text : sorted)
            envelopes.push_back(text.as_signed().envelope);
        return manifests::follow_chain(sorted.front().as_signed(), envelopes).report;
    } catch (const manifests::Error& problem) {
        if (!problem.code()) throw;
        report.add({*problem.code(), "policy chain", problem.what(), problem.hint()});
        return report;
    }
}

void print_shown_policy(const std::vector<PolicyText>& sorted, const manifests::Report& report,
                        const runtime::OutputOptions& output) {
    if (output.format == runtime::Format::json) {
        manifests::OrderedJson list = manifests::OrderedJson::array();
        for (const PolicyText& text : sorted)
            list.push_back(policy_json(text));
        runtime::print_json({{"schema", "sealift.policy/1"},
                             {"policies", std::move(list)},
                             {"findings", runtime::report_json(report)}});
        return;
    }
    if (sorted.size() > 1) {
        runtime::print(chain_table(sorted));
        runtime::print_report(report, output);
        runtime::print("\n");
    }
    runtime::print(policy_table(sorted.back()));
}

int run_policy_show(const PolicyShowOptions& options) {
    std::vector<PolicyText> policies = read_policies(options.files);
    std::stable_sort(policies.begin(), policies.end(), [](const PolicyText& a, const PolicyText& b) {
        return a.policy.version < b.policy.version;
    });
    const manifests::Report report = check_chain(policies);
    print_shown_policy(policies, report, options.output);
    return static_cast<int>(report.passed() ? manifests::Exit::done : manifests::Exit::no);
}

struct PolicyLintOptions {
    std::string file;
    runtime::OutputOptions output;
};

// A policy that breaks the rules is what one wants to hear about here, so it is a finding.
manifests::Report lint_file(const std::string& path) {
    manifests::Report report;
    try {
        for (const PolicyText& text : read_policies({path}))
            report.merge(lint_policy(text.policy, issue_time()));
    } catch (const manifests::Error& problem) {
        if (!problem.code()) throw;
        report.add({*problem.code(), path, problem.what() + problem.where_bytes(), problem.hint()});
    }
    return report;
}

int run_policy_lint(const PolicyLintOptions& options) {
    const manifests::Report report = lint_file(options.file);
    if (options.output.format == runtime::Format::json) {
        runtime::print_json({{"schema", "sealift.policy-lint/1"},
                             {"policy", runtime::json_text(options.file)},
                             {"passed", report.passed()},
                             {"findings", runtime::report_json(report)}});
    } else {
        runtime::print_report(report, options.output);
        const std::string verdict = report.passed() ? runtime::styled(runtime::Style::good, "FINE")
                                                    : runtime::styled(runtime::Style::bad, "REFUSED");
        runtime::print(verdict + "  " + manifests::escaped(options.file, 4096) + "\n");
    }
    return static_cast<int>(report.passed() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace

void add_policy_show(CLI::App& policy, int& status) {
    auto options = std::make_shared<PolicyShowOptions>();
    auto* command = policy.add_subcommand("show", "Show a policy, who has signed it, and the digest to pin");
    command
        ->add_option("policy", options->files,
                     "Draft, signed policy, or a chain: several signed ones, in several files or one a line")
        ->required()
        ->type_name("FILE");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_policy_show(*options); });
}

void add_policy_lint(CLI::App& policy, int& status) {
    auto options = std::make_shared<PolicyLintOptions>();
    auto* command =
        policy.add_subcommand("lint", "Say whether a policy keeps the rules, and what is unwise about it");
    command->add_option("policy", options->file, "Draft or signed policy")->required()->type_name("FILE");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_policy_lint(*options); });
}

} // namespace packager
