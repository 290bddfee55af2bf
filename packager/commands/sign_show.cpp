// sealift sign show: what somebody is about to sign. Needs nothing but the file.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/sign_ceremony.hpp"
#include "packager/payload_summary.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/program.hpp"

namespace packager {
namespace {

struct ShowOptions {
    std::string file;
    runtime::OutputOptions output;
};

PayloadSummary summary_of(const std::string& path) {
    try {
        return PayloadSummary::of(runtime::read_small_file(path, manifests::Envelope::most_bytes));
    } catch (manifests::Error& problem) {
        problem.in(path);
        if (problem.hint().empty()) problem.hint("do not sign it");
        throw;
    }
}

int run_show(const ShowOptions& options) {
    const PayloadSummary summary = summary_of(options.file);
    if (options.output.format == runtime::Format::json) {
        manifests::OrderedJson json;
        json["schema"] = "sealift.sign.show/1";
        json["path"] = runtime::json_text(options.file);
        json.update(summary.json());
        runtime::print_json(json);
    } else {
        runtime::print(summary.text());
    }
    return 0;
}

} // namespace

void add_sign_show(CLI::App& sign, int& status) {
    auto options = std::make_shared<ShowOptions>();
    auto* command = sign.add_subcommand("show", "Say what prepared bytes say, before they are signed");
    command->add_option("file", options->file, "KEYID.pae of sign prepare")->required();
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_show(*options); });
}

} // namespace packager
