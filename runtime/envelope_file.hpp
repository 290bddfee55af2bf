#pragma once
// DSSE envelopes in a file of their own: one, or one a line (JSON lines), as in-toto keeps attestations.

#include <string>
#include <vector>

namespace runtime {

/// Each envelope once, as Envelope::encode() writes it. Empty lines are skipped.
/// @throws Error  Fault::io; Fault::damaged with Code::trust_envelope and the number of the line
std::vector<std::string> load_envelopes(const std::string& path);

/// Puts envelopes beside others, each once.
void add_envelopes(std::vector<std::string>& envelopes, const std::vector<std::string>& more);

} // namespace runtime
