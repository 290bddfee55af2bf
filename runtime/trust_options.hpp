#pragma once
// The options with which a person says what to trust, the same for every command that asks, and what comes
// of them.

#include <string>
#include <vector>

#include "runtime/site.hpp"
#include "runtime/trust.hpp"

namespace CLI {
class App;
}

namespace runtime {

struct TrustChoice {
    std::vector<std::string> keys;
    std::string policy;
    std::string policy_digest;
    std::vector<std::string> attestations;
    std::string site;
    bool allow_unsigned = false;
};

/// Whether a command changes or runs something at a site: then a site that has pinned a policy holds to it,
/// and nothing on the command line gets around it.
enum class TrustUse { look, act };

void add_trust_options(CLI::App& command, TrustChoice& options);

/// @throws Error  Fault::usage for options that contradict each other, or that would get around a pinned
///                policy; Fault::missing with Code::trust_no_policy if there is nothing to go by; Fault::io
TrustBasis basis_of(const TrustChoice& options, TrustUse use);

Site site_of(const TrustChoice& options);

/// On stderr, so that nobody overlooks it: nobody vouches for what is about to be used.
void shout_unsigned();

} // namespace runtime
