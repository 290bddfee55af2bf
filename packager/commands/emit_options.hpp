#pragma once
// The options of `sealift sign` with which signatures are written in the formats of others.

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "manifests/json.hpp"
#include "packager/emit.hpp"
#include "packager/passphrase.hpp"
#include "runtime/terminal.hpp"

namespace CLI {
class App;
}

namespace packager {

struct EmitOptions {
    std::vector<std::string> formats;
    std::string folder;
    std::vector<std::string> keys;
    std::vector<std::string> public_keys;
};

void add_emit_options(CLI::App& command, EmitOptions& options);

/// One run of them. Without formats it does nothing.
class Emission {
public:
    /// Opens the keys. @throws Error  as open_signer() and load_keys(); Fault::usage for a key without --emit
    Emission(const EmitOptions& options, const PassphraseSource& source, const Signer* signer);

    bool wanted() const { return !request_.formats.empty(); }
    /// See check_emit(). @param output  where the bundle will be
    void check(const std::string& bundle, const std::string& output) const;
    /// @param bundle     as it is handed on
    /// @param envelopes  beside those in it
    EmitResult run(const std::string& bundle, const std::vector<std::string>& envelopes, unsigned jobs,
                   const runtime::OutputOptions& output_options) const;

private:
    std::vector<std::unique_ptr<Signer>> keys_;
    EmitRequest request_;
};

/// [{format, path, key_id}]
manifests::OrderedJson emitted_json(const EmitResult& result);
/// A line for each file, what to do with it, and what was left out. @param bundle  its path
std::string emitted_text(const std::string& bundle, const EmitResult& result);
/// The whole result of a run that signed nothing but the files.
void print_emitted(const std::string& bundle, const EmitResult& result,
                   const runtime::OutputOptions& output_options);

} // namespace packager
