// An object with the name of the one that may sign, which does more than that one may: see check_symbols.
#include <cstddef>

extern "C" int EVP_DigestSign(void*, unsigned char*, std::size_t*, const unsigned char*, std::size_t);

int sign_bytes(const unsigned char* bytes, std::size_t length_bytes);
int sign_bytes(const unsigned char* bytes, std::size_t length_bytes) {
    return EVP_DigestSign(nullptr, nullptr, nullptr, bytes, length_bytes);
}
