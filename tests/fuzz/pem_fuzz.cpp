// parse_pem, PublicKey::parse_pem and PublicKey::from_spki: only Error comes out; what is accepted is written
// back to text that reads the same, and a DER key is exactly the bytes that were given.

#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/public_key.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using manifests::Error;
using manifests::Fault;
using manifests::PublicKey;

constexpr std::string_view label = "PUBLIC KEY";

template<typename Work>
void only_error(Fault fault, Work work) {
    try {
        work();
    } catch (const Error& error) {
        demand(error.fault() == fault, "a refusal has the fault of its layer");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
        demand(manifests::is_utf8(error.hint()), "a hint can be printed");
    }
}

void check_key(const PublicKey& key) {
    demand(PublicKey::parse_pem(key.pem()) == key, "a written key is the same key");
    demand(key.key_id().size() == 64, "a key id has 64 digits");
    demand(!key.verifies("message", std::string(64, '\0')), "no key accepts a signature of zeros");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    only_error(Fault::damaged, [&] {
        const std::string bytes = manifests::parse_pem(text, label);
        const std::string pem = manifests::write_pem(bytes, label);
        if (!bytes.empty() && pem.size() <= manifests::most_pem_bytes)
            demand(manifests::parse_pem(pem, label) == bytes, "written PEM reads the same");
    });
    only_error(Fault::missing, [&] { check_key(PublicKey::parse_pem(text)); });
    only_error(Fault::damaged, [&] {
        const PublicKey key = PublicKey::from_spki(text);
        demand(key.spki() == text, "a DER key is the bytes that were given");
        check_key(key);
    });
    return 0;
}
