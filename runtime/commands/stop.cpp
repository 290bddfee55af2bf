#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "runtime/commands/commands.hpp"
#include "runtime/program.hpp"
#include "runtime/supervisor.hpp"

namespace runtime {
namespace {

struct StopOptions {
    std::string site;
    OutputOptions output;
};

int run_stop(const StopOptions& options) {
    const Site site(options.site.empty() ? Site::default_path() : options.site);
    const auto before = stop_supervisor(site);
    const auto after = before ? read_run_state(site) : std::nullopt;
    if (options.output.format == Format::json) {
        print_json({{"schema", "sealift.stop/1"},
                    {"was_running", before.has_value()},
                    {"name", before ? before->name : ""},
                    {"reason", after ? after->reason : ""}});
    } else if (before) {
        print(styled(Style::good, "STOPPED") + "  " + before->name + " " + before->version +
              (after ? ", " + harmless(after->reason) : "") + "\n");
    } else {
        print("nothing was running\n");
    }
    return 0;
}

} // namespace

void add_stop(CLI::App& app, int& status) {
    auto options = std::make_shared<StopOptions>();
    auto* command = app.add_subcommand("stop", "Stop the engine that runs at this site");
    command->add_option("--site", options->site,
                        "Folder of this site (SEALIFT_SITE; /var/lib/sealift for root)");
    add_output_options(*command, options->output);
    command->callback([options, &status] { status = run_stop(*options); });
}

} // namespace runtime
