#pragma once
// A folder of one test's own, gone with it.

#include <string>
#include <string_view>

namespace tests {

class TempDir {
public:
    /// Makes an empty folder with mode 0700 under $TMPDIR or /tmp.
    TempDir();
    ~TempDir();
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::string& path() const noexcept { return path_; }
    /// The path of `name` inside; nothing is made.
    std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

private:
    std::string path_;
};

} // namespace tests
