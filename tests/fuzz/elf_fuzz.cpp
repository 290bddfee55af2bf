// read_elf: only Error comes out, with Fault::damaged; nothing is asked for beyond the end of the file or in
// pieces larger than the file; whatever is accepted can go into a document, and reads the same again.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/elf.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void check(const packager::ElfFacts& facts) {
    const auto clean = [](const std::string& text) {
        demand(manifests::escaped(text, text.size() + 1) == text, "names can be shown as they are");
    };
    clean(facts.soname);
    clean(facts.interpreter);
    clean(facts.run_path);
    std::for_each(facts.needed.begin(), facts.needed.end(), clean);
    for (const auto& need : facts.version_needs) {
        clean(need.library);
        std::for_each(need.versions.begin(), need.versions.end(), clean);
        demand(std::is_sorted(need.versions.begin(), need.versions.end()), "versions are sorted");
    }
    for (const char* prefix : {"GLIBC", "GLIBCXX", "CXXABI"}) {
        const auto minimum = packager::minimum_version(facts, prefix);
        if (minimum) demand(!packager::is_lower_version(*minimum, *minimum), "nothing is lower than itself");
    }
    demand(!packager::machine_name(facts).empty(), "every machine has a name");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto read_at = [&](std::uint64_t offset, std::size_t length) {
        demand(offset <= bytes.size() && length <= bytes.size() - offset, "reads stay inside of the file");
        return std::string(bytes.substr(static_cast<std::size_t>(offset), length));
    };
    try {
        const auto facts = packager::read_elf(bytes.size(), read_at);
        demand(facts.has_value() == bytes.starts_with("\x7f"
                                                      "ELF"),
               "the magic bytes decide");
        if (facts) check(*facts);
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    return 0;
}
