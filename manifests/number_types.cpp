#include "manifests/number_types.hpp"

#include <algorithm>
#include <array>

namespace manifests {
namespace {

constexpr std::array<std::string_view, 13> number_types{"bf16",     "fp16",  "fp32", "fp64", "fp8",
                                                        "fp8_fnuz", "hif8",  "int4", "int8", "mxfp4",
                                                        "mxfp6",    "mxfp8", "nvfp4"};

struct Storage {
    std::string_view tensor_type;
    std::string_view number_type;
};
constexpr std::array storages{
    Storage{"BF16", "bf16"},     Storage{"F16", "fp16"},
    Storage{"F32", "fp32"},      Storage{"F64", "fp64"},
    Storage{"F8_E4M3", "fp8"},   Storage{"F8_E4M3FNUZ", "fp8_fnuz"},
    Storage{"F8_E5M2", "fp8"},   Storage{"F8_E5M2FNUZ", "fp8_fnuz"},
    Storage{"F6_E2M3", "mxfp6"}, Storage{"F6_E3M2", "mxfp6"},
    Storage{"F4", "mxfp4"},      Storage{"I8", "int8"},
};

} // namespace

bool is_number_type(std::string_view name) {
    return std::find(number_types.begin(), number_types.end(), name) != number_types.end();
}

std::string_view stand_in_for(std::string_view number_type) {
    return number_type == "fp8" ? "fp8_fnuz" : "";
}

std::optional<std::string> compute_type_of(std::string_view tensor_type) {
    for (const Storage& storage : storages) {
        if (storage.tensor_type == tensor_type) return std::string(storage.number_type);
    }
    return std::nullopt;
}

} // namespace manifests
