#include "packager/release_options.hpp"

#include <algorithm>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "manifests/time_text.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

template<typename T>
void sort_once(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

} // namespace

std::string end_time(const std::string& option, const std::string& text) {
    const std::string full = text.find('T') == std::string::npos ? text + "T00:00:00Z" : text;
    if (!manifests::is_time_text(full)) {
        throw Error(Fault::usage, option + " " + manifests::in_quotes(text) + " is no time")
            .hint("such as 2027-11-01 or 2027-11-01T00:00:00Z");
    }
    return full;
}

std::optional<manifests::ReleaseTerms> ReleaseOptions::terms() const {
    manifests::ReleaseTerms terms;
    terms.security_epoch = security_epoch;
    terms.policy_min_version = policy_min_version;
    if (!expires.empty()) terms.expires = end_time("--expires", expires);
    try {
        for (const std::string& text : replaces)
            terms.replaces.push_back(manifests::Digest::parse(text));
    } catch (Error& error) {
        error.as(Fault::usage).in("--replaces");
        throw;
    }
    sort_once(terms.replaces);
    if (classification.empty() && !destinations.empty())
        throw Error(Fault::usage, "--export-destination is given without --export-classification");
    if (!classification.empty()) {
        terms.exports = manifests::ExportTerms{classification, destinations};
        sort_once(terms.exports->destinations);
    }
    if (terms == manifests::ReleaseTerms{}) return std::nullopt;
    return terms;
}

std::vector<std::string> terms_lines(const manifests::ReleaseTerms& terms) {
    std::vector<std::string> lines;
    if (terms.security_epoch > 0) lines.push_back("security epoch " + std::to_string(terms.security_epoch));
    if (terms.expires) lines.push_back("expires " + *terms.expires);
    if (terms.policy_min_version > 0)
        lines.push_back("needs trust policy version " + std::to_string(terms.policy_min_version));
    for (const manifests::Digest& digest : terms.replaces)
        lines.push_back("replaces " + digest.text());
    if (terms.exports) {
        std::string line = "export classification " + manifests::escaped(terms.exports->classification);
        for (const std::string& destination : terms.exports->destinations)
            line += ", to " + manifests::escaped(destination);
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace packager
