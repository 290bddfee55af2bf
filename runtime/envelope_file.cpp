#include "runtime/envelope_file.hpp"

#include <algorithm>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {

std::vector<std::string> load_envelopes(const std::string& path) {
    std::vector<std::string> envelopes;
    const std::string text = read_small_file(path);
    std::size_t number = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        ++number;
        if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
        try {
            add_envelopes(envelopes, {manifests::Envelope::parse(line).encode()});
        } catch (manifests::Error& error) {
            error.in(path + ":" + std::to_string(number));
            throw;
        }
    }
    return envelopes;
}

void add_envelopes(std::vector<std::string>& envelopes, const std::vector<std::string>& more) {
    for (const std::string& envelope : more) {
        if (std::find(envelopes.begin(), envelopes.end(), envelope) == envelopes.end())
            envelopes.push_back(envelope);
    }
}

} // namespace runtime
