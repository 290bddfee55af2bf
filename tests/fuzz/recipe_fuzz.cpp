// Recipe::parse: only Error comes out, and it is Fault::usage: a wrong recipe is a wrong command line.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/recipe.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        const auto recipe = manifests::Recipe::parse({reinterpret_cast<const char*>(data), size});
        demand(!recipe.files.empty(), "a recipe packs something");
        manifests::check_name(recipe.name);
        manifests::check_version(recipe.version);
        for (const auto& file : recipe.files)
            demand(!file.source.empty(), "every file has a source");
        for (const auto& kernel : recipe.kernels) {
            demand(std::is_sorted(kernel.requires_features.begin(), kernel.requires_features.end()),
                   "features are sorted");
        }
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::usage, "a wrong recipe is a wrong command line");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    return 0;
}
