#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "packager/commands/commands.hpp"
#include "runtime/bundle.hpp"
#include "runtime/long_output.hpp"
#include "runtime/program.hpp"

namespace packager {
namespace {

struct LsOptions {
    std::string bundle;
    runtime::OutputOptions output;
};

int run_ls(const LsOptions& options) {
    const runtime::Bundle bundle = runtime::open_bundle(options.bundle);
    const std::vector<manifests::BundleFile>& files = bundle.document().files;
    const auto item = [&](std::size_t i) -> manifests::OrderedJson {
        const manifests::BundleFile& file = files[i];
        return {{"path", file.path.text()},     {"role", name_of(file.role)},
                {"mode", text_of(file.mode)},   {"size_bytes", file.size_bytes},
                {"digest", file.digest.text()}, {"offset", bundle.locate(file).offset}};
    };
    const auto row = [&](std::size_t i) -> std::vector<std::string> {
        const manifests::BundleFile& file = files[i];
        return {std::string(text_of(file.mode)), std::string(name_of(file.role)),
                std::to_string(file.size_bytes), file.digest.text(), file.path.text()};
    };
    if (options.output.format == runtime::Format::json) {
        runtime::print_long_json({{"schema", "sealift.ls/1"}, {"digest", bundle.digest().text()}}, "files",
                                 files.size(), item);
    } else {
        runtime::print_long_table({{"MODE", "ROLE", "SIZE", "DIGEST", "PATH"},
                                   {false, false, true, false, false},
                                   files.size(),
                                   row});
    }
    return 0;
}

} // namespace

void add_ls(CLI::App& app, int& status) {
    auto options = std::make_shared<LsOptions>();
    auto* command = app.add_subcommand("ls", "List the files of a bundle with role, size and digest");
    command->add_option("bundle", options->bundle, "Bundle file or folder")->required();
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_ls(*options); });
}

} // namespace packager
