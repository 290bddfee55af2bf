// Pkcs11Uri::parse: only Error comes out, as a mistake on the command line; what is accepted has one
// spelling, which reads the same.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/pkcs11_uri.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    packager::Pkcs11Uri uri;
    try {
        uri = packager::Pkcs11Uri::parse(text);
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::usage, "a wrong URI is a wrong command line");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
        return 0;
    }
    demand(packager::is_pkcs11_uri(text), "what is read begins with the scheme");
    demand(!uri.module_path || uri.module_path->front() == '/', "a module has an absolute path");
    demand(!uri.pin_file || uri.pin_file->find('\0') == std::string::npos, "a file name has no NUL");
    const std::string spelled = uri.text();
    if (spelled.size() > packager::Pkcs11Uri::most_bytes) return 0; // escapes made it longer
    const packager::Pkcs11Uri again = packager::Pkcs11Uri::parse(spelled);
    demand(again == uri, "the one spelling reads the same");
    demand(again.text() == spelled, "a spelling is its own spelling");
    return 0;
}
