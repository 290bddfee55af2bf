#include "runtime/entry_name.hpp"

#include <catch2/catch.hpp>

#include "manifests/oci.hpp"

using manifests::Digest;
using manifests::ItemKind;
using manifests::LayoutItem;
using runtime::shortened;

TEST_CASE("names of entries stay different when they are shortened", "[runtime][bundle_file]") {
    const Digest digest = Digest::of("oci-layout"); // of the blob with these bytes
    CHECK(shortened(manifests::blob_name(digest)).digest == shortened("oci-layout").digest);
    CHECK(shortened(manifests::blob_name(digest)) != shortened("oci-layout"));
    CHECK(shortened(manifests::blob_name(digest)) == shortened("blobs/sha256/" + digest.hex()));
    for (const std::string& name :
         {std::string("blobs/sha256/"), "blobs/sha256/" + digest.hex() + "0", "blobs/sha512/" + digest.hex(),
          "blobs/sha256/" + std::string(64, 'A'), "blobs/sha256/" + std::string(64, 'g')}) {
        CAPTURE(name);
        CHECK_FALSE(shortened(name).is_blob);
    }
}

TEST_CASE("the planned names are those of the entries and no others", "[runtime][bundle_file]") {
    const std::vector<LayoutItem> items{{ItemKind::layout_marker, 0, 30, Digest::from_bytes({})},
                                        {ItemKind::index, 0, 300, Digest::from_bytes({})},
                                        {ItemKind::profile, 0, 1000, Digest::of("profile")},
                                        {ItemKind::file, 0, 100'000, Digest::of("a")},
                                        {ItemKind::file, 1, 200'000, Digest::of("b")}};
    const manifests::TarLayout plan = manifests::plan_tar(items);
    REQUIRE(plan.entries.size() == items.size() + 2);
    const runtime::PlannedNames names(plan, items);
    for (const manifests::TarEntry& entry : plan.entries)
        CHECK(names.contains(entry.name(items)));
    for (const std::string& name :
         {std::string(), std::string("blobs"), std::string("index.json2"),
          manifests::blob_name(Digest::of("c")), manifests::blob_name(Digest::from_bytes({})),
          manifests::padding_name(0), manifests::padding_name(3), std::string("sealift-padding/1"),
          std::string("sealift-padding/"), std::string("sealift-padding/00000001x"),
          std::string("x/00000001")}) {
        CAPTURE(name);
        CHECK_FALSE(names.contains(name));
    }
}
