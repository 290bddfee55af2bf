#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "packager/repair.hpp"
#include "runtime/long_output.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"

namespace packager {
namespace {

struct RepairOptions {
    std::string bundle;
    std::vector<std::string> others;
    unsigned jobs = 0;
    bool dry_run = false;
    runtime::OutputOptions output_options;
};

manifests::OrderedJson json_of(const Replacement& one) {
    // A path is that of a file, and nothing else is called so.
    manifests::OrderedJson value = {{one.first_chunk ? "path" : "what", one.what}};
    if (one.first_chunk) {
        value["first_chunk"] = *one.first_chunk;
        value["chunks"] = one.chunks;
    }
    value["offset"] = one.offset;
    value["length_bytes"] = one.length_bytes;
    if (one.bundle_offset) value["bundle_offset"] = *one.bundle_offset;
    if (!one.from.empty()) value["from"] = runtime::json_text(one.from);
    return value;
}

void print_json_answer(const RepairOptions& options, const RepairResult& result) {
    manifests::OrderedJson value = {
        {"schema", "sealift.repair/1"},   {"bundle", runtime::json_text(options.bundle)},
        {"digest", result.digest.text()}, {"dry_run", options.dry_run},
        {"proven", result.is_proven},     {"bytes_replaced", result.bytes_replaced}};
    value["replaced"] = nullptr; // may be every header
    value["remaining"] = runtime::report_json(result.remaining);
    value["notes"] = result.notes;
    const auto replaced = runtime::list_text(result.replaced.size(),
                                             [&](std::size_t i) { return json_of(result.replaced[i]); });
    runtime::print_json_around(value, {{"replaced", replaced}});
}

std::string line_of(const Replacement& one) {
    std::string text = manifests::escaped(one.what, 4096);
    if (one.first_chunk) {
        const std::uint64_t last = *one.first_chunk + one.chunks - 1;
        text += one.chunks == 1
                    ? ": chunk " + std::to_string(last)
                    : ": chunks " + std::to_string(*one.first_chunk) + " to " + std::to_string(last);
    }
    text += ", " + manifests::size_text(one.length_bytes);
    if (one.bundle_offset) text += ", at byte " + std::to_string(*one.bundle_offset);
    return text + (one.from.empty() ? "" : ", from " + manifests::escaped(one.from, 4096)) + "\n";
}

std::string verdict_on(const RepairOptions& options, const RepairResult& result) {
    using runtime::Style;
    if (!result.is_proven)
        return options.dry_run && result.remaining.passed()
                   ? runtime::styled(Style::careful, "CAN BE REPAIRED")
                   : runtime::styled(Style::bad, "STILL DAMAGED");
    return runtime::styled(Style::good, result.replaced.empty() ? "NOTHING TO REPAIR" : "REPAIRED");
}

void print_table_answer(const RepairOptions& options, const RepairResult& result) {
    const std::string done = options.dry_run ? "would replace  " : "replaced  ";
    std::size_t frames = 0;
    for (const Replacement& one : result.replaced) {
        if (one.is_frame)
            ++frames;
        else
            runtime::print(done + line_of(one));
    }
    if (frames > 0) // of 100,000 files, nobody reads them one by one
        runtime::print(done + "headers and padding, " + std::to_string(frames) +
                       (frames == 1 ? " place\n" : " places\n"));
    runtime::print_report(result.remaining, options.output_options);
    for (const std::string& text : result.notes)
        runtime::note(text);
    runtime::print(verdict_on(options, result) + "  " + manifests::escaped(options.bundle, 4096) +
                   "\nbundle    " + result.digest.text() + "\n");
    if (result.is_proven) {
        runtime::print(manifests::size_text(result.bytes_all) +
                       " read and proven by the bundle's own digests; " +
                       "who signed it: sealift verify --key\n");
    }
}

int run_repair(const RepairOptions& options) {
    std::optional<runtime::Progress> progress;
    const RepairResult result = repair({.bundle = options.bundle,
                                        .others = options.others,
                                        .dry_run = options.dry_run,
                                        .jobs = options.jobs,
                                        .on_start = [&](const std::string& what, std::uint64_t total_bytes) {
                                            if (progress) progress->finish();
                                            progress.emplace(what, total_bytes, options.output_options);
                                            return [&](std::uint64_t bytes) { progress->add(bytes); };
                                        }});
    if (progress) progress->finish();
    if (options.output_options.format == runtime::Format::json) {
        print_json_answer(options, result);
    } else {
        print_table_answer(options, result);
    }
    return static_cast<int>(result.is_proven ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace

void add_repair(CLI::App& app, int& status) {
    auto options = std::make_shared<RepairOptions>();
    auto* command = app.add_subcommand(
        "repair", "Replace what is damaged in a bundle, and only that, by what another copy has whole");
    command->add_option("bundle", options->bundle, "Bundle file or folder; it is mended in place")
        ->required();
    command
        ->add_option(
            "--from", options->others,
            "Another copy of the same bundle, file or folder, which may be damaged elsewhere; may be "
            "given again")
        ->required()
        ->allow_extra_args(false);
    command->add_flag("--dry-run", options->dry_run,
                      "Say what would be replaced, write nothing; 1 if there is any");
    command->add_option("-j,--jobs", options->jobs, "Threads; 0 means one for each processor");
    runtime::add_output_options(*command, options->output_options);
    command->callback([options, &status] { status = run_repair(*options); });
}

} // namespace packager
