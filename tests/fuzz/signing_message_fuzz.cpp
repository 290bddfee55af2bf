// SigningMessage::parse: only Error comes out; what is accepted encodes to the very same bytes.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const manifests::SigningMessage message = manifests::SigningMessage::parse(text);
        demand(!message.payload_type.empty(), "a message has a type");
        demand(message.encode() == text, "nothing but the one encoding is accepted");
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(error.code() == manifests::Code::trust_envelope, "the code is that of the layer");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    // Every byte string is a payload, and every one but the empty one is a type.
    if (size == 0 || size > 4096) return 0;
    const manifests::SigningMessage message{std::string(text), std::string(text)};
    demand(manifests::SigningMessage::parse(message.encode()).payload == text, "an encoding is read back");
    return 0;
}
