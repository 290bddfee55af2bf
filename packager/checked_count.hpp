#pragma once
// Counts and bytes that are computed from documents of others: a sum or product is right, or it is refused.

#include <cstdint>

namespace packager {

/// Below 2^63, as every number that a document of ours may say.
class CheckedCount {
public:
    /// @throws Error  Fault::damaged for 2^63 and more; so do the operators
    CheckedCount(std::uint64_t value = 0); // NOLINT(google-explicit-constructor): a number is one

    std::uint64_t value() const noexcept { return value_; }
    CheckedCount& operator+=(CheckedCount other) { return *this = *this + other; }
    friend CheckedCount operator+(CheckedCount a, CheckedCount b);
    friend CheckedCount operator*(CheckedCount a, CheckedCount b);

private:
    std::uint64_t value_;
};

/// a / b, rounded up. @throws Error  Fault::internal if b is 0
CheckedCount divided_up(CheckedCount a, CheckedCount b);

} // namespace packager
