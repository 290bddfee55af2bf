#include "manifests/base64.hpp"

#include <sodium.h>

#include "manifests/error.hpp"

namespace manifests {
namespace {

std::string encode(std::string_view bytes, int variant) {
    std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), variant);
    text.pop_back(); // the terminating NUL, which the length counts
    return text;
}

std::string decode(std::string_view text, int variant) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length_bytes = 0;
    const char* end = nullptr;
    const int status = sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(),
                                         text.data(), text.size(), nullptr, &length_bytes, &end, variant);
    if (status != 0 || end != text.data() + text.size()) throw Error(Fault::damaged, "text is not base64");
    bytes.resize(length_bytes);
    // libsodium 1.0.18 takes bytes of 0x80 and more for digits ("Zm9\xff" was read), so compare with the one
    // spelling.
    if (encode(bytes, variant) != text) throw Error(Fault::damaged, "text is not base64");
    return bytes;
}

} // namespace

std::string to_base64(std::string_view bytes) {
    return encode(bytes, sodium_base64_VARIANT_ORIGINAL);
}

std::string from_base64(std::string_view text) {
    return decode(text, sodium_base64_VARIANT_ORIGINAL);
}

std::string from_either_base64(std::string_view text) {
    const bool url_safe = text.find_first_of("-_") != std::string_view::npos;
    return decode(text, url_safe ? sodium_base64_VARIANT_URLSAFE : sodium_base64_VARIANT_ORIGINAL);
}

} // namespace manifests
