#pragma once
// The commands below `sealift sign`: signing with keys that are somewhere else.

namespace CLI {
class App;
}

namespace packager {

void add_sign_prepare(CLI::App& sign, int& status);
void add_sign_show(CLI::App& sign, int& status);
void add_sign_bytes(CLI::App& sign, int& status);
void add_sign_attach(CLI::App& sign, int& status);

} // namespace packager
