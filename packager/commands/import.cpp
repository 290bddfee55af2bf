#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/import.hpp"
#include "runtime/long_output.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"

namespace packager {
namespace {

struct ImportOptions {
    std::vector<std::string> layouts;
    std::string output;
    std::string form = "auto";
    std::string digest;
    unsigned jobs = 0;
    runtime::OutputOptions output_options;
};

Form form_of(const ImportOptions& options) {
    if (options.form == "auto") return options.output.ends_with('/') ? Form::folder : Form::file;
    return options.form == "folder" ? Form::folder : Form::file;
}

std::optional<manifests::Digest> digest_of(const ImportOptions& options) {
    if (options.digest.empty()) return std::nullopt;
    try {
        return manifests::Digest::parse(options.digest);
    } catch (manifests::Error& error) {
        throw error.in("--digest").as(manifests::Fault::usage);
    }
}

void print_json_answer(const ImportOptions& options, const ImportResult& result) {
    manifests::OrderedJson value = {{"schema", "sealift.import/1"},
                                    {"imported", result.is_whole()},
                                    {"output", runtime::json_text(options.output)},
                                    {"digest", result.digest.text()},
                                    {"name", result.name},
                                    {"version", result.version},
                                    {"profile", result.profile_id},
                                    {"files", result.files},
                                    {"signatures", result.signatures}};
    value["missing"] = nullptr; // may be every file
    value["derived"] = result.derived;
    value["notes"] = result.notes;
    value["findings"] = runtime::report_json(result.damage);
    const auto missing =
        runtime::list_text(result.missing.size(), [&](std::size_t i) -> manifests::OrderedJson {
            const MissingBlob& one = result.missing[i];
            return {{"what", one.what},
                    {"size_bytes", one.blob.size_bytes},
                    {"digest", one.blob.digest.text()},
                    {"found", one.found}};
        });
    runtime::print_json_around(value, {{"missing", missing}});
}

void print_table_answer(const ImportOptions& options, const ImportResult& result) {
    const std::string output = manifests::escaped(options.output, 4096);
    for (const MissingBlob& missing : result.missing) {
        runtime::print("missing   " + manifests::escaped(missing.what, 4096) + ", " +
                       manifests::size_text(missing.blob.size_bytes) + ", " + missing.blob.digest.text() +
                       (missing.found.empty() ? "" : ": " + missing.found) + "\n");
    }
    runtime::print_report(result.damage, options.output_options);
    for (const std::string& what : result.derived)
        runtime::note(manifests::escaped(what, 4096) + " was not there; it follows from the bundle document");
    for (const std::string& text : result.notes)
        runtime::note(text);
    const std::string name =
        manifests::escaped(result.name + " " + result.version + " for " + result.profile_id);
    const std::string signatures = std::to_string(result.signatures) +
                                   (result.signatures == 1 ? " signed statement" : " signed statements");
    const bool whole = result.is_whole();
    runtime::print(runtime::styled(whole ? runtime::Style::good : runtime::Style::bad,
                                   whole ? "IMPORTED" : "NOT IMPORTED") +
                   "  " + (result.name.empty() ? output : name) + "\n");
    if (whole) runtime::print("output    " + output + ", " + std::to_string(result.files) + " files\n");
    runtime::print("bundle    " + result.digest.text() + "\n");
    if (!result.name.empty()) runtime::print(signatures + " arrived; who signed: sealift verify\n");
}

int run_import(const ImportOptions& options) {
    std::optional<runtime::Progress> progress;
    const ImportResult result =
        import_bundle({.layouts = options.layouts,
                       .output = options.output,
                       .form = form_of(options),
                       .digest = digest_of(options),
                       .jobs = options.jobs,
                       .on_start = [&](std::uint64_t total_bytes) {
                           progress.emplace("importing", total_bytes, options.output_options);
                           return [&](std::uint64_t bytes) { progress->add(bytes); };
                       }});
    if (progress && result.is_whole()) progress->finish();
    progress.reset();
    if (options.output_options.format == runtime::Format::json) {
        print_json_answer(options, result);
    } else {
        print_table_answer(options, result);
    }
    return static_cast<int>(result.is_whole() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace

void add_import(CLI::App& app, int& status) {
    auto options = std::make_shared<ImportOptions>();
    auto* command = app.add_subcommand(
        "import", "Make a bundle of OCI image layouts that other tools carried, or say what they lost");
    command
        ->add_option("layouts", options->layouts,
                     "OCI image layouts, folders or tars of one; together they are searched for the bundle")
        ->required();
    command
        ->add_option("-o,--output", options->output,
                     "The bundle, NAME.sealift; an older bundle there is replaced")
        ->required();
    command
        ->add_option("--form", options->form,
                     "One file, or a folder (an OCI image layout); auto: a folder if the output ends in '/'")
        ->check(CLI::IsMember({"auto", "file", "folder"}));
    command->add_option("--digest", options->digest, "Which bundle to import, if the layouts hold several");
    command->add_option("-j,--jobs", options->jobs, "Threads; 0 means one for each processor");
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_import(*options); });
}

} // namespace packager
