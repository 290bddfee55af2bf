#pragma once
// SHA-256 digests: the value, and the streaming hash behind it. libcrypto's EVP does the work: it uses the
// processor's SHA instructions (1.65 GB/s a core where libsodium's portable code does 0.21).

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace manifests {

/// A SHA-256 digest. Only text that passed parse(), or bytes that were really hashed, become one.
class Digest {
public:
    static constexpr std::size_t size_bytes = 32;
    using Bytes = std::array<unsigned char, size_bytes>;

    /// @param text  "sha256:" and 64 lower-case hex digits, nothing else
    /// @throws Error  Fault::damaged
    static Digest parse(std::string_view text);
    static Digest from_bytes(const Bytes& bytes) { return Digest(bytes); }
    /// The digest of bytes in memory.
    static Digest of(std::string_view bytes);

    std::string text() const; ///< "sha256:" and 64 hex digits, as OCI writes it
    std::string hex() const;  ///< the 64 digits
    const Bytes& bytes() const noexcept { return bytes_; }

    friend bool operator==(const Digest&, const Digest&) = default;
    friend auto operator<=>(const Digest&, const Digest&) = default;

private:
    explicit Digest(const Bytes& bytes) : bytes_(bytes) {}
    Bytes bytes_;
};

/// Streaming hash. Digests with other lengths leave it as raw bytes (SHA-512 for BOMs).
class Hasher {
public:
    enum class Algorithm { sha256, sha512, sm3 };
    explicit Hasher(Algorithm algorithm = Algorithm::sha256);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;

    void update(const void* data, std::size_t length_bytes);
    /// Ends the hash; the object cannot be used again.
    std::string finish_bytes();
    /// For sha256 only.
    Digest finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace manifests
