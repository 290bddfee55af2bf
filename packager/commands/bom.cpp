#include "packager/commands/commands.hpp"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "manifests/bom_summary.hpp"
#include "manifests/error.hpp"
#include "runtime/bundle.hpp"
#include "runtime/program.hpp"
#include "runtime/terminal.hpp"

namespace packager {
namespace {

struct BomOptions {
    std::string bundle;
    bool hardware = false;
    runtime::OutputOptions output;
};

std::string bom_table(std::string_view document) {
    runtime::Table table({"TYPE", "NAME", "VERSION", "LICENCE", "SHA-256", "SUPPLIER", "REF"});
    for (const manifests::BomRow& row : manifests::read_bom_summary(document).rows) {
        const std::string type = row.is_external ? row.type + " (not carried)" : row.type;
        // The first digits tell files apart; the JSON form has all of them.
        table.row(
            {type, row.name, row.version, row.licence, row.sha256.substr(0, 12), row.supplier, row.ref});
    }
    return table.text();
}

int run_bom(const BomOptions& options) {
    const runtime::Bundle bundle = runtime::open_bundle(options.bundle);
    const std::string document = options.hardware ? bundle.hardware_bom() : bundle.software_bom();
    // JSON is the document itself, byte for byte, so that it hashes to the digest in the bundle document.
    runtime::print(options.output.format == runtime::Format::json ? document : bom_table(document));
    return static_cast<int>(manifests::Exit::done);
}

} // namespace

void add_bom(CLI::App& app, int& status) {
    auto options = std::make_shared<BomOptions>();
    auto* command = app.add_subcommand("bom", "Show the bill of material that a bundle carries");
    command->add_option("bundle", options->bundle, "Bundle file or folder")->required();
    command->add_flag("--hardware", options->hardware,
                      "The hardware that the bundle requires, not its software");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_bom(*options); });
}

} // namespace packager
