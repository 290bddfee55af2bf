#include "packager/checked_count.hpp"

#include "manifests/error.hpp"

namespace packager {

using manifests::Error;
using manifests::Fault;

CheckedCount::CheckedCount(std::uint64_t value) : value_(value) {
    if (value >> 63 != 0) throw Error(Fault::damaged, "the figures of the model leave 63 bits");
}

CheckedCount operator+(CheckedCount a, CheckedCount b) {
    return {a.value_ + b.value_}; // both are below 2^63
}

CheckedCount operator*(CheckedCount a, CheckedCount b) {
    std::uint64_t product = 0;
    if (__builtin_mul_overflow(a.value_, b.value_, &product)) product = ~std::uint64_t{0};
    return {product};
}

CheckedCount divided_up(CheckedCount a, CheckedCount b) {
    if (b.value() == 0) throw Error(Fault::internal, "a division by nothing");
    return {a.value() / b.value() + (a.value() % b.value() != 0 ? 1 : 0)};
}

} // namespace packager
