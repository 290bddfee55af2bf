#include "packager/inflate.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include <zlib.h>

#include "manifests/error.hpp"

namespace packager {
namespace {

struct Ender {
    void operator()(z_stream* stream) const { inflateEnd(stream); }
};

} // namespace

std::string inflate_front(std::string_view packed, std::size_t most) {
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) // negative: without a front and a sum of zlib's
        throw manifests::Error(manifests::Fault::internal, "zlib gives no reader");
    const std::unique_ptr<z_stream, Ender> ender(&stream);
    constexpr std::size_t most_at_once = std::numeric_limits<uInt>::max();
    std::string out(std::min(most, most_at_once), '\0');
    // zlib's interface is older than const, and writes nothing there.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream.avail_in = static_cast<uInt>(std::min(packed.size(), most_at_once));
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    while (stream.avail_out > 0 && inflate(&stream, Z_SYNC_FLUSH) == Z_OK) {
    }
    out.resize(out.size() - stream.avail_out); // what came before a mistake
    return out;
}

} // namespace packager
