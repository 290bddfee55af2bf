// verify: in both programs, the same code.

#include <sys/random.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/program.hpp"
#include "runtime/progress.hpp"
#include "runtime/trust_evidence.hpp"
#include "runtime/trust_options.hpp"
#include "runtime/verify.hpp"
#include "runtime/verify_record.hpp"
#include "runtime/whole_number.hpp"

namespace runtime {
namespace {

struct VerifyOptions {
    std::string bundle;
    TrustChoice trust;
    unsigned jobs = 0;
    bool flat = false;
    std::vector<std::string> ranges;
    std::uint64_t sample = 0;
    std::optional<std::uint64_t> seed;
    bool go_on = false;
    std::string record;
    bool explain = false;
    OutputOptions output;
};

manifests::OrderedJson damage_json(const Verification& result) {
    manifests::OrderedJson list = manifests::OrderedJson::array();
    for (const BadContent& bad : result.bad) {
        manifests::OrderedJson one = {{"path", bad.file->path.text()},
                                      {"first_chunk", bad.range.first_chunk},
                                      {"chunks", bad.range.chunks},
                                      {"offset", bad.range.offset},
                                      {"length_bytes", bad.range.length_bytes}};
        if (bad.range.bundle_offset) one["bundle_offset"] = *bad.range.bundle_offset;
        list.push_back(std::move(one));
    }
    return list;
}

/// What was asked for, of the files.
std::string_view scope_of(const VerifyRequest& request) {
    if (request.sample) return "sample";
    return request.ranges.empty() ? "all" : "ranges";
}

void print_json_answer(const VerifyRequest& request, const Verification& result) {
    // Trusted is said of a whole bundle only; a part that is right is "passed".
    const bool whole = scope_of(request) == "all";
    manifests::OrderedJson value = {{"schema", "sealift.verification/1"},
                                    {"bundle", json_text(request.path)},
                                    {"trusted", whole && result.report.passed() && !result.accepted_unsigned},
                                    {"passed", result.report.passed()},
                                    {"scope", scope_of(request)},
                                    {"proof", request.proof == Proof::tree ? "tree" : "tree and flat"}};
    if (result.bundle) {
        value["digest"] = result.bundle->digest().text();
        value["name"] = result.bundle->document().name;
        value["version"] = result.bundle->document().version;
        value["profile"] = result.bundle->document().profile_id;
        value["files"] = result.bundle->document().files.size();
        value["form"] = name_of(result.bundle->form());
    }
    value["bytes_all"] = result.bytes_all;
    value["bytes_read"] = result.bytes_read;
    if (!request.record.empty()) value["bytes_proven_before"] = result.bytes_before;
    if (request.sample) value["seed"] = request.sample->seed;
    value["signed_by"] = result.signers;
    if (result.accepted_unsigned) value["accepted_unsigned"] = true;
    if (result.answer) add_evidence_json(value, *result.answer);
    value["damaged"] = damage_json(result);
    // What a key leaves open is said of a "yes" alone.
    value["findings"] = report_json(result.report.passed() ? result.report : without_partial(result.report));
    print_json(value);
}

std::string content_line(const VerifyRequest& request, const Verification& result) {
    const std::string read = manifests::size_text(result.bytes_read);
    const std::string all = manifests::size_text(result.bytes_all);
    const std::string files = std::to_string(result.bundle->document().files.size()) + " files, ";
    if (request.sample) {
        return files + read + " of " + all + " read and right: a sample (seed " +
               std::to_string(request.sample->seed) + "), which proves nothing about the rest\n";
    }
    if (!request.ranges.empty())
        return files + read + " of " + all + " read and proven: what was asked for\n";
    if (result.bytes_before > 0) {
        return files + read + " read and proven, " + manifests::size_text(result.bytes_before) +
               " proven by an earlier run, as the record says\n";
    }
    return files + read + " read and proven\n";
}

void print_table_answer(const VerifyRequest& request, const Verification& result, const OutputOptions& output,
                        bool explain) {
    print_report(without_partial(result.report), output);
    if (explain && result.answer) print(chain_text(*result.answer));
    if (explain && !result.answer) print(simple_chain_text(result));
    if (!result.report.passed()) {
        print(styled(Style::bad, "REFUSED") + "  " + manifests::escaped(request.path, 4096) + "\n");
        if (result.bundle && !result.content_was_read)
            print("the files were not read: what stands above comes first\n");
        return;
    }
    const manifests::BundleDocument& document = result.bundle->document();
    std::string signers;
    for (const std::string& id : result.signers)
        signers += "signed by " + id + "\n";
    std::string verdict = styled(Style::good, "TRUSTED");
    if (!request.ranges.empty()) verdict = styled(Style::good, "PROVEN IN PART");
    if (request.sample) verdict = "NOTHING WRONG FOUND";
    if (result.accepted_unsigned) verdict = styled(Style::bad, "NOT TRUSTED, LET THROUGH UNSIGNED");
    print(verdict + "  " + document.name + " " + document.version + " for " + document.profile_id + "\n" +
          "bundle    " + result.bundle->digest().text() + "\n" + signers + content_line(request, result) +
          (explain ? "" : unchecked_line(result.report)));
}

// A sample that found nothing wrong is no answer to the question whether the bundle is right.
int status_of(const VerifyRequest& request, const Verification& result) {
    if (!result.report.passed()) return static_cast<int>(manifests::Exit::no);
    return static_cast<int>(request.sample ? manifests::Exit::no_answer : manifests::Exit::done);
}

std::uint64_t random_seed() {
    std::uint32_t seed = 0; // short enough to be typed again
    if (::getrandom(&seed, sizeof seed, 0) != sizeof seed) throw_errno("cannot get", "random bytes");
    return seed;
}

void refuse_contradictions(const VerifyOptions& options) {
    using manifests::Error;
    const bool parts = !options.ranges.empty() || options.sample > 0;
    const bool resumes = options.go_on || !options.record.empty();
    const auto refuse = [](const char* why) { throw Error(manifests::Fault::usage, why); };
    if (!options.ranges.empty() && options.sample > 0)
        refuse("--range and --sample ask for different things");
    if (parts && options.flat) refuse("--flat needs whole files, so it does not go with --range or --sample");
    if (parts && resumes) refuse("--continue is for reading everything, not for --range or --sample");
    if (options.bundle == "-" && (parts || resumes))
        refuse("a pipe is read once, from front to end: no --range, --sample or --continue");
    if (options.seed && options.sample == 0) refuse("--seed belongs to --sample");
}

int run_verify(const VerifyOptions& options) {
    refuse_contradictions(options);
    std::optional<Progress> progress;
    VerifyRequest request{
        .path = options.bundle, .trust = basis_of(options.trust, TrustUse::look), .jobs = options.jobs};
    request.proof = options.flat ? Proof::tree_and_flat : Proof::tree;
    for (const std::string& text : options.ranges)
        request.ranges.push_back(AskedRange::parse(text));
    if (options.sample > 0)
        request.sample = Sample{options.sample, options.seed ? *options.seed : random_seed()};
    request.record = options.record;
    if (options.go_on && request.record.empty()) request.record = usual_record_path(options.bundle);
    request.on_start = [&](std::uint64_t total_bytes) {
        progress.emplace("verifying", total_bytes, options.output);
        return [&](std::uint64_t bytes) { progress->add(bytes); };
    };
    const Verification result = verify(request);
    if (progress) progress->finish();
    if (options.output.format == Format::json) {
        print_json_answer(request, result);
    } else {
        print_table_answer(request, result, options.output, options.explain);
    }
    if (result.accepted_unsigned) shout_unsigned();
    return status_of(request, result);
}

} // namespace

void add_verify(CLI::App& app, int& status) {
    auto options = std::make_shared<VerifyOptions>();
    auto* command = app.add_subcommand("verify", "Say whether a bundle can be trusted, and why not");
    command->add_option("bundle", options->bundle, "Bundle file or folder; '-': a bundle file on stdin")
        ->required();
    add_trust_options(*command, options->trust);
    command->add_flag("--explain", options->explain, "Tell in words what the answer rests on, link by link");
    command->add_flag(
        "--flat", options->flat,
        "Besides the tree, check the SHA-256 of each file, as registries do: one thread a file");
    command
        ->add_option("--range", options->ranges,
                     "Read and prove only these bytes, PATH:OFFSET+LENGTH; may be given again")
        ->allow_extra_args(false);
    command
        ->add_option("--sample", options->sample,
                     "Read only this many chunks of 512 KiB, chosen at random; finding nothing wrong is no "
                     "proof, so the exit status is 3 then")
        ->check(whole_number_from(1));
    command->add_option("--seed", options->seed, "Choose the same sample again")->check(whole_number_from(0));
    command->add_flag("--continue", options->go_on,
                      "Keep a record of what is proven, and go on from it after an interruption");
    command->add_option("--record", options->record,
                        "Where the record of --continue is kept (XDG_STATE_HOME or ~/.local/state)");
    command->add_option("-j,--jobs", options->jobs, "Threads; 0 means one for each processor");
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_verify(*options); });
}

} // namespace runtime
