#include "packager/policy_dates.hpp"

#include <ctime>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "manifests/time_text.hpp"
#include "packager/source_date.hpp"

namespace packager {

std::string issue_time() {
    if (const std::optional<std::uint64_t> given = source_date()) return rfc3339(*given);
    return rfc3339(static_cast<std::uint64_t>(std::time(nullptr)));
}

std::string Expiry::time_after(const std::string& issued) const {
    if (date.empty()) return manifests::days_after(issued, days.value_or(usual_days));
    const std::string text = date.find('T') == std::string::npos ? date + "T00:00:00Z" : date;
    if (!manifests::is_time_text(text)) {
        throw manifests::Error(manifests::Fault::usage,
                               "--expires " + manifests::in_quotes(date) + " is no time")
            .hint("such as 2027-11-01 or 2027-11-01T00:00:00Z");
    }
    return text;
}

} // namespace packager
