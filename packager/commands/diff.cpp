#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/diff_output.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"

namespace packager {
namespace {

struct DiffOptions {
    std::string a, b;
    bool no_content = false;
    unsigned jobs = 0;
    runtime::OutputOptions output;
};

std::string side_line(const char* side, const runtime::Bundle& bundle) {
    const manifests::BundleDocument& document = bundle.document();
    return std::string(side) + "  " + bundle.digest().text() + "  " + document.name + " " + document.version +
           " for " + document.profile_id + ", " + manifests::escaped(bundle.path(), 4096) + "\n";
}

int run_diff(const DiffOptions& options) {
    const runtime::Bundle a = runtime::open_bundle(options.a);
    const runtime::Bundle b = runtime::open_bundle(options.b);
    std::optional<runtime::Progress> progress;
    const BundleDiff diff = diff_bundles(a, b,
                                         {.content = options.no_content ? Content::skip : Content::compare,
                                          .jobs = options.jobs,
                                          .on_start = [&](std::uint64_t total_bytes) {
                                              progress.emplace("comparing", total_bytes, options.output);
                                              return [&](std::uint64_t bytes) { progress->add(bytes); };
                                          }});
    if (progress) progress->finish();
    if (options.output.format == runtime::Format::json) {
        print_diff_json({{"schema", "sealift.diff/1"},
                         {"a", runtime::json_text(options.a)},
                         {"b", runtime::json_text(options.b)}},
                        diff);
    } else {
        const auto style = diff.same() ? runtime::Style::good : runtime::Style::bad;
        runtime::print(runtime::styled(style, diff.same() ? "SAME" : "DIFFERENT") + "\n" + side_line("A", a) +
                       side_line("B", b));
        print_diff_table(diff);
    }
    runtime::note("shown as the bundles say it; sealift verify --key checks signatures and files");
    return static_cast<int>(diff.same() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace

void add_diff(CLI::App& app, int& status) {
    auto options = std::make_shared<DiffOptions>();
    auto* command = app.add_subcommand(
        "diff", "Compare two bundles: files, tensors, kernels, configuration, requirements, signatures");
    command->add_option("a", options->a, "Bundle file or folder")->required();
    command->add_option("b", options->b, "The other one")->required();
    command->add_flag("--no-content", options->no_content,
                      "Do not read weights; tensors are compared by name, type and shape");
    command->add_option("-j,--jobs", options->jobs,
                        "Tensors to compare at once; 0 means one for each processor");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_diff(*options); });
}

} // namespace packager
