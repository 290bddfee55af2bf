#include "manifests/number_types.hpp"

#include <catch2/catch.hpp>

using manifests::compute_type_of;
using manifests::is_number_type;

TEST_CASE("a stored type asks a chip for a number type", "[manifests][number-types]") {
    const auto [stored, computed] = GENERATE(table<std::string, std::string>({
        {"BF16", "bf16"},
        {"F16", "fp16"},
        {"F32", "fp32"},
        {"F64", "fp64"},
        {"F8_E4M3", "fp8"},
        {"F8_E5M2", "fp8"},
        {"F8_E4M3FNUZ", "fp8_fnuz"},
        {"F8_E5M2FNUZ", "fp8_fnuz"},
        {"F6_E2M3", "mxfp6"},
        {"F6_E3M2", "mxfp6"},
        {"F4", "mxfp4"},
        {"I8", "int8"},
    }));
    CAPTURE(stored);
    CHECK(compute_type_of(stored) == computed);
    CHECK(is_number_type(computed));
}

TEST_CASE("what is only stored, or unpacked by the kernel, asks for nothing", "[manifests][number-types]") {
    const std::string stored =
        GENERATE(as<std::string>{}, "Q4_K", "Q8_0", "IQ2_XXS", "MXFP4", "NVFP4", "F8_E8M0", "BOOL", "U8",
                 "I16", "U16", "I32", "U32", "I64", "U64", "C64", "bf16", "f16", "BF16 ", "");
    CAPTURE(stored);
    CHECK_FALSE(compute_type_of(stored).has_value());
}

TEST_CASE("number types have one spelling", "[manifests][number-types]") {
    for (const char* name :
         {"bf16", "fp16", "fp32", "fp64", "fp8", "hif8", "int4", "int8", "mxfp4", "mxfp6", "mxfp8", "nvfp4"})
        CHECK(is_number_type(name));
    for (const char* name : {"", "BF16", "fp8_e4m3", "float16", "int16", "fp", "bf16 "})
        CHECK_FALSE(is_number_type(name));
}
