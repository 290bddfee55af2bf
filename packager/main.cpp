#include "packager/commands/commands.hpp"
#include "runtime/program.hpp"

namespace {

void add_commands(CLI::App& app, int& status) {
    packager::add_completion(app, status);
    packager::add_manual(app, status);
}

} // namespace

int main(int argc, char** argv) {
    return runtime::run_program(
        {.name = "sealift",
         .description = "Seal weights, kernels, engine and configuration into one signed bundle",
         .add_commands = add_commands,
         .environment = {{"SOURCE_DATE_EPOCH", "the time to write into documents, in seconds since 1970"}}},
        argc, argv);
}
