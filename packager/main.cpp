#include "packager/commands/commands.hpp"
#include "packager/death_watch.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/manual.hpp"
#include "runtime/program.hpp"

namespace {

void add_commands(CLI::App& app, int& status) {
    packager::add_init(app, status);
    packager::add_keygen(app, status);
    packager::add_key(app, status);
    packager::add_build(app, status);
    packager::add_sign(app, status);
    packager::add_inspect(app, status);
    runtime::add_verify(app, status);
    packager::add_ls(app, status);
    packager::add_cat(app, status);
    packager::add_extract(app, status);
    packager::add_repair(app, status);
    packager::add_import(app, status);
    packager::add_bom(app, status);
    packager::add_diff(app, status);
    packager::add_reproduce(app, status);
    packager::add_profiles(app, status);
    packager::add_plan(app, status);
    packager::add_check(app, status);
    packager::add_policy(app, status);
    runtime::add_completion(app, status);
    runtime::add_manual(app, status);
}

} // namespace

int main(int argc, char** argv) {
    packager::DeathWatch::run_if_asked(argc, argv);
    return runtime::run_program(
        {.name = "sealift",
         .description = "Seal weights, kernels, engine and configuration into one signed bundle",
         .add_commands = add_commands,
         .environment = {{"SOURCE_DATE_EPOCH", "the time to write into documents, in seconds since 1970"},
                         {"SEALIFT_PROFILES", "the folder with profiles"},
                         {"SEALIFT_PASSPHRASE_FILE", "a file whose first line opens secret keys"},
                         {"SEALIFT_PKCS11_MODULE", "the PKCS#11 module of tokens with secret keys"}}},
        argc, argv);
}
