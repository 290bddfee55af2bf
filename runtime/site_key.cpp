#include "runtime/site_key.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/sodium.hpp"
#include "manifests/text.hpp"
#include "runtime/atomic_file.hpp"

namespace runtime {

using manifests::Error;
using manifests::Fault;

namespace {

using namespace std::string_view_literals;

constexpr mode_t for_others = 0077;
constexpr std::size_t seed_bytes = crypto_sign_SEEDBYTES;
// SEQUENCE { INTEGER 0, SEQUENCE { OID 1.3.101.112 }, OCTET STRING { OCTET STRING of 32 } }: RFC 8410, 7
constexpr std::string_view der_prefix = "\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"sv;
constexpr std::size_t der_bytes = der_prefix.size() + seed_bytes;
constexpr std::size_t base64_bytes = 64; // of der_bytes: one full line
constexpr std::string_view pem_begin = "-----BEGIN PRIVATE KEY-----\n";
constexpr std::string_view pem_end = "\n-----END PRIVATE KEY-----\n";
constexpr std::size_t pem_bytes = pem_begin.size() + base64_bytes + pem_end.size();
static_assert(der_bytes * 4 == base64_bytes * 3);

struct stat status_of(const FileDescriptor& file, const std::string& path) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) throw_errno("cannot look at", path);
    return status;
}

FileDescriptor open_private(const std::string& path) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file && (errno == ENOENT || errno == ELOOP))
        throw Error(Fault::missing, errno == ENOENT ? "the site has no key" : "it is a symbolic link");
    if (!file) throw_errno("cannot open", path);
    const struct stat status = status_of(file, path);
    if (!S_ISREG(status.st_mode)) throw Error(Fault::missing, "it is no regular file");
    if ((status.st_mode & for_others) != 0)
        throw Error(Fault::missing, "others than its owner may use it; wanted mode 0600")
            .hint("ask who has read it, then: chmod 600 " + manifests::in_quotes(path));
    return file;
}

} // namespace

std::string site_key_path(const std::string& folder) {
    return folder + "/site.key";
}
std::string site_public_key_path(const std::string& folder) {
    return folder + "/site.pub";
}

void SiteKey::Free::operator()(unsigned char* memory) const noexcept {
    sodium_free(memory); // wipes first
}

SiteKey::Secret SiteKey::allocate(std::size_t length_bytes) {
    manifests::start_sodium();
    Secret memory(static_cast<unsigned char*>(sodium_malloc(length_bytes)));
    if (!memory) throw Error(Fault::io, "there is no memory for the key of the site");
    return memory;
}

SiteKey SiteKey::from_seed(const unsigned char* seed) {
    Secret expanded = allocate(crypto_sign_SECRETKEYBYTES);
    std::string raw(crypto_sign_PUBLICKEYBYTES, '\0');
    crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(raw.data()), expanded.get(), seed);
    return {std::move(expanded), manifests::PublicKey::from_raw(raw)};
}

SiteKey SiteKey::generate() {
    const Secret seed = allocate(seed_bytes);
    randombytes_buf(seed.get(), seed_bytes);
    return from_seed(seed.get());
}

SiteKey SiteKey::load(const std::string& folder) {
    const std::string path = site_key_path(folder);
    try {
        const FileDescriptor file = open_private(path);
        const Secret pem = allocate(pem_bytes + 1);
        const Secret der = allocate(der_bytes);
        const std::string_view text(reinterpret_cast<const char*>(pem.get()),
                                    read_at(file, pem.get(), pem_bytes + 1, 0, path));
        std::size_t decoded_bytes = 0;
        const bool fits =
            text.size() == pem_bytes && text.starts_with(pem_begin) && text.ends_with(pem_end) &&
            sodium_base642bin(der.get(), der_bytes, text.data() + pem_begin.size(), base64_bytes, nullptr,
                              &decoded_bytes, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0 &&
            decoded_bytes == der_bytes && std::memcmp(der.get(), der_prefix.data(), der_prefix.size()) == 0;
        if (!fits) throw Error(Fault::missing, "it is no Ed25519 secret key as a site writes it");
        return from_seed(der.get() + der_prefix.size());
    } catch (Error& problem) {
        if (problem.fault() == Fault::missing) problem.in(path);
        throw;
    }
}

void SiteKey::write(const std::string& folder) const {
    const Secret der = allocate(der_bytes);
    std::memcpy(der.get(), der_prefix.data(), der_prefix.size());
    std::memcpy(der.get() + der_prefix.size(), expanded_.get(), seed_bytes);
    const Secret base64 = allocate(base64_bytes + 1); // and its NUL
    sodium_bin2base64(reinterpret_cast<char*>(base64.get()), base64_bytes + 1, der.get(), der_bytes,
                      sodium_base64_VARIANT_ORIGINAL);
    const std::string path = site_key_path(folder);
    AtomicFile file(path, 0600);
    if ((status_of(file.file(), path).st_mode & for_others) != 0)
        throw Error(Fault::io, manifests::in_quotes(path) +
                                   " would be readable by others: its file system keeps no modes");
    write_all(file.file(), pem_begin.data(), pem_begin.size(), path);
    write_all(file.file(), base64.get(), base64_bytes, path);
    write_all(file.file(), pem_end.data(), pem_end.size(), path);
    file.commit(Replace::refuse);
    write_file_whole(site_public_key_path(folder), public_key_.pem());
}

std::string SiteKey::sign(const manifests::SiteState& state) const {
    manifests::Envelope envelope{std::string(manifests::media::site_state_payload), state.encode(), {}};
    const std::string message =
        manifests::pre_authentication_encoding(envelope.payload_type, envelope.payload);
    std::string signature(crypto_sign_BYTES, '\0');
    crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr,
                         reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                         expanded_.get());
    envelope.signatures.push_back({public_key_.key_id(), std::move(signature)});
    return envelope.encode();
}

} // namespace runtime
