#pragma once
// Paths inside a bundle: clean, relative, and the same file on every file system that a site may have.

#include <string>
#include <string_view>
#include <vector>

namespace manifests {

/// A checked relative path with '/' between its parts. There is no way in but parse(), and only a BundlePath
/// becomes a file name on a site.
class BundlePath {
public:
    static constexpr std::size_t most_bytes =
        1024; ///< whole path; PATH_MAX is 4096, a site adds its own prefix
    static constexpr std::size_t most_name_bytes = 255; ///< one part; NAME_MAX of every Linux file system
    static constexpr std::size_t most_parts = 32;       ///< deeper trees are an attack, not a model

    /// Refuses: empty text or parts, a leading '/', "." and "..", backslashes, control characters, invalid
    /// UTF-8, names that are too long, parts that end in a dot or a space (Windows drops those), and anything
    /// deeper than most_parts.
    /// @throws Error  Fault::damaged, Code::path_unclean
    static BundlePath parse(std::string_view text);

    const std::string& text() const noexcept { return text_; }
    /// Last part.
    std::string_view name() const;
    std::vector<std::string_view> parts() const;
    bool is_inside(std::string_view folder) const;

    friend bool operator==(const BundlePath&, const BundlePath&) = default;
    friend auto operator<=>(const BundlePath&, const BundlePath&) = default;

private:
    explicit BundlePath(std::string text) : text_(std::move(text)) {}
    std::string text_;
};

/// What two paths must not share, for on some file system they would be one: NFD(full case
/// folding(NFD(path))) of Unicode 14, as utf8proc 2.8 knows it. FORMAT.md "Paths".
std::string collision_key(const BundlePath& path);

} // namespace manifests
