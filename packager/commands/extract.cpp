#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/extract.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"
#include "runtime/trust.hpp"

namespace packager {
namespace {

struct ExtractOptions {
    std::string bundle;
    std::vector<std::string> paths;
    std::string output;
    std::vector<std::string> keys;
    unsigned jobs = 0;
    runtime::OutputOptions output_options;
};

int run_extract(const ExtractOptions& options) {
    const auto keys = runtime::load_keys(options.keys);
    const auto bundle = std::make_shared<const runtime::Bundle>(runtime::open_bundle(options.bundle));
    if (keys.empty()) {
        runtime::warning("no --key was given: files are compared with the bundle's own digests, but nobody "
                         "vouches for the bundle");
    } else if (const auto decision = runtime::TrustDecision::check_trust(bundle, keys); !decision.trusted) {
        runtime::print_report(decision.report, options.output_options);
        return static_cast<int>(manifests::Exit::no);
    }
    std::optional<runtime::Progress> progress;
    const std::uint64_t written_bytes =
        extract(*bundle, options.paths, options.output, options.jobs, [&](std::uint64_t total_bytes) {
            progress.emplace("extracting", total_bytes, options.output_options);
            return [&](std::uint64_t bytes) { progress->add(bytes); };
        });
    progress->finish();
    if (options.output_options.format == runtime::Format::json) {
        runtime::print_json({{"schema", "sealift.extract/1"},
                             {"output", runtime::json_text(options.output)},
                             {"digest", bundle->digest().text()},
                             {"bytes", written_bytes},
                             {"signature_checked", !keys.empty()}});
    } else {
        runtime::print("extracted " + manifests::size_text(written_bytes) + " to " +
                       manifests::escaped(options.output, 4096) + "\n");
    }
    return 0;
}

} // namespace

void add_extract(CLI::App& app, int& status) {
    auto options = std::make_shared<ExtractOptions>();
    auto* command =
        app.add_subcommand("extract", "Copy files out of a bundle, each compared with its digest");
    command->add_option("bundle", options->bundle, "Bundle file or folder")->required();
    command->add_option("paths", options->paths, "Files or folders in the bundle; all without any");
    command->add_option("-o,--output", options->output, "Folder to make; it appears whole or not at all")
        ->required();
    runtime::add_key_option(*command, options->keys);
    command->add_option("-j,--jobs", options->jobs, "Files to copy at once; 0 means one for each processor");
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_extract(*options); });
}

} // namespace packager
