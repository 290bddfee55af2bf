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

// A zip begins at its end: whatever stands in front of it, a loader that looks there finds it.
bool ends_as_zip(std::string_view back) {
    constexpr std::size_t record_bytes = 22;
    for (std::size_t at = back.rfind("PK\5\6"); at != std::string_view::npos;
         at = at == 0 ? std::string_view::npos : back.rfind("PK\5\6", at - 1)) {
        if (back.size() - at < record_bytes) continue;
        const auto low = static_cast<unsigned char>(back[at + 20]);
        const auto high = static_cast<unsigned char>(back[at + 21]);
        if (back.size() - at - record_bytes == low + 256U * high) return true;
    }
    return false;
}

std::string container_kind(std::string_view front, std::string_view back) {
    for (const Signature& one : containers)
        if (front.starts_with(one.bytes)) return std::string(one.kind);
    constexpr std::size_t tar_magic_at = 257;
    if (front.size() > tar_magic_at && front.substr(tar_magic_at).starts_with("ustar")) return "tar";
    return ends_as_zip(back) ? "zip" : "";
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

// An array of Python objects is a pickle behind the header; of numbers, it is numbers.
bool has_objects(std::string_view npy) {
    constexpr std::size_t longest_preamble = 12;
    if (npy.size() < longest_preamble) return false;
    const std::string_view header = npy.substr(0, std::min(npy.size(), npy.find('\n', longest_preamble)));
    const std::size_t at = header.find("descr");
    if (at == std::string_view::npos) return true; // not by the rules: numpy may read it otherwise
    for (std::size_t i = at; i + 2 < header.size(); ++i) {
        if (header[i] != '\'' && header[i] != '"') continue;
        const bool ordered =
            header[i + 1] == '|' || header[i + 1] == '<' || header[i + 1] == '>' || header[i + 1] == '=';
        const std::size_t type = i + (ordered ? 2 : 1);
        if (header[type] != 'O' || type + 1 >= header.size()) continue;
        const char next = header[type + 1]; // of a name that begins so, a letter
        if (next == header[i] || (next >= '0' && next <= '9')) return true;
    }
    return false;
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
                                const std::string& back) {
    if (front.starts_with(torch_magic))
        return {"PyTorch file", "it is a pickle, as torch wrote it before 1.6"};
    if (std::string kind = container_kind(front, back); !kind.empty())
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
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return lower.ends_with(ending); });
}

ContentLook look_at_content(std::uint64_t size_bytes, const ReadBytes& read) {
    const std::uint64_t length = std::min(size_bytes, look_bytes);
    const std::string front = read(0, static_cast<std::size_t>(length));
    const std::string back =
        size_bytes == length ? front : read(size_bytes - length, static_cast<std::size_t>(length));
    ContentLook look = look_without_pickle(size_bytes, read, front, back);
    if (!look.danger.empty()) return look;
    // Whatever else it is: one file can be several things at once.
    if (const auto pickle = look_for_pickle(size_bytes, read))
        return {"pickle", "it is " + pickle_text(*pickle)};
    return look;
}

} // namespace packager
