#include "packager/zip_look.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "manifests/text.hpp"
#include "packager/file_view.hpp"

namespace packager {
namespace {

using manifests::in_quotes;

constexpr std::uint64_t local_bytes = 30;
constexpr std::uint64_t in_zip64 = 0xffffffff;
constexpr unsigned encrypted_flags = 0x2041; // as such, strongly, and with a directory that hides it
constexpr unsigned sizes_behind_flag = 0x8;
constexpr unsigned stored_method = 0;

std::string little(std::uint64_t value, std::size_t length) {
    std::string bytes;
    for (std::size_t i = 0; i < length; ++i)
        bytes += static_cast<char>(value >> (8 * i) & 0xff);
    return bytes;
}

// A local header with what the directory says, for libarchive to unpack what stands behind it.
std::string header_for(const ZipEntry& entry) {
    constexpr unsigned method_flags = 0x6; // which belong to the compression
    const bool is_long = entry.packed_bytes >= in_zip64 || entry.size_bytes >= in_zip64;
    const std::string extra =
        is_long ? little(1, 2) + little(16, 2) + little(entry.size_bytes, 8) + little(entry.packed_bytes, 8)
                : "";
    return "PK\3\4" + little(45, 2) + little(entry.flags & method_flags, 2) + little(entry.method, 2) +
           little(0, 2) + little(0x21, 2) + little(entry.crc, 4) +
           little(is_long ? in_zip64 : entry.packed_bytes, 4) +
           little(is_long ? in_zip64 : entry.size_bytes, 4) + little(1, 2) + little(extra.size(), 2) + "x" +
           extra;
}

// @return in which it differs from the directory; nothing is said of sizes that stand behind the file
std::string difference(const ZipEntry& entry, std::string_view local, std::string_view name_and_extra) {
    const auto flags = static_cast<unsigned>(little_number(local, 6, 2));
    const std::uint64_t name_bytes = little_number(local, 26, 2);
    if (little_number(local, 8, 2) != entry.method) return "compression";
    if ((flags & encrypted_flags) != 0) return "encryption";
    if (name_and_extra.substr(0, name_bytes) != entry.name) return "name";
    std::uint64_t packed = little_number(local, 18, 4);
    std::uint64_t size = little_number(local, 22, 4);
    constexpr std::size_t both_bytes = 16;
    const Zip64Field field = zip64_field(name_and_extra.substr(name_bytes));
    if (field.is_doubtful) return "size";
    if (packed == in_zip64 && size == in_zip64 && field.bytes.size() >= both_bytes) {
        size = little_number(field.bytes, 0, 8);
        packed = little_number(field.bytes, 8, 8);
    }
    const bool is_behind = (flags & sizes_behind_flag) != 0;
    const auto agrees = [&](std::uint64_t here, std::uint64_t there) {
        return here == there || (here == 0 && is_behind);
    };
    return agrees(packed, entry.packed_bytes) && agrees(size, entry.size_bytes) ? "" : "size";
}

struct Extent {
    std::uint64_t from;
    std::uint64_t to;

    friend auto operator<=>(const Extent&, const Extent&) = default;
};

class ZipLook {
public:
    ZipLook(std::uint64_t size_bytes, const ReadBytes& read, LookBudget& budget, const OnInside& on_inside)
        : size_bytes_(size_bytes), read_(read), budget_(budget), on_inside_(on_inside), spool_(budget) {}

    std::string go_through(const ZipDirectory& directory) {
        std::string problem;
        bool go_on = true;
        const std::string end = for_each_zip_entry(directory, read_, [&](const ZipEntry& entry) {
            problem = budget_.take_file() ? show(entry, go_on) : too_much_inside;
            return go_on && problem.empty();
        });
        if (!go_on) return "";
        if (!problem.empty()) return problem;
        return end.empty() ? unlisted(directory) : end;
    }

private:
    std::string show(const ZipEntry& entry, bool& go_on) {
        const std::string name = in_quotes(entry.name);
        if ((entry.flags & encrypted_flags) != 0) return "a file in it is encrypted";
        if (size_bytes_ < local_bytes || entry.header_at > size_bytes_ - local_bytes)
            return name + " in it is cut short";
        const std::string local = read_(entry.header_at, local_bytes);
        if (!local.starts_with("PK\3\4")) return name + " in it does not begin where its directory says";
        const std::uint64_t more = little_number(local, 26, 2) + little_number(local, 28, 2);
        const std::uint64_t data_at = entry.header_at + local_bytes + more;
        if (data_at > size_bytes_ || entry.packed_bytes > size_bytes_ - data_at)
            return name + " in it is cut short";
        const std::string rest = read_(entry.header_at + local_bytes, static_cast<std::size_t>(more));
        if (const std::string what = difference(entry, local, rest); !what.empty())
            return name + " in it has another " + what + " than its directory says";
        extents_.push_back({entry.header_at, data_at + entry.packed_bytes});
        return entry.method == stored_method ? show_stored(entry, data_at, go_on)
                                             : show_packed(entry, data_at, go_on);
    }
    std::string show_stored(const ZipEntry& entry, std::uint64_t data_at, bool& go_on) {
        go_on = on_inside_(entry.name, entry.packed_bytes, window_of(read_, data_at));
        const bool agrees = entry.packed_bytes == entry.size_bytes;
        return agrees ? "" : in_quotes(entry.name) + " in it has two sizes";
    }
    std::string show_packed(const ZipEntry& entry, std::uint64_t data_at, bool& go_on) {
        const std::string header = header_for(entry);
        const ReadBytes read = [&](std::uint64_t offset, std::size_t length) {
            if (offset >= header.size()) return read_(data_at + (offset - header.size()), length);
            std::string bytes = header.substr(static_cast<std::size_t>(offset), length);
            return bytes + read_(data_at, length - bytes.size());
        };
        spool_.clear();
        Unpacker unpacker(Packing::zip_member, header.size() + entry.packed_bytes, read);
        if (unpacker.next()) unpacker.unpack(spool_, budget_);
        std::string problem = show_unpacked(spool_, budget_, entry.name, on_inside_, go_on);
        return problem.empty() && !unpacker.problem().empty()
                   ? in_quotes(entry.name) + " in it: " + unpacker.problem()
                   : problem;
    }
    // Between two files is at most the record of sizes that stands behind one. In front of the first may be
    // anything, for that is what is shown as the file itself, but no other zip.
    std::string unlisted(const ZipDirectory& directory) {
        constexpr std::uint64_t sizes_bytes = 24;
        std::sort(extents_.begin(), extents_.end());
        extents_.push_back({directory.offset, directory.offset});
        std::uint64_t end = 0;
        for (const Extent& one : extents_) {
            for (std::uint64_t at = end; at < one.from && at <= end + sizes_bytes; at += 4)
                if (one.from - at >= local_bytes && read_(at, 4) == "PK\3\4")
                    return "at byte " + std::to_string(at) +
                           " it has a file that its directory does not list";
            end = std::max(end, one.to);
        }
        return "";
    }

    std::uint64_t size_bytes_;
    const ReadBytes& read_;
    LookBudget& budget_;
    const OnInside& on_inside_;
    LookSpool spool_;
    std::vector<Extent> extents_;
};

} // namespace

std::string look_inside_zip(const ZipDirectory& directory, std::uint64_t size_bytes, const ReadBytes& read,
                            LookBudget& budget, const OnInside& on_inside) {
    return ZipLook(size_bytes, read, budget, on_inside).go_through(directory);
}

} // namespace packager
