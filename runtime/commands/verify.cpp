// verify: in both programs, the same code.

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"
#include "runtime/verify.hpp"

namespace runtime {
namespace {

struct VerifyOptions {
    std::string bundle;
    std::vector<std::string> keys;
    unsigned jobs = 0;
    OutputOptions output;
};

void print_json_answer(const VerifyOptions& options, const Verification& result) {
    manifests::OrderedJson value = {{"schema", "sealift.verification/1"},
                                    {"bundle", json_text(options.bundle)},
                                    {"trusted", result.report.passed()}};
    if (result.bundle) {
        value["digest"] = result.bundle->digest().text();
        value["name"] = result.bundle->document().name;
        value["version"] = result.bundle->document().version;
        value["profile"] = result.bundle->document().profile_id;
        value["files"] = result.bundle->document().files.size();
        value["form"] = name_of(result.bundle->form());
    }
    value["bytes_read"] = result.bytes_read;
    value["signed_by"] = result.signers;
    value["findings"] = report_json(result.report);
    print_json(value);
}

void print_table_answer(const VerifyOptions& options, const Verification& result) {
    print_report(result.report, options.output);
    if (!result.report.passed()) {
        print(styled(Style::bad, "REFUSED") + "  " + manifests::escaped(options.bundle, 4096) + "\n");
        return;
    }
    const manifests::BundleDocument& document = result.bundle->document();
    std::string signers;
    for (const std::string& id : result.signers)
        signers += "signed by " + id + "\n";
    print(styled(Style::good, "TRUSTED") + "  " + document.name + " " + document.version + " for " +
          document.profile_id + "\n" + "bundle    " + result.bundle->digest().text() + "\n" + signers +
          std::to_string(document.files.size()) + " files, " + manifests::size_text(result.bytes_read) +
          " read and proven\n");
}

int run_verify(const VerifyOptions& options) {
    const std::vector<manifests::PublicKey> keys = load_keys(options.keys);
    std::optional<Progress> progress;
    const Verification result = verify(options.bundle, keys, options.jobs, [&](std::uint64_t total_bytes) {
        progress.emplace("verifying", total_bytes, options.output);
        return [&](std::uint64_t bytes) { progress->add(bytes); };
    });
    if (progress) progress->finish();
    if (options.output.format == Format::json) {
        print_json_answer(options, result);
    } else {
        print_table_answer(options, result);
    }
    return static_cast<int>(result.report.passed() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace

void add_verify(CLI::App& app, int& status) {
    auto options = std::make_shared<VerifyOptions>();
    auto* command = app.add_subcommand("verify", "Say whether a bundle can be trusted, and why not");
    command->add_option("bundle", options->bundle, "Bundle file or folder")->required();
    add_key_option(*command, options->keys)->required();
    command->add_option("-j,--jobs", options->jobs, "Files to read at once; 0 means one for each processor");
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_verify(*options); });
}

} // namespace runtime
