#include "runtime/engine_checks.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <thread>

#include <nlohmann/json.hpp>
#include <sys/sysmacros.h>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "runtime/stop_signals.hpp"

namespace runtime {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Json;
using manifests::Report;
using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr manifests::JsonRules answer_rules{.most_bytes = 16U << 20, .floats = true};

void refuse_ended(EngineProcess& engine, Report& report) {
    engine.drain();
    const std::string last = engine.last_words();
    report.add(
        {Code::boot_start, "engine",
         "it stopped by itself with " + *engine.ended() + (last.empty() ? "" : "; its last words: " + last),
         "its log has the rest; sealift-runtime status says where that is"});
}

std::optional<Endpoint> wait_for_listening(EngineProcess& engine, const manifests::ReadyRule& ready,
                                           Clock::time_point until, Report& report) {
    const std::string& prefix = ready.listen_prefix;
    while (const auto line = engine.read_line(until)) {
        if (!line->starts_with(prefix)) continue;
        const auto endpoint = Endpoint::parse(std::string_view(*line).substr(prefix.size()));
        if (!endpoint) {
            report.add({Code::boot_ready, "engine",
                        "it listens at " + in_quotes(line->substr(prefix.size())) +
                            ", wanted an address of this machine's loopback",
                        ""});
        }
        return endpoint;
    }
    // Its end is known a moment after its output closed: on a busy machine a long moment.
    const auto patience = Clock::now() + 2s;
    while (engine.closed_output() && !engine.ended() && Clock::now() < patience)
        std::this_thread::sleep_for(2ms);
    if (engine.ended()) {
        refuse_ended(engine, report);
    } else {
        report.add({Code::boot_ready, "engine",
                    "no line on its output began with " + in_quotes(prefix) + " within " +
                        std::to_string(ready.timeout_s) + " s",
                    "raise ready.timeout_s in the recipe if it only needs longer"});
    }
    return std::nullopt;
}

std::vector<double> floats(const Json& values) {
    std::vector<double> list;
    for (const Json& value : values) {
        if (!value.is_number())
            throw Error(Fault::damaged, Code::format_document, "a log-probability is not a number");
        list.push_back(value.get<double>());
    }
    return list;
}

std::string text_at(const Json& value, const std::string& pointer) {
    try {
        const Json& found = value.at(Json::json_pointer(pointer));
        if (found.is_string()) return found.get<std::string>();
    } catch (const Json::exception&) { // no such place, or no pointer at all
    }
    return "(nothing)";
}

} // namespace

std::optional<Endpoint> wait_until_ready(EngineProcess& engine, const manifests::RuntimeSection& runtime,
                                         std::uint64_t port, Report& report) {
    const auto until = Clock::now() + std::chrono::seconds(runtime.ready.timeout_s);
    std::optional<Endpoint> endpoint = Endpoint{"127.0.0.1", static_cast<std::uint16_t>(port)};
    if (!runtime.ready.listen_prefix.empty())
        endpoint = wait_for_listening(engine, runtime.ready, until, report);
    if (!endpoint) return std::nullopt;
    std::string last = "nobody answered";
    while (Clock::now() < until && !stop_is_pending()) {
        if (engine.ended()) {
            refuse_ended(engine, report);
            return std::nullopt;
        }
        const auto patience = std::min<Clock::duration>(until - Clock::now(), 5s);
        const auto answer = ask_http(*endpoint, "GET", runtime.ready.health_path, "",
                                     std::chrono::duration_cast<std::chrono::milliseconds>(patience),
                                     [&] { engine.drain(); });
        if (answer && answer->status == 200) return endpoint;
        if (answer) last = "it answered " + std::to_string(answer->status);
        engine.drain();
        std::this_thread::sleep_for(10ms);
    }
    report.add({Code::boot_ready, "engine",
                last + " at " + endpoint->url() + runtime.ready.health_path + " within " +
                    std::to_string(runtime.ready.timeout_s) + " s, wanted 200",
                "raise ready.timeout_s in the recipe if it only needs longer"});
    return std::nullopt;
}

std::vector<MappedFile> parse_maps(std::string_view text) {
    std::vector<MappedFile> files;
    const auto number = [](std::string_view digits, int base) {
        std::uint64_t value = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
        return value;
    };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        std::vector<std::string_view>
            fields; // address, rights, offset, device, inode, then the path with its spaces
        while (fields.size() < 5 && !line.empty()) {
            const std::size_t space = std::min(line.find(' '), line.size());
            if (space > 0) fields.push_back(line.substr(0, space));
            line.remove_prefix(std::min(space + 1, line.size()));
        }
        if (fields.size() < 5 || fields[4] == "0") continue;
        const std::size_t colon = fields[3].find(':');
        if (colon == std::string_view::npos) continue;
        const std::size_t path = line.find_first_not_of(' ');
        files.push_back({std::string(path == std::string_view::npos ? "" : line.substr(path)),
                         makedev(static_cast<unsigned>(number(fields[3].substr(0, colon), 16)),
                                 static_cast<unsigned>(number(fields[3].substr(colon + 1), 16))),
                         number(fields[4], 10)});
    }
    return files;
}

void check_device(EngineProcess& engine, const std::vector<MappedFile>& kernels,
                  const manifests::RuntimeSection& runtime, const Endpoint& endpoint, Report& report) {
    const std::vector<MappedFile> mapped =
        parse_maps(read_small_file("/proc/" + std::to_string(engine.id()) + "/maps"));
    for (const MappedFile& kernel : kernels) {
        const bool there = std::any_of(mapped.begin(), mapped.end(), [&](const MappedFile& one) {
            return one.device == kernel.device && one.inode == kernel.inode;
        });
        if (!there)
            report.add({Code::boot_device, kernel.path,
                        "the engine is up but has not loaded this kernel binary",
                        "it fell back to something else; its log says what"});
    }
    if (!runtime.device) return;
    const manifests::DeviceRule& rule = *runtime.device;
    const auto answer = ask_http(endpoint, "GET", rule.path, "", 10s, [&] { engine.drain(); });
    if (!answer || answer->status != 200) {
        report.add(
            {Code::boot_device, "engine", "it does not say what it runs on at " + in_quotes(rule.path), ""});
        return;
    }
    const Json value = manifests::read_json(answer->body, answer_rules);
    const std::string found = text_at(value, rule.pointer);
    if (found != rule.equals) {
        report.add({Code::boot_device, "engine",
                    "it runs on " + in_quotes(found) + ", wanted " + in_quotes(rule.equals),
                    "check the driver and the device nodes; its log says why it fell back"});
    }
}

KnownAnswer KnownAnswer::parse(std::string_view bytes) {
    const Json value = manifests::read_json(bytes, answer_rules);
    manifests::Fields fields(value);
    KnownAnswer known{
        .prompt = fields.text("prompt"), .text = fields.text("text"), .tokens = {}, .logprobs = {}};
    if (const Json* tokens = fields.maybe_array("tokens")) {
        for (const Json& token : *tokens) {
            if (!token.is_number_unsigned()) manifests::refuse_document("a token is not a count");
            known.tokens.push_back(token.get<std::uint64_t>());
        }
    }
    if (const Json* logprobs = fields.maybe_array("logprobs")) known.logprobs = floats(*logprobs);
    if (const Json* tolerance = fields.maybe("logprob_tolerance"))
        known.logprob_tolerance = floats(Json::array({*tolerance}))[0];
    fields.allow_others("engine makers add how the answer was made");
    if (!(known.logprob_tolerance > 0)) manifests::refuse_document("logprob_tolerance is not over 0");
    return known;
}

GivenAnswer GivenAnswer::parse(std::string_view bytes) {
    const Json value = manifests::read_json(bytes, answer_rules);
    manifests::Fields answer(value);
    const Json& choices = answer.array("choices");
    if (choices.size() != 1)
        manifests::refuse_document("'choices' has " + std::to_string(choices.size()) + " elements, wanted 1");
    manifests::Fields choice(choices[0]);
    manifests::Fields message(choice.object("message"));
    GivenAnswer given{.text = message.text("content"), .tokens = {}, .logprobs = {}};
    if (!choice.has("logprobs")) return given;
    manifests::Fields logprobs(choice.object("logprobs"));
    for (const Json& token : logprobs.array("content")) {
        manifests::Fields fields(token);
        if (fields.has("id")) given.tokens.push_back(fields.count("id"));
        for (const double one : floats(Json::array({fields.member("logprob")})))
            given.logprobs.push_back(one);
    }
    return given;
}

std::optional<std::string> difference_of(const KnownAnswer& known, const GivenAnswer& given) {
    if (given.text != known.text)
        return "it answered " + in_quotes(given.text) + ", wanted " + in_quotes(known.text);
    if (!known.tokens.empty() && given.tokens != known.tokens)
        return "its tokens are not the known ones, though the text is";
    if (known.logprobs.empty()) return std::nullopt;
    if (given.logprobs.size() != known.logprobs.size()) {
        return "it gave " + std::to_string(given.logprobs.size()) + " log-probabilities, wanted " +
               std::to_string(known.logprobs.size());
    }
    for (std::size_t i = 0; i < known.logprobs.size(); ++i) {
        const double apart = std::fabs(given.logprobs[i] - known.logprobs[i]);
        if (!(apart <= known.logprob_tolerance)) {
            return "log-probability of token " + std::to_string(i) + " is off by " + std::to_string(apart) +
                   ", at most " + std::to_string(known.logprob_tolerance) +
                   " is allowed: the precision is not what the bundle was made with";
        }
    }
    return std::nullopt;
}

void check_known_answer(EngineProcess& engine, const KnownAnswer& known, const Endpoint& endpoint,
                        std::uint64_t timeout_s, Report& report) {
    const manifests::OrderedJson question = {{"messages", {{{"role", "user"}, {"content", known.prompt}}}},
                                             {"max_tokens", known.tokens.empty() ? 64 : known.tokens.size()},
                                             {"temperature", 0},
                                             {"logprobs", true},
                                             {"stream", false}};
    const auto answer = ask_http(endpoint, "POST", "/v1/chat/completions", manifests::write_json(question),
                                 std::chrono::seconds(timeout_s), [&] { engine.drain(); });
    if (!answer || answer->status != 200) {
        report.add({Code::boot_answer, "engine",
                    !answer
                        ? "it gave no answer to the known question in time"
                        : "it answered status " + std::to_string(answer->status) + " to the known question",
                    ""});
        return;
    }
    if (const auto difference = difference_of(known, GivenAnswer::parse(answer->body))) {
        report.add({Code::boot_answer, "engine", *difference,
                    "do not use it: this machine does not compute what the bundle's maker computed"});
    }
}

} // namespace runtime
