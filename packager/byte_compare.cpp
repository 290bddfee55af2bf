#include "packager/byte_compare.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

void read_whole(const runtime::BlobAt& blob, std::uint64_t from, std::vector<char>& buffer,
                std::size_t length) {
    const std::size_t got =
        from > blob.size_bytes || length > blob.size_bytes - from
            ? 0
            : runtime::read_at(*blob.file, buffer.data(), length, blob.offset + from, blob.where);
    if (got == length) return;
    throw manifests::Error(manifests::Fault::damaged, manifests::Code::format_truncated,
                           manifests::in_quotes(blob.where) + " ends before byte " +
                               std::to_string(from + length));
}

} // namespace

std::optional<std::uint64_t> first_difference(const runtime::BlobAt& a, const runtime::BlobAt& b,
                                              const ByteRanges& ranges, const runtime::OnBytes& on_bytes) {
    thread_local std::vector<char> left(runtime::read_unit_bytes);
    thread_local std::vector<char> right(runtime::read_unit_bytes);
    for (std::uint64_t done = 0; done < ranges.length_bytes;) {
        const std::uint64_t rest = ranges.length_bytes - done;
        const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(rest, left.size()));
        read_whole(a, ranges.from_a + done, left, length);
        read_whole(b, ranges.from_b + done, right, length);
        if (std::memcmp(left.data(), right.data(), length) != 0) {
            if (on_bytes) on_bytes(rest);
            const auto end = left.begin() + static_cast<std::ptrdiff_t>(length);
            const auto differs = std::mismatch(left.begin(), end, right.begin()).first;
            return done + static_cast<std::uint64_t>(differs - left.begin());
        }
        if (on_bytes) on_bytes(length);
        done += length;
    }
    return std::nullopt;
}

} // namespace packager
