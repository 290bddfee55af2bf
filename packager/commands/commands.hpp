#pragma once
// Every command of sealift; each adds itself to the command line and puts its exit status into `status`.

namespace CLI {
class App;
}

namespace packager {

void add_init(CLI::App& app, int& status);
void add_keygen(CLI::App& app, int& status);
void add_key(CLI::App& app, int& status);
void add_build(CLI::App& app, int& status);
void add_sign(CLI::App& app, int& status);
void add_inspect(CLI::App& app, int& status);
void add_ls(CLI::App& app, int& status);
void add_cat(CLI::App& app, int& status);
void add_extract(CLI::App& app, int& status);
void add_repair(CLI::App& app, int& status);
void add_import(CLI::App& app, int& status);
void add_bom(CLI::App& app, int& status);
void add_diff(CLI::App& app, int& status);
void add_reproduce(CLI::App& app, int& status);
void add_profiles(CLI::App& app, int& status);
void add_plan(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_policy(CLI::App& app, int& status);

} // namespace packager
