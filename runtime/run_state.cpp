#include "runtime/run_state.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "runtime/atomic_file.hpp"

namespace runtime {
namespace {

using Phase = RunState::Phase;

constexpr std::array<std::pair<Phase, std::string_view>, 4> phases{{{Phase::starting, "starting"},
                                                                    {Phase::running, "running"},
                                                                    {Phase::failed, "failed"},
                                                                    {Phase::stopped, "stopped"}}};

Phase parse_phase(const std::string& text) {
    for (const auto& [phase, name] : phases) {
        if (name == text) return phase;
    }
    manifests::refuse_document("phase " + manifests::in_quotes(text) + " is unknown");
}

manifests::Finding read_finding(const manifests::Json& value) {
    manifests::Fields fields(value);
    const auto code = manifests::code_named(fields.text("code"));
    if (!code) manifests::refuse_document("a finding has an unknown code");
    manifests::Finding finding{*code, fields.text("where"), fields.text("text"), fields.text("hint")};
    fields.refuse_others();
    return finding;
}

} // namespace

std::string_view name_of(Phase phase) {
    return std::find_if(phases.begin(), phases.end(), [&](const auto& row) { return row.first == phase; })
        ->second;
}

RunState RunState::parse(std::string_view bytes) {
    const manifests::Json value = manifests::read_json(bytes);
    manifests::Fields fields(value);
    fields.must_be("schema", "sealift.run/1");
    RunState state{.phase = parse_phase(fields.text("phase")),
                   .supervisor_pid = fields.count("supervisor_pid"),
                   .engine_pid = fields.count("engine_pid"),
                   .bundle = fields.text("bundle"),
                   .name = fields.text("name"),
                   .version = fields.text("version"),
                   .profile = fields.text("profile"),
                   .source = fields.text("source"),
                   .generation = fields.text("generation"),
                   .endpoint = fields.text("endpoint"),
                   .health_path = fields.text("health_path"),
                   .ready_ms = fields.count("ready_ms"),
                   .reason = fields.text("reason"),
                   .findings = {}};
    for (const manifests::Json& finding : fields.array("findings"))
        state.findings.push_back(read_finding(finding));
    fields.refuse_others();
    return state;
}

std::string RunState::encode() const {
    manifests::OrderedJson list = manifests::OrderedJson::array();
    for (const manifests::Finding& finding : findings) {
        list.push_back({{"code", manifests::name_of(finding.code)},
                        {"where", manifests::escaped(finding.where)},
                        {"text", finding.text},
                        {"hint", finding.hint}});
    }
    return manifests::write_json_for_people({{"schema", "sealift.run/1"},
                                             {"phase", name_of(phase)},
                                             {"supervisor_pid", supervisor_pid},
                                             {"engine_pid", engine_pid},
                                             {"bundle", bundle},
                                             {"name", name},
                                             {"version", version},
                                             {"profile", profile},
                                             {"source", manifests::escaped(source, 4096)},
                                             {"generation", generation},
                                             {"endpoint", endpoint},
                                             {"health_path", health_path},
                                             {"ready_ms", ready_ms},
                                             {"reason", reason},
                                             {"findings", list}});
}

std::string state_path(const Site& site) {
    return site.run_path() + "/state.json";
}
std::string engine_log_path(const Site& site) {
    return site.run_path() + "/engine.log";
}

std::optional<FileLock> lock_run(const Site& site) {
    return FileLock::try_lock(site.run_path() + "/lock");
}

bool is_run_locked(const Site& site) {
    return FileLock::is_held(site.run_path() + "/lock");
}

RunNow read_run_now(const Site& site) {
    for (;;) {
        const bool before = is_run_locked(site);
        RunNow now{read_run_state(site), is_run_locked(site)};
        if (now.supervised == before) return now;
    }
}

std::optional<RunState> read_run_state(const Site& site) {
    struct stat status {};
    if (::stat(state_path(site).c_str(), &status) != 0) return std::nullopt;
    try {
        return RunState::parse(read_small_file(state_path(site)));
    } catch (manifests::Error& error) {
        error.in(state_path(site)).as(manifests::Fault::io);
        throw;
    }
}

void write_run_state(const Site& site, const RunState& state) {
    write_file_whole(state_path(site), state.encode(), 0644, Replace::allow);
}

} // namespace runtime
