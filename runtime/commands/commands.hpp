#pragma once
// Every command of sealift-runtime; each adds itself to the command line and puts its exit status into
// `status`.

namespace CLI {
class App;
}

namespace runtime {

void add_probe(CLI::App& app, int& status);
void add_check(CLI::App& app, int& status);
void add_verify(CLI::App& app, int& status);
void add_install(CLI::App& app, int& status);
void add_boot(CLI::App& app, int& status);
void add_status(CLI::App& app, int& status);
void add_stop(CLI::App& app, int& status);
void add_trust(CLI::App& app, int& status);

} // namespace runtime
