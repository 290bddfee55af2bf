// SiteState::parse: only Error comes out, with the code of its layer; what is accepted is spelled as it is
// written, and obeys the rules that the chain relies on.

#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/site_state.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using manifests::SiteState;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const SiteState state = SiteState::parse(text);
        demand(state.encode() == text, "what is accepted re-encodes to the same bytes");
        demand((state.seq == 1) == !state.prev, "only the first state has none before it");
        demand(state.products.size() <= SiteState::most_products, "there are at most 1000 products");
        demand(state.permits_used.size() <= SiteState::most_permits, "there are at most 1000 permits");
        demand(!manifests::forbidden_step(state, state).empty(), "no state follows itself");
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(error.code() == manifests::Code::trust_state, "the code is that of the layer");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    return 0;
}
