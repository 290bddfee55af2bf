#pragma once
// The verbs of `sealift key`, one file each.

namespace CLI {
class App;
}

namespace packager {

void add_key_show(CLI::App& key, int& status);
void add_key_convert(CLI::App& key, int& status);
void add_key_change_passphrase(CLI::App& key, int& status);

} // namespace packager
