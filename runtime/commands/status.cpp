#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/bundle.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/http_client.hpp"
#include "runtime/program.hpp"
#include "runtime/run_state.hpp"

namespace runtime {
namespace {

struct StatusOptions {
    std::string site;
    OutputOptions output;
};

struct Running {
    std::optional<RunState> state;
    std::string word; ///< "running", "unhealthy", "failed", "stopped" or "nothing"
};

// The lock says whether somebody runs, the engine itself whether it is well; the state file only what it is.
Running look(const Site& site) {
    RunNow now = read_run_now(site);
    Running running{std::move(now.state), now.supervised ? "starting" : "nothing"};
    if (!running.state) return running;
    const RunState& state = *running.state;
    if (!now.supervised) {
        const bool killed =
            state.phase == RunState::Phase::running || state.phase == RunState::Phase::starting;
        running.word = killed ? "failed" : std::string(name_of(state.phase));
        if (killed) running.state->reason = "the supervisor was killed, and the engine with it";
        return running;
    }
    if (state.phase == RunState::Phase::failed || state.phase == RunState::Phase::stopped) {
        running.word = name_of(state.phase); // its supervisor is about to go
        return running;
    }
    const auto endpoint = Endpoint::parse(state.endpoint);
    if (!endpoint) {
        running.word = "starting";
        return running;
    }
    const auto answer = ask_http(*endpoint, "GET", state.health_path, "", std::chrono::seconds(5));
    running.word = answer && answer->status == 200 ? "running" : "unhealthy";
    return running;
}

std::string describe(const Generation& generation, const std::optional<Generation>& good, bool newest) {
    std::string marks = newest ? "candidate" : "";
    if (good && good->number == generation.number) marks += marks.empty() ? "good" : ", good";
    return marks;
}

manifests::Report findings_of(const RunState& state) {
    manifests::Report report;
    for (const manifests::Finding& finding : state.findings)
        report.add(finding);
    return report;
}

manifests::OrderedJson to_json(const Site& site, const Running& running) {
    manifests::OrderedJson generations = manifests::OrderedJson::array();
    const auto good = site.good();
    const std::vector<Generation> list = site.generations();
    for (const Generation& generation : list) {
        generations.push_back({{"name", generation.name},
                               {"path", generation.path},
                               {"candidate", generation.number == list.back().number},
                               {"good", good && good->number == generation.number}});
    }
    manifests::OrderedJson value = {
        {"schema", "sealift.status/1"}, {"site", site.path()}, {"state", running.word}};
    if (running.state) {
        value["digest"] = running.state->bundle;
        value["name"] = running.state->name;
        value["version"] = running.state->version;
        value["profile"] = running.state->profile;
        value["source"] = running.state->source;
        value["generation"] = running.state->generation;
        const bool alive = running.word == "running" || running.word == "unhealthy";
        value["endpoint"] = alive ? "http://" + running.state->endpoint : "";
        value["engine_pid"] = alive ? running.state->engine_pid : 0;
        value["reason"] = running.state->reason;
        value["findings"] = report_json(findings_of(*running.state));
    }
    value["generations"] = generations;
    return value;
}

void print_table(const Site& site, const Running& running) {
    std::string text =
        "site      " + manifests::escaped(site.path(), 4096) + "\nstate     " + running.word + "\n";
    if (running.state) {
        const RunState& state = *running.state;
        text += "bundle    " + state.name + " " + state.version + " for " + state.profile + "\ndigest    " +
                state.bundle + "\n";
        if (running.word == "running")
            text += "endpoint  http://" + state.endpoint + "\nengine    process " +
                    std::to_string(state.engine_pid) + "\n";
        for (const manifests::Finding& finding : state.findings)
            text += "reason    " + std::string(manifests::name_of(finding.code)) + "  " +
                    harmless(finding.text) + "\n";
        if (!state.reason.empty() && running.word != "running")
            text += "engine    " + harmless(state.reason) + "\n";
        text += "log       " + manifests::escaped(engine_log_path(site), 4096) + "\n";
    }
    Table table({"GENERATION", "BUNDLE", "MARKS"});
    const std::vector<Generation> list = site.generations();
    for (const Generation& generation : list) {
        std::string name = "unreadable";
        try {
            const Bundle bundle = Bundle::open_generation(generation.path);
            name = bundle.document().name + " " + bundle.document().version;
        } catch (const manifests::Error&) {
            name = "damaged";
        }
        table.row({generation.name, name,
                   describe(generation, site.good(), generation.number == list.back().number)});
    }
    print(text + (list.empty() ? "nothing is installed\n" : table.text()));
}

int run_status(const StatusOptions& options) {
    const Site site(options.site.empty() ? Site::default_path() : options.site);
    const Running running = look(site);
    if (options.output.format == Format::json) {
        print_json(to_json(site, running));
    } else {
        print_table(site, running);
    }
    const bool bad = running.word == "failed" || running.word == "unhealthy";
    return static_cast<int>(bad ? manifests::Exit::no : manifests::Exit::done);
}

} // namespace

void add_status(CLI::App& app, int& status) {
    auto options = std::make_shared<StatusOptions>();
    auto* command = app.add_subcommand(
        "status", "Show what is installed and what runs; status 1 if what should run has failed");
    command->add_option("--site", options->site,
                        "Folder of this site (SEALIFT_SITE; /var/lib/sealift for root)");
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_status(*options); });
}

} // namespace runtime
