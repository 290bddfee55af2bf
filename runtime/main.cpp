#include "runtime/commands/commands.hpp"
#include "runtime/manual.hpp"
#include "runtime/program.hpp"

namespace {

void add_commands(CLI::App& app, int& status) {
    runtime::add_probe(app, status);
    runtime::add_check(app, status);
    runtime::add_verify(app, status);
    runtime::add_install(app, status);
    runtime::add_boot(app, status);
    runtime::add_status(app, status);
    runtime::add_stop(app, status);
    runtime::add_trust(app, status);
    runtime::add_completion(app, status);
    runtime::add_manual(app, status);
}

} // namespace

int main(int argc, char** argv) {
    return runtime::run_program(
        {.name = "sealift-runtime",
         .description = "Prove, install and start a sealed bundle at a site without network",
         .add_commands = add_commands,
         .environment = {{"SEALIFT_SITE", "the folder of this site"},
                         {"SEALIFT_PROFILES", "the folder with profiles, for probe"}}},
        argc, argv);
}
