#include "packager/content_look.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "manifests/text.hpp"
#include "packager/archive_look.hpp"
#include "packager/container_kinds.hpp"
#include "packager/file_view.hpp"
#include "packager/npy_header.hpp"
#include "packager/onnx.hpp"
#include "packager/pickle.hpp"
#include "packager/zip_look.hpp"

namespace packager {
namespace {

using manifests::escaped;
using manifests::in_quotes;
using namespace std::string_view_literals;

constexpr std::uint64_t look_bytes = 65536;

// The pickled number 0x1950a86a20f9469cfc6c, with which files of torch before 1.6 begin.
constexpr std::string_view torch_magic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 14);
// Behind it are the length in hex and a pickle that zlib made smaller.
constexpr std::string_view old_joblib_magic = "ZF0x";

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
    return "is a pickle of protocol " + std::to_string(pickle.protocol) + names_text(pickle);
}

bool is_torch_data(std::string_view name) {
    return name == "data.pkl" || name.ends_with("/data.pkl");
}

bool is_safetensors(std::uint64_t size_bytes, std::string_view front) {
    constexpr std::size_t brace_at = 8; // behind the length of the header
    return front.size() > brace_at && front[brace_at] == '{' && front.substr(6, 2) == "\0\0"sv &&
           little_number(front, 0, brace_at) <= size_bytes - brace_at;
}

// A danger in a file, or in one inside of it: "'data.pkl' in 'a.zip' in " and "is a pickle".
struct Danger {
    std::string inside;
    std::string what;
};

struct Found {
    std::string kind;
    std::optional<Danger> danger;
    std::string problem = {};
    bool is_torch = false;

    void be(std::string_view what) {
        if (kind.empty()) kind = what;
    }
    void refuse(std::string what) {
        if (!danger) danger = Danger{"", std::move(what)};
    }
    /// It could not be gone through. What is found in spite of that says more.
    void doubt(std::string why) {
        if (problem.empty()) problem = std::move(why);
    }
};

class Looker {
public:
    explicit Looker(LookBudget& budget) : budget_(budget) {}

    /// @param level  how many archives and compressions it is in
    Found look(std::uint64_t size_bytes, const ReadBytes& read, unsigned level) {
        const std::string front = read(0, static_cast<std::size_t>(std::min(size_bytes, look_bytes)));
        if (front.starts_with(torch_magic))
            return {"PyTorch file", Danger{"", "is a pickle, as torch wrote it before 1.6"}};
        if (front.starts_with(old_joblib_magic))
            return {"pickle", Danger{"", "is a pickle, as joblib wrote it before 0.10"}};
        Found found;
        look_for_instructions(size_bytes, read, front, found);
        look_at_containers(size_bytes, read, level, front, found);
        if (is_npy(front)) {
            found.be("npy");
            if (has_objects(front)) found.refuse("is an array of pickled objects");
        }
        if (front.starts_with("GGUF")) found.be("gguf");
        if (is_safetensors(size_bytes, front)) found.be("safetensors");
        if (!found.problem.empty()) found.refuse("cannot be looked through for pickles: " + found.problem);
        if (level == 0 && found.kind.empty() && is_onnx(size_bytes, read)) found.be("onnx");
        return found;
    }

private:
    // The length of a header of safetensors can begin as a pickle does: 640 is 80 02 00. A loader of pickles
    // stops there before anything has happened.
    static void look_for_instructions(std::uint64_t size_bytes, const ReadBytes& read,
                                      const std::string& front, Found& found) {
        const auto pickle = look_for_pickle(size_bytes, read);
        if (!pickle || (pickle->is_inert && is_safetensors(size_bytes, front))) return;
        found.be("pickle");
        found.refuse(pickle_text(*pickle));
    }

    // As everything that it can be for a loader: each has its own way to find out.
    void look_at_containers(std::uint64_t size_bytes, const ReadBytes& read, unsigned level,
                            const std::string& front, Found& found) {
        for (const ContainerKind& container : containers_by_front(front))
            if (!found.danger) look_at_container(container, size_bytes, read, level, found);
        if (!found.danger) look_at_zip(size_bytes, read, level, begins_as_zip(front), found);
        if (found.is_torch) found.kind = "PyTorch archive";
    }

    void look_at_container(const ContainerKind& container, std::uint64_t size_bytes, const ReadBytes& read,
                           unsigned level, Found& found) {
        if (level >= budget_.levels) return refuse_depth(container.kind, found);
        constexpr std::uint64_t no_accident_bytes = 65536;
        std::uint64_t shown_bytes = 0;
        const OnInside on_inside = [&](const std::string& name, std::uint64_t size, const ReadBytes& inside) {
            shown_bytes = size;
            return look_at_member(name, size, inside, level, found);
        };
        const std::string problem =
            container.is_zlib ? look_inside_zlib(size_bytes, read, budget_, on_inside)
                              : look_inside(container.packing, size_bytes, read, budget_, on_inside);
        // Other files that begin so are no such compression, and break off at once.
        const bool is_it = container.is_sure || problem.empty() || shown_bytes >= no_accident_bytes;
        if (is_it || found.danger) found.be(container.kind);
        if (is_it && !problem.empty()) found.doubt(problem);
    }

    void look_at_zip(std::uint64_t size_bytes, const ReadBytes& read, unsigned level, bool begins_so,
                     Found& found) {
        const ZipDirectories directories = find_zip_directories(size_bytes, read);
        if (directories.list.empty() && !begins_so) return;
        found.be("zip");
        if (directories.list.empty()) return found.doubt("it has no directory at its end");
        if (level >= budget_.levels) return refuse_depth("zip", found);
        const OnInside on_inside = [&](const std::string& name, std::uint64_t size, const ReadBytes& inside) {
            return look_at_member(name, size, inside, level, found);
        };
        for (const ZipDirectory& directory : directories.list) {
            if (found.danger) return;
            const std::string problem = look_inside_zip(directory, size_bytes, read, budget_, on_inside);
            if (!problem.empty()) found.doubt(problem);
        }
        if (!directories.all) found.doubt("it has too many directories");
    }

    // @return whether to go on
    bool look_at_member(const std::string& name, std::uint64_t size_bytes, const ReadBytes& read,
                        unsigned level, Found& found) {
        found.is_torch = found.is_torch || is_torch_data(name);
        const std::string where = (name.empty() ? "what is compressed" : in_quotes(name)) + " in ";
        if (const Found inner = look(size_bytes, read, level + 1); inner.danger)
            found.danger = Danger{inner.danger->inside + where, inner.danger->what};
        else if (is_pickle_name(name))
            found.danger = Danger{where, "has the name of a pickle"};
        return !found.danger;
    }

    void refuse_depth(std::string_view kind, Found& found) {
        found.be(kind);
        found.doubt("it is more than " + std::to_string(budget_.levels) + " archives deep");
    }

    LookBudget& budget_;
};

} // namespace

bool is_pickle_name(std::string_view name) {
    constexpr std::array<std::string_view, 5> endings{".pkl", ".pickle", ".joblib", ".dill", ".pckl"};
    const std::string lower = in_lower_case(name);
    return std::any_of(endings.begin(), endings.end(),
                       [&](std::string_view ending) { return lower.ends_with(ending); });
}

ContentLook look_at_content(std::uint64_t size_bytes, const ReadBytes& read, const LookLimits& limits) {
    LookBudget budget(limits);
    const ReadBytes counted = [&](std::uint64_t offset, std::size_t length) {
        budget.note_read(length);
        return read(offset, length);
    };
    const Found found = Looker(budget).look(size_bytes, counted, 0);
    if (!found.danger) return {found.kind, ""};
    return {found.kind, found.danger->inside + "it " + found.danger->what};
}

} // namespace packager
