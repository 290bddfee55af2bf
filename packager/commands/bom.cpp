#include "packager/commands/commands.hpp"

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "manifests/bom_summary.hpp"
#include "manifests/error.hpp"
#include "runtime/bundle.hpp"
#include "runtime/long_output.hpp"
#include "runtime/program.hpp"

namespace packager {
namespace {

struct BomOptions {
    std::string bundle;
    bool hardware = false;
    runtime::OutputOptions output;
};

// The first digits of a digest tell files apart; the JSON form has all of them.
std::vector<std::string> cells_of(const manifests::BomRow& row) {
    const std::string type = row.is_external ? row.type + " (not carried)" : row.type;
    return {type, row.name, row.version, row.licence, row.sha256.substr(0, 12), row.supplier, row.ref};
}

void print_table(const runtime::Bundle& bundle, runtime::Bundle::Bom which) {
    runtime::StreamedTable table({"TYPE", "NAME", "VERSION", "LICENCE", "SHA-256", "SUPPLIER", "REF"},
                                 std::vector<bool>(7));
    manifests::read_bom_rows([&] { return bundle.bom(which); },
                             [&](const manifests::BomRow& row) { table.measure(cells_of(row)); },
                             [&](const manifests::BomRow& row) { table.print(cells_of(row)); });
    table.end();
}

int run_bom(const BomOptions& options) {
    const runtime::Bundle bundle = runtime::open_bundle(options.bundle);
    const auto which = options.hardware ? runtime::Bundle::Bom::hardware : runtime::Bundle::Bom::software;
    if (options.output.format == runtime::Format::json) {
        // The document itself, byte for byte, so that it hashes to the digest in the bundle document.
        runtime::print_pieces(bundle.bom(which));
    } else {
        print_table(bundle, which);
    }
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
