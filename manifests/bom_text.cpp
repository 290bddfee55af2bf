#include "manifests/bom_text.hpp"

#include <array>
#include <cstdio>

#include <openssl/evp.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

// SHA-1 is what the UUID standard prescribes; the digest that is named this way is a SHA-256.
std::string sha1(std::string_view bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha1(), nullptr) != 1) {
        throw Error(Fault::internal, "libcrypto offers no SHA-1");
    }
    return std::string(reinterpret_cast<const char*>(digest.data()), length);
}

} // namespace

std::string name_based_uuid(std::string_view name) {
    static const std::string url_name_space = from_hex("6ba7b8119dad11d180b400c04fd430c8");
    std::string bytes = sha1(url_name_space + std::string(name)).substr(0, 16);
    bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0fU) | 0x50U);
    bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3fU) | 0x80U);
    const std::string hex = to_hex(bytes);
    return "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
           hex.substr(16, 4) + "-" + hex.substr(20);
}

// Days to a date in the Gregorian calendar without the C library, whose gmtime shares one buffer: years are
// counted from March, so that the leap day is the last one, in eras of 400 years with 146097 days.
std::string timestamp_text(std::uint64_t time_s) {
    constexpr std::uint64_t year_10000_s = 253'402'300'800;
    if (time_s >= year_10000_s) {
        throw Error(Fault::usage, "time " + std::to_string(time_s) + " is beyond the year 9999");
    }
    const std::uint64_t days = time_s / 86'400 + 719'468; // since 1 March of the year 0
    const std::uint64_t era = days / 146'097;
    const std::uint64_t day_of_era = days % 146'097;
    const std::uint64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::uint64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::uint64_t month_from_march = (5 * day_of_year + 2) / 153;
    const std::uint64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const std::uint64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const std::uint64_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);
    const std::uint64_t second = time_s % 86'400;
    std::array<char, 96> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04u-%02u-%02uT%02u:%02u:%02uZ", static_cast<unsigned>(year),
                  static_cast<unsigned>(month), static_cast<unsigned>(day),
                  static_cast<unsigned>(second / 3600), static_cast<unsigned>(second / 60 % 60),
                  static_cast<unsigned>(second % 60));
    return buffer.data();
}

std::string url_of_path(std::string_view path) {
    constexpr std::string_view kept = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/";
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string url;
    for (const char c : path) {
        if (kept.find(c) != std::string_view::npos) {
            url += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        url += '%';
        url += digits[byte >> 4];
        url += digits[byte & 15];
    }
    return url;
}

} // namespace manifests
