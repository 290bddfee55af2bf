#include "packager/abi_needs.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

namespace packager {
namespace {

using manifests::Role;

bool is_binary_role(Role role) {
    return role == Role::engine || role == Role::kernel;
}

bool is_host_architecture(const std::string& name) {
    constexpr const char* names[] = {"aarch64", "loongarch64", "riscv64", "x86_64"};
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

// Names under which the dynamic linker finds a library that the bundle has.
std::set<std::string> carried_libraries(const Inputs& inputs) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < inputs.files.size(); ++i) {
        const ElfFacts* elf = inputs.elf_of(i);
        if (elf == nullptr || !is_binary_role(inputs.files[i].role)) continue;
        names.insert(elf->soname.empty() ? std::string(inputs.files[i].path.name()) : elf->soname);
    }
    return names;
}

bool is_loaded_by_host(const ElfFacts& elf, const std::string& architecture) {
    const std::string machine = machine_name(elf);
    return architecture.empty() ? is_host_architecture(machine) : machine == architecture;
}

} // namespace

bool is_device_code(const ElfFacts& elf) {
    return elf.machine == elf_machine::cuda || elf.machine == elf_machine::amdgpu ||
           elf.machine == elf_machine::ascend;
}

std::string engine_architecture(const Inputs& inputs) {
    std::string other;
    for (std::size_t i = 0; i < inputs.files.size(); ++i) {
        const ElfFacts* elf = inputs.elf_of(i);
        if (elf == nullptr || inputs.files[i].role != Role::engine) continue;
        std::string name = machine_name(*elf);
        if (is_host_architecture(name)) return name;
        if (other.empty() && !is_device_code(*elf)) other = std::move(name);
    }
    return other;
}

std::vector<manifests::AbiNeed> abi_needs(const Inputs& inputs) {
    const std::string architecture = engine_architecture(inputs);
    const std::set<std::string> carried = carried_libraries(inputs);
    std::map<std::string, std::string> highest;
    for (std::size_t i = 0; i < inputs.files.size(); ++i) {
        const ElfFacts* elf = inputs.elf_of(i);
        if (elf == nullptr || !is_binary_role(inputs.files[i].role)) continue;
        if (!is_loaded_by_host(*elf, architecture)) continue;
        for (const ElfVersionNeed& need : elf->version_needs) {
            if (carried.contains(need.library)) continue;
            for (const char* prefix : {"CXXABI", "GLIBC", "GLIBCXX"}) {
                const auto version = minimum_version(need, prefix);
                if (!version) continue;
                std::string& known = highest[prefix];
                if (known.empty() || is_lower_version(known, *version)) known = *version;
            }
        }
    }
    std::vector<manifests::AbiNeed> needs;
    for (const auto& [name, version] : highest)
        needs.push_back({name, version});
    return needs;
}

} // namespace packager
