// Holds what check_symbols must find, so that the check is known to be able to fail.
#include <cstdio>

extern "C" int crypto_sign_detached(unsigned char*, unsigned long long*, const unsigned char*,
                                    unsigned long long, const unsigned char*);

int opens_a_file(const char* path);
int opens_a_file(const char* path) {
    std::FILE* file = std::fopen(path, "r");
    return file == nullptr ? -1 : std::fclose(file);
}

int signs(unsigned char* signature, const unsigned char* message, const unsigned char* key);
int signs(unsigned char* signature, const unsigned char* message, const unsigned char* key) {
    return crypto_sign_detached(signature, nullptr, message, 0, key);
}
