// parse_spelled_key and the readers behind it: only Error comes out, never with a character that a terminal
// obeys; what is accepted is a key that writes itself in the same spelling, and reads the same again.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/key_spellings.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using manifests::Error;
using manifests::Fault;
using manifests::KeySpelling;
using manifests::MinisignKey;
using manifests::PublicKey;
using manifests::SpelledKey;
using manifests::VerifierKey;

template<typename Work>
void only_error(Fault fault, Work work) {
    try {
        work();
    } catch (const Error& error) {
        demand(error.fault() == fault, "a refusal has the fault of its layer");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
        demand(std::string_view(error.what()).find('\x1b') == std::string_view::npos,
               "a refusal moves no cursor");
    }
}

// A line without its end: what is accepted may have none, or that of Windows.
std::string_view bare(std::string_view line) {
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r'))
        line.remove_suffix(1);
    return line;
}

void check_minisign(std::string_view text) {
    const MinisignKey key = MinisignKey::parse(text);
    const std::string written = key.encode();
    const MinisignKey again = MinisignKey::parse(written);
    demand(again.key == key.key && again.number == key.number, "a written key of minisign is the same key");
    demand(bare(text).ends_with(bare(std::string_view(written).substr(written.find('\n') + 1))),
           "a key of minisign has one spelling");
    const std::string number = manifests::minisign_number_text(key.number);
    demand(manifests::minisign_number_from(number) == key.number, "a number is read as it is shown");
}

void check_openssh(std::string_view text) {
    const PublicKey key = manifests::parse_openssh_key(text);
    const std::string written = write_openssh_key(key, "");
    demand(manifests::parse_openssh_key(written) == key, "a written key of OpenSSH is the same key");
    demand(text.starts_with(bare(written)), "a key of OpenSSH has one spelling");
}

void check_vkey(std::string_view text) {
    const std::string written = VerifierKey::parse(text).encode();
    demand(bare(written) == bare(text), "a verifier key has one spelling");
}

void check_any(std::string_view text) {
    const SpelledKey found = manifests::parse_spelled_key(text);
    demand(found.name.empty() == (found.spelling != KeySpelling::vkey), "verifier keys alone have names");
    demand(found.number.has_value() == (found.spelling == KeySpelling::minisign),
           "keys of minisign alone have numbers");
    demand(manifests::parse_spelled_key(found.key.pem()).key == found.key, "PEM holds every key");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    only_error(Fault::damaged, [&] { check_minisign(text); });
    only_error(Fault::damaged, [&] { check_openssh(text); });
    only_error(Fault::damaged, [&] { check_vkey(text); });
    only_error(Fault::missing, [&] { check_any(text); });
    return 0;
}
