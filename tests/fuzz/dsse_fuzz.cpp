// Envelope::parse and ReleaseStatement::parse: only Error comes out, with the code of its layer; what is
// accepted re-encodes, and the re-encoding reads the same.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/release.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using manifests::Code;
using manifests::Envelope;
using manifests::Error;
using manifests::ReleaseStatement;

void check_refusal(const Error& error, Code code) {
    demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
    demand(error.code() == code, "the code is that of the layer");
    demand(manifests::is_utf8(error.what()), "a refusal can be printed");
}

void check_statement(std::string_view payload) {
    try {
        const ReleaseStatement release = ReleaseStatement::parse(payload);
        demand(payload.size() <= ReleaseStatement::most_bytes, "a statement fits a smart card");
        const std::string text = release.encode();
        demand(ReleaseStatement::parse(text) == release, "a written statement is the same statement");
    } catch (const Error& error) {
        check_refusal(error, Code::trust_statement);
    }
}

void check_envelope(std::string_view text) {
    try {
        const Envelope envelope = Envelope::parse(text);
        demand(!envelope.signatures.empty(), "an envelope has a signature");
        demand(envelope.signatures.size() <= Envelope::most_signatures, "an envelope has at most 64");
        demand(!envelope.payload_type.empty(), "an envelope has a type");
        check_statement(envelope.payload);
        // Escapes may make the re-encoding longer than what was read, and then it may be over the limit.
        const std::string encoded = envelope.encode();
        if (encoded.size() > Envelope::most_bytes) return;
        const Envelope again = Envelope::parse(encoded);
        demand(again.payload == envelope.payload && again.payload_type == envelope.payload_type,
               "the payload survives");
        demand(again.signatures.size() == envelope.signatures.size(), "the signatures survive");
        demand(again.encode() == encoded, "an encoding is its own encoding");
    } catch (const Error& error) {
        check_refusal(error, Code::trust_envelope);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_envelope(text);
    check_statement(text);
    return 0;
}
