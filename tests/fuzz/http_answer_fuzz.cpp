// parse_http_answer and Endpoint::parse: only Error comes out; what is whole stays the same when the
// connection closes, and an endpoint is on the loopback.

#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/http_client.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const auto open = runtime::parse_http_answer(text, false);
        if (open) {
            const auto closed = runtime::parse_http_answer(text, true);
            demand(closed && closed->body == open->body && closed->status == open->status,
                   "what is whole stays what it is");
            demand(open->status >= 100 && open->status <= 999, "a status has three digits");
            demand(open->body.size() <= text.size(), "a body comes out of the bytes");
        } else {
            demand(runtime::parse_http_answer(text, true).has_value(),
                   "at the end there is an answer or an Error");
        }
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    if (const auto endpoint = runtime::Endpoint::parse(text))
        demand(endpoint->host.starts_with("127.") && endpoint->port != 0, "an endpoint is on the loopback");
    return 0;
}
