#include "manifests/oci.hpp"

#include <catch2/catch.hpp>

TEST_CASE("the layout marker is known in any spelling", "[manifests][oci]") {
    CHECK(manifests::is_oci_layout(manifests::oci_layout_bytes()));
    CHECK(manifests::is_oci_layout("{\"imageLayoutVersion\": \"1.0.0\"}\n")); // skopeo 1.9.3
    CHECK(manifests::is_oci_layout(R"({"x":[],"imageLayoutVersion":"1.0.0"})"));
}

TEST_CASE("what is not a layout marker of version 1.0.0 is none", "[manifests][oci]") {
    const char* text =
        GENERATE("", "{}", "1.0.0", "[]", R"({"imageLayoutVersion":"1.0.1"})", R"({"imageLayoutVersion":1})",
                 R"({"imageLayoutVersion":"1.0.0")", R"({"imageLayoutVersion":"1.0.0"}{})",
                 R"({"imageLayoutVersion":"2","imageLayoutVersion":"1.0.0"})",
                 "\xef\xbb\xbf{\"imageLayoutVersion\":\"1.0.0\"}");
    CAPTURE(text);
    CHECK_FALSE(manifests::is_oci_layout(text));
}
