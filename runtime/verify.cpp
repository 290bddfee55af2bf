#include "runtime/verify.hpp"

#include <atomic>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/partial_content.hpp"
#include "runtime/piped_content.hpp"
#include "runtime/verify_record.hpp"

namespace runtime {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

namespace {

[[noreturn]] void refuse_range(const std::string& text, const std::string& why) {
    throw Error(Fault::usage, "range " + in_quotes(text) + " " + why)
        .hint("PATH:OFFSET+LENGTH, in bytes, such as weights/model.gguf:1048576+4096");
}

std::uint64_t number_of(const std::string& range, const std::string& digits) {
    constexpr std::size_t most_digits = 18; // below 2^62
    if (digits.empty() || digits.size() > most_digits ||
        digits.find_first_not_of("0123456789") != std::string::npos)
        refuse_range(range, "has " + in_quotes(digits) + " where a number was wanted");
    return std::stoull(digits);
}

// Counts what was read, for the answer and for the progress.
class Counter {
public:
    explicit Counter(OnBytes tell) : tell_(std::move(tell)) {}
    OnBytes on_bytes() {
        return [this](std::uint64_t bytes) {
            done_ += bytes;
            if (tell_) tell_(bytes);
        };
    }
    std::uint64_t done() const { return done_; }

private:
    OnBytes tell_;
    std::atomic<std::uint64_t> done_{0};
};

OnBytes started(const VerifyRequest& request, std::uint64_t total_bytes) {
    return request.on_start ? request.on_start(total_bytes) : OnBytes{};
}

// Bytes of the units that the record knows; the rest is read.
void read_with_record(const VerifyRequest& request, Verification& result) {
    const std::vector<ContentJob> jobs = jobs_of(*result.bundle);
    std::unique_ptr<VerifyRecord> record;
    if (!request.record.empty())
        record = std::make_unique<VerifyRecord>(request.record, *result.bundle, jobs, request.proof);
    std::atomic<std::uint64_t> before{0};
    Counter counter(started(request, result.bytes_all));
    ReadOptions options;
    options.jobs = request.jobs;
    options.proof = request.proof;
    options.cache = Cache::pass;
    options.on_bytes = counter.on_bytes();
    if (record) {
        options.is_done = [&](std::size_t unit, std::uint64_t bytes) {
            if (!record->has(unit)) return false;
            before += bytes;
            return true;
        };
        options.on_good = [&](std::size_t unit) { record->add(unit); };
    }
    ContentResult content = read_content(*result.bundle, jobs, options);
    result.bytes_read = counter.done();
    result.bytes_before = before;
    if (content.report.passed() && record) record->remove();
    result.report.merge(std::move(content.report));
    result.bad = std::move(content.bad);
}

void read_parts(const VerifyRequest& request, Verification& result) {
    const std::vector<ChunkRun> runs =
        request.sample ? runs_of(*result.bundle, *request.sample) : runs_of(*result.bundle, request.ranges);
    Counter counter(started(request, bytes_of(runs)));
    ContentResult content = read_runs(*result.bundle, runs, request.jobs, counter.on_bytes());
    result.bytes_read = counter.done();
    result.report.merge(std::move(content.report));
    result.bad = std::move(content.bad);
}

// What whoever built it let through, for the site's eyes too.
void note_risks(const manifests::BundleDocument& document, manifests::Report& report) {
    for (const manifests::AcceptedRisk& risk : document.accepted_risks) {
        const bool pickle = risk.danger == "pickle";
        report.add({pickle ? manifests::Code::model_pickle : manifests::Code::model_code, risk.path.text(),
                    "it can run code when it is loaded; the release lets it through: " +
                        manifests::escaped(risk.reason, 1024),
                    "", manifests::Severity::note});
    }
}

void check_trust(const VerifyRequest& request, Verification& result) {
    TrustDecision decision = TrustDecision::check_trust(result.bundle, request.trust);
    if (decision.trusted) result.signers = decision.trusted->signers();
    result.report.merge(std::move(decision.report));
    result.answer = std::move(decision.answer);
    result.accepted_unsigned = decision.accepted_unsigned;
    result.bytes_all = content_bytes(*result.bundle);
    note_risks(result.bundle->document(), result.report);
}

// Nothing of the files is taken from the pipe before it is known whose they are.
Verification verify_pipe(const VerifyRequest& request) {
    Verification result;
    const auto spool = open_stdin_spool("");
    result.bundle = open_or_report([&] { return Bundle::open_pipe(spool); }, "-", result.report);
    if (!result.bundle) return result;
    check_trust(request, result);
    if (!result.report.passed()) return result;
    Counter counter(started(request, result.bytes_all));
    try {
        PipedOptions options;
        options.jobs = request.jobs;
        options.proof = request.proof;
        options.on_bytes = counter.on_bytes();
        result.content_was_read = true;
        read_piped_content(*result.bundle, *spool, options);
    } catch (const Error& error) {
        result.report.add(finding_of(error, "-"));
    }
    result.bytes_read = counter.done();
    return result;
}

} // namespace

AskedRange AskedRange::parse(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    const std::size_t plus = text.rfind('+');
    if (colon == std::string::npos || plus == std::string::npos || plus < colon || colon == 0)
        refuse_range(text, "is not of the form PATH:OFFSET+LENGTH");
    AskedRange range{text.substr(0, colon), number_of(text, text.substr(colon + 1, plus - colon - 1)),
                     number_of(text, text.substr(plus + 1))};
    if (range.length_bytes == 0) refuse_range(text, "has no bytes");
    return range;
}

std::shared_ptr<PipeSpool> open_stdin_spool(const std::string& folder) {
    const char* const temporary = std::getenv("TMPDIR"); // NOLINT(concurrency-mt-unsafe): nobody sets it
    const std::string usual = temporary != nullptr && *temporary != '\0' ? temporary : "/tmp";
    FileDescriptor input(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
    if (!input) throw_errno("cannot read", "stdin");
    return std::make_shared<PipeSpool>(std::move(input), folder.empty() ? usual : folder);
}

std::shared_ptr<const Bundle> open_or_report(const std::function<Bundle()>& open, const std::string& path,
                                             manifests::Report& report) {
    try {
        return std::make_shared<const Bundle>(open());
    } catch (const Error& error) {
        report.add(finding_of(error, path));
        return nullptr;
    }
}

Verification verify(const VerifyRequest& request) {
    if (request.path == "-") return verify_pipe(request);
    Verification result;
    result.bundle = open_or_report([&] { return Bundle::open(request.path); }, request.path, result.report);
    if (!result.bundle) return result;
    check_trust(request, result);
    if (!request.ranges.empty() || request.sample) {
        read_parts(request, result);
    } else {
        read_with_record(request, result);
    }
    result.content_was_read = true;
    return result;
}

} // namespace runtime
