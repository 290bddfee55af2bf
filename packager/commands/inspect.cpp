#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/inspect_binary.hpp"
#include "packager/inspect_model.hpp"
#include "packager/kernel_table.hpp"
#include "packager/needs_text.hpp"
#include "packager/statement_list.hpp"
#include "runtime/bundle.hpp"
#include "runtime/long_output.hpp"
#include "runtime/program.hpp"

namespace packager {
namespace {

using manifests::BundleDocument;
using manifests::OrderedJson;

struct InspectOptions {
    std::string path;
    bool tensors = false;
    runtime::OutputOptions output;
};

std::uint64_t bytes_of(const BundleDocument& document, manifests::Role role, std::size_t& count) {
    std::uint64_t total = 0;
    count = 0;
    for (const manifests::BundleFile& file : document.files) {
        if (file.role != role) continue;
        total += file.size_bytes;
        ++count;
    }
    return total;
}

// Without the document, which may be long.
OrderedJson to_json(const runtime::Bundle& bundle) {
    const BundleDocument& document = bundle.document();
    const std::vector<CarriedStatement> statements = list_statements(bundle.carried().envelopes);
    OrderedJson keys = OrderedJson::array();
    for (const std::string& id : named_keys(statements))
        keys.push_back(runtime::json_text(id));
    return {{"schema", "sealift.inspect/1"},
            {"form", runtime::name_of(bundle.form())},
            {"digest", bundle.digest().text()},
            {"document", nullptr},
            {"model_manifest", document.model_manifest.digest.text()},
            {"claims_signatures_by", std::move(keys)},
            {"statements", statements_json(statements, bundle.digest())}};
}

std::string model_line(const manifests::ModelFacts& model) {
    std::string text;
    for (const std::string* part : {&model.name, &model.architecture, &model.format, &model.parameters,
                                    &model.precision, &model.quantization}) {
        if (!part->empty()) text += (text.empty() ? "" : ", ") + manifests::escaped(*part);
    }
    return text.empty() ? "not described" : text;
}

std::string to_text(const runtime::Bundle& bundle) {
    const BundleDocument& document = bundle.document();
    std::string text = "bundle    " + document.name + " " + document.version + ", release " +
                       std::to_string(document.release_counter) + "\n" + "digest    " +
                       bundle.digest().text() + "\n" + "form      " +
                       std::string(runtime::name_of(bundle.form())) + "\n" + "target    " +
                       document.profile_id + " (profile " + document.profile.digest.text() + ")\n" +
                       "model     " + model_line(document.model) + "\n";
    text += needs_text(document.needs);
    const std::vector<CarriedStatement> statements = list_statements(bundle.carried().envelopes);
    const std::vector<std::string> ids = named_keys(statements);
    for (const std::string& id : ids)
        text += "signature names key " + manifests::escaped(id, 64) + "\n";
    if (ids.empty()) text += "signature none\n";
    if (document.runtime) {
        text += "starts    " + document.runtime->entrypoint.text();
        for (const std::string& argument : document.runtime->arguments)
            text += " " + manifests::escaped(argument);
        text += "\n";
    } else {
        text += "starts    nothing: there is no runtime section\n";
    }
    for (const manifests::AcceptedRisk& risk : document.accepted_risks)
        text += "lets through " + risk.danger + " in " + risk.path.text() + ": " +
                manifests::escaped(risk.reason, 1024) + "\n";
    runtime::Table table({"ROLE", "FILES", "SIZE"});
    for (const manifests::Role role :
         {manifests::Role::weights, manifests::Role::model_config, manifests::Role::kernel,
          manifests::Role::engine, manifests::Role::config, manifests::Role::doc}) {
        std::size_t count = 0;
        const std::uint64_t total = bytes_of(document, role, count);
        if (count > 0)
            table.row({std::string(name_of(role)), std::to_string(count), manifests::size_text(total)});
    }
    table.align_right(1);
    table.align_right(2);
    return text + table.text() + kernels_text(document) + statements_text(statements, bundle.digest());
}

int run_inspect(const InspectOptions& options) {
    const InspectKind kind = kind_of(options.path);
    const Listing listing = options.tensors ? Listing::tensors : Listing::summary;
    if (kind == InspectKind::binary) {
        if (options.tensors)
            throw manifests::Error(manifests::Fault::usage,
                                   manifests::in_quotes(options.path) + " holds code and no tensors");
        return inspect_binary(options.path, options.output);
    }
    if (kind != InspectKind::bundle) return inspect_model(options.path, kind, listing, options.output);
    if (options.tensors) return inspect_weights(options.path, listing, options.output);
    const runtime::Bundle bundle = runtime::open_bundle(options.path);
    if (options.output.format == runtime::Format::json) {
        const auto document = [&](const manifests::Sink& sink) { bundle.document().write(sink); };
        runtime::print_json_around(to_json(bundle), {{"document", document}});
    } else {
        runtime::print(to_text(bundle));
    }
    runtime::note("shown as the bundle says it; sealift verify checks signatures and files");
    return 0;
}

} // namespace

void add_inspect(CLI::App& app, int& status) {
    auto options = std::make_shared<InspectOptions>();
    auto* command = app.add_subcommand(
        "inspect", "Show what a bundle says it is, or what the headers of a model or of a binary say");
    command
        ->add_option(
            "path", options->path,
            "Bundle file or folder; or a model: its folder, a weight file, config.json; or one file with "
            "code: a library, a program, a kernel (ELF, CUDA, AMDGPU, Ascend)")
        ->required();
    command->add_flag("--tensors", options->tensors,
                      "List every tensor: name, type, shape, bytes, file; of a bundle too");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_inspect(*options); });
}

} // namespace packager
