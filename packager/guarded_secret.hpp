#pragma once
// A secret that stays in memory for long: the process itself cannot read it between two uses.

#include <memory>
#include <string_view>

#include "packager/secret_text.hpp"

namespace packager {

/// Lives in memory of sodium_malloc that is closed (no access) until an Open looks into it; wiped at the end.
/// Move-only. One Open at a time.
class GuardedSecret {
public:
    /// Takes a copy; `bytes` is wiped by its own destructor.
    explicit GuardedSecret(const SecretText& bytes);

    /// While it lives, the secret can be read.
    class Open {
    public:
        explicit Open(const GuardedSecret& secret);
        ~Open();
        Open(const Open&) = delete;
        Open& operator=(const Open&) = delete;
        std::string_view view() const noexcept { return view_; }

    private:
        std::string_view view_;
    };

private:
    struct Free {
        void operator()(char* memory) const noexcept;
    };
    std::unique_ptr<char, Free> memory_;
    std::size_t size_bytes_;
};

} // namespace packager
