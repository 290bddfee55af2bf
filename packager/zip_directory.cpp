#include "packager/zip_directory.hpp"

#include <algorithm>

#include "manifests/error.hpp"
#include "packager/file_view.hpp"
#include "packager/header_cursor.hpp"

namespace packager {
namespace {

constexpr std::uint64_t record_bytes = 22;
constexpr std::uint64_t longest_comment = 65535;
constexpr std::uint64_t locator_bytes = 20;
constexpr std::uint64_t record64_bytes = 56;
constexpr std::uint64_t entry_bytes = 46;
constexpr std::uint64_t in_zip64 = 0xffffffff;
constexpr std::size_t most_directories = 16; // of comments within comments

// What a record says of the directory in front of it.
struct Claim {
    std::uint64_t end; // where the directory has to end, if nothing is in between
    std::uint64_t size_bytes;
    std::uint64_t offset;
    std::uint64_t entries;
    bool is_zip64;
};

class Finder {
public:
    Finder(std::uint64_t size_bytes, const ReadBytes& read) : size_bytes_(size_bytes), read_(read) {
        const std::uint64_t length = std::min(size_bytes, record_bytes + longest_comment);
        back_at_ = size_bytes - length;
        back_ = read(back_at_, static_cast<std::size_t>(length));
    }

    // From the end on: the first record that leads to a directory and whose comment ends where the file does
    // is everybody's. One further in front is taken by a reader that does not find the end of the other's
    // comment.
    ZipDirectories find() {
        bool is_settled = false;
        for (std::size_t at = back_.rfind("PK\5\6"); at != std::string::npos;
             at = at == 0 ? std::string::npos : back_.rfind("PK\5\6", at - 1)) {
            if (back_.size() - at < record_bytes) continue;
            const bool ends_the_file = at + record_bytes + little_number(back_, at + 20, 2) == back_.size();
            if (is_settled && !ends_the_file) continue;
            const bool led = note_record(at, ends_the_file);
            is_settled = is_settled || (led && ends_the_file);
        }
        return std::move(found_);
    }

private:
    // @return whether it leads to a directory
    bool note_record(std::size_t at, bool ends_the_file) {
        const std::uint64_t record = back_at_ + at;
        const Claim own{record, little_number(back_, at + 12, 4), little_number(back_, at + 16, 4),
                        little_number(back_, at + 10, 2), false};
        bool led = false;
        if (own.size_bytes == 0 && own.entries == 0 && ends_the_file) led = note({record, 0, 0, 0, false});
        led = note_claim(own) || led;
        if (record < locator_bytes) return led;
        const std::string locator = read_(record - locator_bytes, locator_bytes);
        if (!locator.starts_with("PK\6\7")) return led;
        // Python wants it right in front, others where the locator says.
        const std::uint64_t said = little_number(locator, 8, 8);
        led = note_record64(said) || led;
        const std::uint64_t both = locator_bytes + record64_bytes;
        if (record >= both && record - both != said) led = note_record64(record - both) || led;
        return led;
    }
    bool note_record64(std::uint64_t at) {
        if (size_bytes_ < record64_bytes || at > size_bytes_ - record64_bytes) return false;
        const std::string record = read_(at, record64_bytes);
        if (!record.starts_with("PK\6\6")) return false;
        return note_claim({at, little_number(record, 40, 8), little_number(record, 48, 8),
                           little_number(record, 32, 8), true});
    }
    // Python counts from the record back, also where that brings a file in front of its place; others from
    // the front of the file. Weights have the four bytes of a record by chance, but not where the record says
    // that the directory is.
    bool note_claim(const Claim& claim) {
        const auto is_directory = [&](std::uint64_t at) {
            return at <= claim.end && claim.end - at >= entry_bytes && read_(at, 4) == "PK\1\2";
        };
        bool led = false;
        if (claim.size_bytes <= claim.end) {
            const std::uint64_t counted = claim.end - claim.size_bytes;
            if (is_directory(counted)) led = note(directory_at(counted, claim, counted - claim.offset));
        }
        if (is_directory(claim.offset)) led = note(directory_at(claim.offset, claim, 0)) || led;
        return led;
    }
    static ZipDirectory directory_at(std::uint64_t at, const Claim& claim, std::uint64_t shift) {
        return {at, std::min(claim.size_bytes, claim.end - at), claim.entries, shift, claim.is_zip64};
    }
    bool note(const ZipDirectory& directory) {
        const auto is_same = [&](const ZipDirectory& other) {
            return other.offset == directory.offset && other.size_bytes == directory.size_bytes &&
                   other.shift == directory.shift && (other.entries & 0xffff) == (directory.entries & 0xffff);
        };
        if (std::any_of(found_.list.begin(), found_.list.end(), is_same)) return true;
        if (found_.list.size() < most_directories)
            found_.list.push_back(directory);
        else
            found_.all = false;
        return true;
    }

    std::uint64_t size_bytes_;
    const ReadBytes& read_;
    std::uint64_t back_at_ = 0;
    std::string back_;
    ZipDirectories found_;
};

// @return why not
std::string take_zip64(std::string_view extra, ZipEntry& entry) {
    const bool wanted =
        entry.size_bytes == in_zip64 || entry.packed_bytes == in_zip64 || entry.header_at == in_zip64;
    if (!wanted) return "";
    const Zip64Field field = zip64_field(extra);
    if (field.is_doubtful) return "a file in it has two sizes";
    if (!field.is_there) return ""; // it is so long
    std::size_t at = 0;
    for (std::uint64_t* value : {&entry.size_bytes, &entry.packed_bytes, &entry.header_at}) {
        constexpr std::size_t value_bytes = 8;
        if (*value != in_zip64) continue;
        if (field.bytes.size() - at < value_bytes) return "a file in it does not say how long it is";
        *value = little_number(field.bytes, at, value_bytes);
        at += value_bytes;
    }
    return "";
}

// @return why not
std::string take_entry(HeaderCursor& cursor, std::uint64_t shift, ZipEntry& entry) {
    if (cursor.peek(4) != "PK\1\2") return "its directory holds what is no entry";
    const std::string fixed(cursor.take(entry_bytes));
    entry.flags = static_cast<unsigned>(little_number(fixed, 8, 2));
    entry.method = static_cast<unsigned>(little_number(fixed, 10, 2));
    entry.crc = static_cast<std::uint32_t>(little_number(fixed, 16, 4));
    entry.packed_bytes = little_number(fixed, 20, 4);
    entry.size_bytes = little_number(fixed, 24, 4);
    entry.header_at = little_number(fixed, 42, 4);
    entry.name = cursor.take(little_number(fixed, 28, 2));
    const std::string extra(cursor.take(little_number(fixed, 30, 2)));
    cursor.skip(little_number(fixed, 32, 2)); // a comment
    std::string problem = take_zip64(extra, entry);
    entry.header_at += shift;
    return problem;
}

} // namespace

Zip64Field zip64_field(std::string_view extra) {
    constexpr std::size_t head_bytes = 4;
    Zip64Field found;
    while (extra.size() >= head_bytes) {
        const std::uint64_t length = little_number(extra, 2, 2);
        const bool is_zip64 = little_number(extra, 0, 2) == 1;
        if (length > extra.size() - head_bytes) {
            found.is_doubtful = found.is_doubtful || is_zip64;
            break;
        }
        if (is_zip64) {
            found.is_doubtful = found.is_doubtful || found.is_there;
            found.is_there = true;
            found.bytes = extra.substr(head_bytes, static_cast<std::size_t>(length));
        }
        extra.remove_prefix(head_bytes + static_cast<std::size_t>(length));
    }
    return found;
}

ZipDirectories find_zip_directories(std::uint64_t size_bytes, const ReadBytes& read) {
    if (size_bytes < record_bytes) return {};
    return Finder(size_bytes, read).find();
}

std::string for_each_zip_entry(const ZipDirectory& directory, const ReadBytes& read,
                               const std::function<bool(const ZipEntry&)>& on_entry) {
    const std::uint64_t end = directory.offset + directory.size_bytes;
    HeaderCursor cursor(end, read, end);
    std::uint64_t count = 0;
    cursor.skip(directory.offset);
    for (; cursor.left() > 0; ++count) {
        ZipEntry entry;
        try {
            const std::string problem = take_entry(cursor, directory.shift, entry);
            if (!problem.empty()) return problem;
        } catch (const manifests::Error& error) {
            if (error.fault() != manifests::Fault::damaged) throw;
            return "its directory ends inside of an entry";
        }
        if (!on_entry(entry)) return "";
    }
    const std::uint64_t said = directory.entries;
    const bool agrees = directory.is_zip64 ? said == count : said == (count & 0xffff);
    return agrees ? "" : "its directory has another number of files than its end says";
}

} // namespace packager
