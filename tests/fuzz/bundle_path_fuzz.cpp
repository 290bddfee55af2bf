// BundlePath::parse: only Error comes out; what is accepted is the text as given, its parts make it up again,
// and joined to a folder it stays inside.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "manifests/bundle_path.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void check_accepted(const manifests::BundlePath& path, std::string_view text) {
    demand(path.text() == text, "an accepted path is the text that was given");
    std::string joined;
    for (const std::string_view part : path.parts()) {
        demand(!part.empty() && part != "." && part != "..", "no part is empty, '.' or '..'");
        joined += (joined.empty() ? "" : "/") + std::string(part);
    }
    demand(joined == text, "the parts make up the path");
    demand(path.parts().back() == path.name(), "the name is the last part");
    const std::filesystem::path real(path.text());
    demand(real.is_relative() && real.lexically_normal() == real,
           "the path is clean for the C++ library too");
    demand(manifests::escaped(text, 8192).find("\\x") == std::string::npos, "no control characters");
    const auto key = manifests::BundlePath::parse(manifests::collision_key(path));
    demand(manifests::collision_key(key) == key.text(), "a collision key is its own key");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        check_accepted(manifests::BundlePath::parse(text), text);
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(error.code() == manifests::Code::path_unclean, "a refused path says so");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    return 0;
}
