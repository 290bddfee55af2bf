#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/reproduce.hpp"
#include "packager/source_date.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"

namespace packager {
namespace {

struct ReproduceOptions {
    std::string bundle;
    std::string inputs;
    std::string profiles_folder;
    unsigned jobs = 0;
    runtime::OutputOptions output;
};

manifests::OrderedJson difference_json(const Difference& difference) {
    manifests::OrderedJson value = {{"kind", name_of(difference.kind)},
                                    {"text", runtime::json_text(difference.text)},
                                    {"path", runtime::json_text(difference.path)}};
    if (!difference.pointer.empty()) value["pointer"] = runtime::json_text(difference.pointer);
    if (!difference.tensor.empty()) value["tensor"] = runtime::json_text(difference.tensor);
    if (difference.byte_in_file) value["byte_in_file"] = *difference.byte_in_file;
    if (difference.byte_in_tensor) value["byte_in_tensor"] = *difference.byte_in_tensor;
    return value;
}

void print_as_json(const ReproduceOptions& options, const Reproduction& result) {
    manifests::OrderedJson value = {{"schema", "sealift.reproduction/1"},
                                    {"reproduced", result.reproduced()},
                                    {"bundle", runtime::json_text(options.bundle)},
                                    {"inputs", runtime::json_text(options.inputs)},
                                    {"digest", result.digest.text()},
                                    {"rebuilt", result.rebuilt ? result.rebuilt->text() : ""},
                                    {"signatures_compared", false}};
    if (result.time_s) value["time_s"] = *result.time_s;
    auto list = manifests::OrderedJson::array();
    for (const Difference& difference : result.differences)
        list.push_back(difference_json(difference));
    value["differences"] = std::move(list);
    value["more"] = result.more;
    value["findings"] = runtime::report_json(result.report);
    runtime::print_json(value);
}

std::string verdict(const Reproduction& result) {
    const std::string what = "  " + result.name + " " + result.version + " for " + result.profile_id + "\n";
    std::string text = result.reproduced() ? runtime::styled(runtime::Style::good, "REPRODUCED")
                                           : runtime::styled(runtime::Style::bad, "NOT REPRODUCED");
    text += what + "bundle    " + result.digest.text() + "\n";
    if (result.rebuilt && !result.reproduced()) text += "rebuilt   " + result.rebuilt->text() + "\n";
    if (result.time_s) {
        text += "time      " + rfc3339(*result.time_s) +
                (result.time_is_from_bundle ? ", from the bundle\n" : ", from SOURCE_DATE_EPOCH\n");
    }
    return text;
}

void print_as_text(const ReproduceOptions& options, const Reproduction& result) {
    runtime::print_report(result.report, options.output);
    std::string text = verdict(result);
    const char* label = "first     ";
    for (const Difference& difference : result.differences) {
        text += label + runtime::harmless(difference.text) + "\n";
        label = "then      ";
    }
    if (result.more > 0) text += "and       " + manifests::count_text(result.more) + " more\n";
    runtime::print(text);
}

int run_reproduce(const ReproduceOptions& options) {
    std::optional<runtime::Progress> progress;
    const Reproduction result =
        reproduce(runtime::open_bundle(options.bundle),
                  {.inputs = options.inputs,
                   .profiles_folder = options.profiles_folder,
                   .jobs = options.jobs,
                   .on_start = [&](const std::string& what, std::uint64_t total_bytes) {
                       if (progress) progress->finish();
                       progress.emplace(what, total_bytes, options.output);
                       return [&](std::uint64_t bytes) { progress->add(bytes); };
                   }});
    if (progress) progress->finish();
    progress.reset();
    if (options.output.format == runtime::Format::json) {
        print_as_json(options, result);
    } else {
        print_as_text(options, result);
    }
    runtime::note("signatures are not part of a reproduction; sealift verify --key checks them");
    return static_cast<int>(result.reproduced() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace

void add_reproduce(CLI::App& app, int& status) {
    auto options = std::make_shared<ReproduceOptions>();
    auto* command = app.add_subcommand(
        "reproduce", "Build again from the inputs, compare with a bundle, and name the first difference");
    command->add_option("bundle", options->bundle, "Bundle file or folder")->required();
    command->add_option("--inputs", options->inputs, "Recipe, or a folder with a sealift.json")->required();
    command->add_option("--profiles", options->profiles_folder, "Folder with profiles (SEALIFT_PROFILES)");
    command->add_option("-j,--jobs", options->jobs, "Files to read at once; 0 means one for each processor");
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_reproduce(*options); });
}

} // namespace packager
