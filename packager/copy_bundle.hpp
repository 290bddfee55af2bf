#pragma once
// A bundle written again: in the other form, or with other signatures. Everything is proven on the way.

#include <string>
#include <vector>

#include "packager/bundle_output.hpp"
#include "runtime/bundle.hpp"
#include "runtime/content.hpp"

namespace packager {

struct CopyRequest {
    std::string output;
    Form form;
    const runtime::Bundle& bundle;
    const std::vector<std::string>& envelopes; ///< the signatures that the copy has
    unsigned jobs = 0;
    runtime::OnBytes on_bytes;
};

/// @throws Error  Fault::damaged with the code of the first thing that is not right; Fault::io; as
/// check_output(). Nothing is left then
void copy_bundle(const CopyRequest& request);

} // namespace packager
