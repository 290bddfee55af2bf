#include "packager/archive_look.hpp"

#include <algorithm>

#include "manifests/text.hpp"
#include "packager/inflate.hpp"

namespace packager {
namespace {

// The next entry of a tar begins behind this one, whatever it says of itself: what is shown is what a tool
// that unpacks it writes.
std::string show_in_place(const Unpacker& unpacker, std::uint64_t size_bytes, const ReadBytes& read,
                          const OnInside& on_inside, bool& go_on) {
    const std::uint64_t from = unpacker.position();
    const std::uint64_t length = unpacker.size_bytes();
    const bool is_cut = from > size_bytes || length > size_bytes - from;
    const std::uint64_t there = from > size_bytes ? 0 : is_cut ? size_bytes - from : length;
    go_on = on_inside(unpacker.name(), there, window_of(read, from));
    return go_on && is_cut ? manifests::in_quotes(unpacker.name()) + " in it is cut short" : "";
}

} // namespace

ReadBytes window_of(const ReadBytes& read, std::uint64_t from) {
    return [&read, from](std::uint64_t offset, std::size_t length) { return read(from + offset, length); };
}

std::string show_unpacked(LookSpool& spool, LookBudget& budget, const std::string& name,
                          const OnInside& on_inside, bool& go_on) {
    const ReadBytes read = [&](std::uint64_t offset, std::size_t length) {
        budget.note_read(length);
        return spool.read(offset, length);
    };
    go_on = on_inside(name, spool.size_bytes(), read);
    if (!go_on || !spool.has_missed()) return "";
    return (name.empty() ? "what is compressed" : manifests::in_quotes(name)) +
           " in it is too long to be unpacked for a look";
}

std::string look_inside(Packing packing, std::uint64_t size_bytes, const ReadBytes& read, LookBudget& budget,
                        const OnInside& on_inside) {
    const bool is_archive = packing == Packing::tar || packing == Packing::seven_zip;
    Unpacker unpacker(packing, size_bytes, read);
    LookSpool spool(budget);
    while (unpacker.next()) {
        if (!budget.take_file()) return too_much_inside;
        if (unpacker.is_encrypted()) return "a file in it is encrypted";
        bool go_on = true;
        std::string problem;
        if (packing == Packing::tar && unpacker.is_plain()) {
            problem = show_in_place(unpacker, size_bytes, read, on_inside, go_on);
        } else {
            spool.clear();
            unpacker.unpack(spool, budget);
            problem = show_unpacked(spool, budget, is_archive ? unpacker.name() : "", on_inside, go_on);
            if (problem.empty()) problem = unpacker.problem();
        }
        if (!go_on || !problem.empty()) return go_on ? problem : "";
    }
    return unpacker.problem();
}

// Behind the two bytes of the front the compression is the same; the sum at the end is another one, and is
// not compared.
std::string look_inside_zlib(std::uint64_t size_bytes, const ReadBytes& read, LookBudget& budget,
                             const OnInside& on_inside) {
    constexpr std::uint64_t front_bytes = 2;
    const std::string gzip_front("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    const std::uint64_t zlib_end = gzip_front.size() + size_bytes - front_bytes;
    const ReadBytes as_gzip = [&](std::uint64_t offset, std::size_t length) {
        std::string bytes;
        if (offset < gzip_front.size()) bytes = gzip_front.substr(static_cast<std::size_t>(offset), length);
        const std::uint64_t from = offset + bytes.size();
        const std::uint64_t wanted =
            std::min<std::uint64_t>(length - bytes.size(), zlib_end - std::min(from, zlib_end));
        if (wanted > 0)
            bytes += read(from - gzip_front.size() + front_bytes, static_cast<std::size_t>(wanted));
        bytes.resize(length); // gzip ends with eight bytes, zlib with four
        return bytes;
    };
    constexpr std::uint64_t missing_bytes = 4;
    bool go_on = true;
    const OnInside noted = [&](const std::string& name, std::uint64_t size, const ReadBytes& inside) {
        return go_on = on_inside(name, size, inside);
    };
    std::string problem = look_inside(Packing::gzip, zlib_end + missing_bytes, as_gzip, budget, noted);
    if (problem.empty() || !go_on) return problem;
    constexpr std::size_t most_bytes = 65536;
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes - front_bytes, most_bytes));
    const std::string front = inflate_front(read(front_bytes, length), most_bytes);
    const ReadBytes of_front = [&](std::uint64_t offset, std::size_t wanted) {
        return front.substr(static_cast<std::size_t>(offset), wanted);
    };
    if (!front.empty()) on_inside("", front.size(), of_front);
    return problem;
}

} // namespace packager
