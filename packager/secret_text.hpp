#pragma once
// Secret bytes: passphrases, key files, seeds. They live in libsodium's guarded memory: between two pages
// that nobody may touch, kept out of swap and core dumps where the system allows, wiped when freed.

#include <cstddef>
#include <memory>
#include <string_view>

namespace packager {

/// Move-only, and without a text form of its own: whoever looks says view().
class SecretText {
public:
    /// Empty, with room for `capacity_bytes`; it never grows, so no copy is left behind.
    explicit SecretText(std::size_t capacity_bytes);
    static SecretText copy_of(std::string_view bytes);

    SecretText(SecretText&&) noexcept = default;
    SecretText& operator=(SecretText&&) noexcept = default;

    std::string_view view() const noexcept { return {memory_.get(), size_bytes_}; }
    std::size_t capacity_bytes() const noexcept { return capacity_bytes_; }
    /// @throws Error  Fault::internal if there is no room
    void append(std::string_view bytes);
    /// For calls that fill a buffer: all of the capacity, then how much of it is in use.
    char* buffer() noexcept { return memory_.get(); }
    void set_size(std::size_t size_bytes);
    /// Wipes the content.
    void clear() noexcept;

    /// Takes the same time wherever the texts differ.
    friend bool operator==(const SecretText& a, const SecretText& b) noexcept;

private:
    struct Free {
        void operator()(char* memory) const noexcept;
    };
    std::size_t capacity_bytes_;
    std::size_t size_bytes_ = 0;
    std::unique_ptr<char, Free> memory_;
};

} // namespace packager
