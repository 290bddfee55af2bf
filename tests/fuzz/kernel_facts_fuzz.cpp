// Kernel facts, entry points and operator descriptions: only Error comes out, with Fault::damaged; nothing is
// asked for beyond the end of the file; work stays in proportion to the file; what comes out can go into a
// document, and whoever accepts a chip can name the bytes that say so.

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/elf_symbols.hpp"
#include "packager/kernel_facts.hpp"
#include "packager/operator_sidecar.hpp"
#include "packager/target_rules.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

bool holds(std::string_view bytes, std::string_view part) {
    return bytes.find(part) != std::string_view::npos;
}

// An independent and coarse look: a chip is named only where the marks of such files are.
void check_origin(std::string_view bytes, const packager::KernelFacts& facts) {
    if (facts.targets.empty()) return;
    const bool has_elf = holds(bytes, "\x7f"
                                      "ELF");
    if (facts.format == "cuda") demand(has_elf || holds(bytes, "\x50\xed\x55\xba"), "CUDA's marks are there");
    if (facts.format == "amdgpu")
        demand(has_elf || holds(bytes, "__CLANG_OFFLOAD_BUNDLE__"), "AMDGPU's marks are there");
    demand(facts.format == "cuda" || facts.format == "amdgpu", "no other bytes name a chip");
}

void check(std::string_view bytes, const packager::KernelFacts& facts) {
    demand(!facts.format.empty() && !facts.what.empty(), "everything has a name, if only 'unknown'");
    demand(std::is_sorted(facts.targets.begin(), facts.targets.end()), "targets are sorted");
    for (const std::string& target : facts.targets) {
        demand(manifests::escaped(target, target.size() + 1) == target, "targets can be shown as they are");
        demand(target.starts_with("sm_") || target.starts_with("compute_") || target.starts_with("gfx"),
               "targets are chips");
        demand(packager::runs_on(target, target), "code runs on its own chip");
    }
    check_origin(bytes, facts);
}

template<typename Act>
void only_damaged(const Act& act) {
    try {
        act();
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    std::uint64_t asked = 0;
    const packager::ReadAt read_at = [&](std::uint64_t offset, std::size_t length) {
        demand(offset <= bytes.size() && length <= bytes.size() - offset, "reads stay inside of the file");
        asked += length;
        return std::string(bytes.substr(static_cast<std::size_t>(offset), length));
    };
    only_damaged([&] {
        const auto elf = packager::read_elf(size, read_at);
        check(bytes, packager::read_kernel_facts(size, read_at, elf ? &*elf : nullptr));
    });
    only_damaged([&] {
        std::uint64_t name_bytes = 0;
        packager::for_each_export(size, read_at, [&](std::string_view name) { name_bytes += name.size(); });
        demand(name_bytes <= 16 * size + (1U << 20), "names are no more than the file has room for");
    });
    only_damaged([&] {
        const auto sidecar = packager::read_operator_sidecar(bytes);
        demand(sidecar.file_name.find('/') == std::string::npos, "an object is beside its description");
    });
    demand(asked <= 200 * (size + 65'536), "work stays in proportion");
    return 0;
}
