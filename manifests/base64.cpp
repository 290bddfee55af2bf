#include "manifests/base64.hpp"

#include <sodium.h>

#include "manifests/error.hpp"

namespace manifests {

std::string to_base64(std::string_view bytes) {
    std::string text(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                      bytes.size(), sodium_base64_VARIANT_ORIGINAL);
    text.pop_back(); // the terminating NUL, which the length counts
    return text;
}

std::string from_base64(std::string_view text) {
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    std::size_t length_bytes = 0;
    const char* end = nullptr;
    const int status =
        sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &length_bytes, &end, sodium_base64_VARIANT_ORIGINAL);
    if (status != 0 || end != text.data() + text.size()) throw Error(Fault::damaged, "text is not base64");
    bytes.resize(length_bytes);
    // libsodium 1.0.18 takes bytes of 0x80 and more for digits ("Zm9\xff" was read), so compare with the one
    // spelling.
    if (to_base64(bytes) != text) throw Error(Fault::damaged, "text is not base64");
    return bytes;
}

} // namespace manifests
