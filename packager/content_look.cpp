#include "packager/content_look.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "manifests/text.hpp"
#include "packager/archive_look.hpp"
#include "packager/onnx.hpp"
#include "packager/pickle.hpp"

namespace packager {
namespace {

using manifests::escaped;
using manifests::in_quotes;

constexpr std::uint64_t look_bytes = 65536;
constexpr std::uint64_t back_bytes = 65536 + 22; // as Python's zipfile: a record behind its longest comment

// The pickled number 0x1950a86a20f9469cfc6c, with which files of torch before 1.6 begin.
constexpr std::string_view torch_magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14);

struct Signature {
    std::string_view bytes;
    std::string_view kind;
};
using namespace std::string_view_literals;
constexpr std::array<Signature, 9> containers{{{"PK\3\4"sv, "zip"},
                                               {"PK\5\6"sv, "zip"},
                                               {"PK\7\10"sv, "zip"},
                                               {"7z\xbc\xaf\x27\x1c"sv, "7z"},
                                               {"\x1f\x8b"sv, "compressed"},
                                               {"BZh"sv, "compressed"},
                                               {"\xfd"
                                                "7zXZ\0"sv,
                                                "compressed"},
                                               {"\x28\xb5\x2f\xfd"sv, "compressed"},
                                               {"\x04\x22\x4d\x18"sv, "compressed"}}};

std::uint64_t little_number(std::string_view bytes, std::size_t at, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = length; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

// The file's end, in which the record of a zip can stand.
struct Back {
    std::string bytes;
    std::uint64_t offset;
};

// A zip begins at its end: whatever stands in front of it, a loader that looks there finds it. Python asks
// neither for a comment of the length that the record says nor for the end of the file behind it. Weights
// have the four bytes of the record by chance, but not where the record says that the directory is.
bool ends_as_zip(const Back& back, const ReadBytes& read) {
    constexpr std::size_t record_bytes = 22;
    constexpr std::size_t locator_bytes = 20; // of ZIP64, in front of the record
    const std::string_view bytes(back.bytes);
    for (std::size_t at = bytes.rfind("PK\5\6"); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : bytes.rfind("PK\5\6", at - 1)) {
        if (bytes.size() - at < record_bytes) continue;
        if (at >= locator_bytes && bytes.substr(at - locator_bytes).starts_with("PK\6\7")) return true;
        const std::uint64_t record = back.offset + at;
        const auto is_directory = [&](std::uint64_t place) {
            constexpr std::size_t magic_bytes = 4;
            return place <= record && read(place, magic_bytes) == "PK\1\2";
        };
        const std::uint64_t directory_bytes = little_number(bytes, at + 12, 4);
        // Python counts from the record back, others from the front of the file.
        if (directory_bytes <= record && is_directory(record - directory_bytes)) return true;
        if (is_directory(little_number(bytes, at + 16, 4))) return true;
    }
    return false;
}

std::string container_kind(std::string_view front, const Back& back, const ReadBytes& read) {
    for (const Signature& one : containers)
        if (front.starts_with(one.bytes)) return std::string(one.kind);
    constexpr std::size_t tar_magic_at = 257;
    if (front.size() > tar_magic_at && front.substr(tar_magic_at).starts_with("ustar")) return "tar";
    return ends_as_zip(back, read) ? "zip" : "";
}

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

std::string names_text(const PickleFacts& pickle) {
    std::string text;
    for (const std::string& name : pickle.names)
        text += (text.empty() ? ", which fetches " : ", ") + escaped(name, 64);
    return text;
}

std::string pickle_text(const PickleFacts& pickle) {
    return "a pickle of protocol " + std::to_string(pickle.protocol) + names_text(pickle);
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// An O that is no part of a word: "O", "|O8", "f4,O".
bool has_lone_o(std::string_view text) {
    for (std::size_t at = text.find('O'); at != std::string_view::npos; at = text.find('O', at + 1)) {
        const bool joined =
            (at > 0 && is_letter(text[at - 1])) || (at + 1 < text.size() && is_letter(text[at + 1]));
        if (!joined) return true;
    }
    return false;
}

// Python joins texts that stand side by side: 'ob' 'ject'. Without escapes and comments, a text ends at its
// next quote, and what may follow in the header of an array is one of five.
bool joins_texts(std::string_view header) {
    for (std::size_t at = header.find_first_of("'\""); at != std::string_view::npos;) {
        const std::size_t end = header.find(header[at], at + 1);
        if (end == std::string_view::npos) return true;
        const std::size_t next = header.find_first_not_of(" \t\r\n\f", end + 1);
        if (next == std::string_view::npos ||
            std::string_view(":,)]}").find(header[next]) == std::string_view::npos)
            return true;
        at = header.find_first_of("'\"", end + 1);
    }
    return false;
}

// An array of Python objects is a pickle behind the header; of numbers, it is numbers. The header is a text
// of Python: one that is written in another way than numpy writes it may say anything.
bool has_objects(std::string_view npy) {
    constexpr std::size_t version_at = 6, length_at = 8;
    if (npy.size() <= version_at) return false;
    const std::size_t length_bytes = npy[version_at] == 1 ? 2 : 4;
    if (npy.size() < length_at + length_bytes) return false; // and nothing behind it
    const std::uint64_t length = little_number(npy, length_at, length_bytes);
    const std::string_view rest = npy.substr(length_at + length_bytes);
    if (rest.size() < length) return true;
    const std::string_view header = rest.substr(0, static_cast<std::size_t>(length));
    if (header.find_first_of("\\#") != std::string_view::npos) return true;
    if (header.find("descr") == std::string_view::npos) return true;
    if (in_lower_case(header).find("object") != std::string::npos) return true;
    return has_lone_o(header) || joins_texts(header);
}

bool is_npy(std::string_view front) {
    return front.starts_with("\x93NUMPY");
}

ReadBytes reader_of(const std::string& bytes) {
    return [&bytes](std::uint64_t offset, std::size_t length) {
        return offset < bytes.size() ? bytes.substr(static_cast<std::size_t>(offset), length) : std::string();
    };
}

// What one file of an archive is, by its name and its front.
std::string danger_inside(const std::string& name, const std::string& front) {
    if (const auto pickle = look_for_pickle(front.size(), reader_of(front)))
        return in_quotes(name) + " in it is " + pickle_text(*pickle);
    if (is_pickle_name(name)) return in_quotes(name) + " in it has the name of a pickle";
    if (is_npy(front) && has_objects(front)) return in_quotes(name) + " in it is an array of pickled objects";
    return "";
}

bool is_torch_data(std::string_view name) {
    return name == "data.pkl" || name.ends_with("/data.pkl");
}

ContentLook look_at_container(std::uint64_t size_bytes, const ReadBytes& read, std::string kind) {
    ContentLook look{std::move(kind), ""};
    bool is_torch = false;
    const auto on_inside = [&](const std::string& name, const std::string& front) {
        is_torch = is_torch || is_torch_data(name);
        if (look.danger.empty()) look.danger = danger_inside(name, front);
        return look.danger.empty();
    };
    const std::string problem = look_inside(size_bytes, read, on_inside);
    if (look.danger.empty() && !problem.empty())
        look.danger = "it cannot be looked through for pickles: " + problem;
    if (is_torch) look.kind = "PyTorch archive";
    return look;
}

bool is_safetensors(std::string_view front) {
    constexpr std::size_t brace_at = 8; // behind the length of the header
    return front.size() > brace_at && front[brace_at] == '{' && front.substr(6, 2) == "\0\0"sv;
}

ContentLook look_without_pickle(std::uint64_t size_bytes, const ReadBytes& read, const std::string& front,
                                const Back& back) {
    if (front.starts_with(torch_magic))
        return {"PyTorch file", "it is a pickle, as torch wrote it before 1.6"};
    if (std::string kind = container_kind(front, back, read); !kind.empty())
        return look_at_container(size_bytes, read, std::move(kind));
    if (front.starts_with("GGUF")) return {"gguf", ""};
    if (is_safetensors(front)) return {"safetensors", ""};
    if (is_npy(front)) return {"npy", has_objects(front) ? "it is an array of pickled objects" : ""};
    if (is_onnx(size_bytes, read)) return {"onnx", ""};
    return {};
}

} // namespace

bool is_pickle_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> endings{".pkl", ".pickle", ".joblib", ".dill", ".pckl"};
    const std::string lower = in_lower_case(name);
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return lower.ends_with(ending); });
}

ContentLook look_at_content(std::uint64_t size_bytes, const ReadBytes& read) {
    const std::uint64_t length = std::min(size_bytes, look_bytes);
    const std::string front = read(0, static_cast<std::size_t>(length));
    const std::uint64_t back_length = std::min(size_bytes, back_bytes);
    const Back back{
        back_length <= length ? front : read(size_bytes - back_length, static_cast<std::size_t>(back_length)),
        size_bytes - back_length};
    ContentLook look = look_without_pickle(size_bytes, read, front, back);
    if (!look.danger.empty()) return look;
    // Whatever else it is: one file can be several things at once.
    if (const auto pickle = look_for_pickle(size_bytes, read))
        return {"pickle", "it is " + pickle_text(*pickle)};
    return look;
}

} // namespace packager
