#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/build.hpp"
#include "packager/claims.hpp"
#include "packager/commands/commands.hpp"
#include "packager/commands/release_option_group.hpp"
#include "runtime/envelope_file.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"

namespace packager {
namespace {

struct BuildOptions {
    std::string recipe;
    std::string output;
    std::string form = "auto";
    std::string signing_key;
    std::string builder_key;
    std::string builder_id = std::string(default_builder_id);
    std::vector<std::string> more;
    ReleaseOptions release;
    std::string passphrase_file;
    std::string profiles_folder;
    unsigned jobs = 0;
    bool dry_run = false;
    RiskReasons allow;
    runtime::OutputOptions output_options;
};

Form form_of(const BuildOptions& options) {
    if (options.form == "auto") return options.output.ends_with('/') ? Form::folder : Form::file;
    return options.form == "folder" ? Form::folder : Form::file;
}

std::unique_ptr<Signer> load_key(const BuildOptions& options, const std::string& name) {
    if (name.empty()) return nullptr;
    PassphraseSource source;
    if (!options.passphrase_file.empty()) source.file = options.passphrase_file;
    return open_signer(name, source);
}

void print_built(const BuildOptions& options, const BuildResult& result) {
    const std::string written = options.dry_run ? "WOULD BUILD" : "BUILT";
    runtime::print(runtime::styled(runtime::Style::good, written) + "  " + result.name + " " +
                   result.version + " for " + result.profile_id + "\n" + "output    " +
                   manifests::escaped(options.output, 4096) + ", " + manifests::size_text(result.size_bytes) +
                   ", " + std::to_string(result.files) + " files\n" + "bundle    " + result.digest->text() +
                   "\n");
    if (!result.signed_by.empty()) runtime::print("signed by " + result.signed_by + "\n");
}

int run_build(const BuildOptions& options) {
    const std::unique_ptr<Signer> key = load_key(options, options.signing_key);
    const std::unique_ptr<Signer> builder = load_key(options, options.builder_key);
    Attestations attestations{.builder = builder.get(),
                              .builder_id = options.builder_id,
                              .terms = options.release.terms().value_or(manifests::ReleaseTerms{}),
                              .with_sm3 = options.release.with_sm3};
    for (const std::string& path : options.more)
        runtime::add_envelopes(attestations.carried, runtime::load_envelopes(path));
    std::optional<runtime::Progress> progress;
    const BuildResult result = build({.recipe = options.recipe,
                                      .output = options.output,
                                      .form = form_of(options),
                                      .profiles_folder = options.profiles_folder,
                                      .signing_key = key.get(),
                                      .attestations = attestations,
                                      .jobs = options.jobs,
                                      .dry_run = options.dry_run,
                                      .allow = options.allow,
                                      .on_start = [&](const std::string& what, std::uint64_t total_bytes) {
                                          if (progress) progress->finish();
                                          progress.emplace(what, total_bytes, options.output_options);
                                          return [&](std::uint64_t bytes) { progress->add(bytes); };
                                      }});
    if (progress && result.report.passed()) progress->finish();
    progress.reset();
    const bool built = result.report.passed();
    if (options.output_options.format == runtime::Format::json) {
        manifests::OrderedJson value = {{"schema", "sealift.build/1"},  {"built", built && !options.dry_run},
                                        {"name", result.name},          {"version", result.version},
                                        {"profile", result.profile_id}, {"files", result.files}};
        if (built) {
            value["output"] = runtime::json_text(options.output);
            value["digest"] = result.digest->text();
            value["size_bytes"] = result.size_bytes;
            value["signed_by"] = result.signed_by;
        }
        value["findings"] = runtime::report_json(result.report);
        runtime::print_json(value);
    } else {
        runtime::print_report(result.report, options.output_options);
        if (built) print_built(options, result);
        if (!built)
            runtime::print(runtime::styled(runtime::Style::bad, "NOT BUILT") + "  " + result.name + " " +
                           result.version + " for " + result.profile_id + "\n");
    }
    if (built && result.signed_by.empty())
        runtime::warning(
            "the bundle is not signed; no site will take it before: sealift sign BUNDLE --signing-key KEY");
    return static_cast<int>(built ? manifests::Exit::done : manifests::Exit::no);
}

void add_allow_options(CLI::App& command, RiskReasons& allow) {
    const auto is_said = [](const std::string& reason) {
        return reason.empty() ? std::string("a reason is wanted") : std::string();
    };
    command
        .add_option("--allow-pickle", allow.pickle,
                    "Pack files that can hold a pickle too; the reason is recorded in the bundle")
        ->type_name("REASON")
        ->check(is_said);
    command
        .add_option("--allow-code", allow.code,
                    "Record why the model's own Python code is packed (trust_remote_code)")
        ->type_name("REASON")
        ->check(is_said);
}

} // namespace

void add_build(CLI::App& app, int& status) {
    auto options = std::make_shared<BuildOptions>();
    auto* command = app.add_subcommand(
        "build", "Pack what a recipe names into one bundle, with its bills of material, and sign it");
    command->add_option("recipe", options->recipe, "Recipe, or a folder with a sealift.json")->required();
    command
        ->add_option("-o,--output", options->output,
                     "The bundle, NAME.sealift; an older bundle there is replaced")
        ->required();
    command
        ->add_option("--form", options->form,
                     "One file, or a folder (an OCI image layout); auto: a folder if the output ends in '/'")
        ->check(CLI::IsMember({"auto", "file", "folder"}));
    command->add_option("--signing-key", options->signing_key,
                        "Secret key file (PEM), or pkcs11:... for a key in a token");
    command->add_option("--passphrase-file", options->passphrase_file,
                        "File whose first line opens the key; '-' is stdin");
    command->add_option("--builder-key", options->builder_key,
                        "Secret key that signs provenance and BOMs, instead of --signing-key");
    command->add_option("--builder-id", options->builder_id,
                        "Who built, as a URI that a trust policy can ask for");
    command
        ->add_option("--attach", options->more,
                     "Put in the envelopes of this file as they are (JSON lines): a policy chain, statements "
                     "of vendors; may be given again")
        ->allow_extra_args(false);
    add_release_options(*command, options->release);
    command->add_option("--profiles", options->profiles_folder, "Folder with profiles (SEALIFT_PROFILES)");
    command->add_option("-j,--jobs", options->jobs, "Files to read at once; 0 means one for each processor");
    add_allow_options(*command, options->allow);
    command->add_flag(
        "--dry-run", options->dry_run,
        "Read and hash every file, decide everything, write nothing: minutes for hundreds of GB; "
        "sealift check RECIPE --found FOUND.json reads headers alone");
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_build(*options); });
}

} // namespace packager
