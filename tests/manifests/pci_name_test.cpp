#include "manifests/pci_name.hpp"

#include <string>

#include <catch2/catch.hpp>

TEST_CASE("addresses on PCI are spelled as Linux spells them", "[manifests][pci_name]") {
    const std::string good = GENERATE(as<std::string>{}, "0000:c1:00.0", "10000:00:04.0", "ffffffff:ff:1f.7");
    CAPTURE(good);
    CHECK(manifests::is_pci_address(good));
    const std::string bad = GENERATE(as<std::string>{}, "", ":", "c1:00.0", "000:c1:00.0", "0000:C1:00.0",
                                     "0000:c1:00", "0000:c1:00.0 ", "0000:c1-00.0", "0000:c1:00:0",
                                     "123456789:00:00.0", "0000:c1:0g.0", "0000:c1:00.10");
    CAPTURE(bad);
    CHECK_FALSE(manifests::is_pci_address(bad));
}

TEST_CASE("ids on PCI are vendor and device", "[manifests][pci_name]") {
    CHECK(manifests::is_pci_id("19e5:d802"));
    const std::string bad =
        GENERATE(as<std::string>{}, "", "19e5", "19e5-d802", "19E5:d802", "19e5:d8020", "0x19e5:d802");
    CAPTURE(bad);
    CHECK_FALSE(manifests::is_pci_id(bad));
}
