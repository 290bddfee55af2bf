#include "packager/kernel_facts.hpp"

#include <algorithm>
#include <iterator>

#include "manifests/error.hpp"
#include "packager/device_code.hpp"
#include "packager/elf_file.hpp"
#include "packager/operator_sidecar.hpp"

namespace packager {
namespace {

constexpr std::uint64_t om_header_bytes = 256;
constexpr std::string_view om_magic = "IMOD";

std::vector<std::string> sorted(const std::set<std::string>& texts) {
    return {texts.begin(), texts.end()};
}

struct Container {
    std::string_view section;
    std::string_view format;
    DeviceCode (*read)(const FileView&, std::uint64_t, std::uint64_t);
};
constexpr Container containers[] = {
    {".nv_fatbin", kernel_format::cuda, read_fat_binaries},
    {"__nv_relfatbin", kernel_format::cuda, read_fat_binaries},
    {".hip_fatbin", kernel_format::amdgpu, read_offload_bundles},
};

// A library with code for both kinds of chips has not been seen; the first kind then gives the name.
void add_device_code(const FileView& file, KernelFacts& facts) {
    const ElfFile elf(file);
    DeviceCode code;
    std::string_view format;
    std::uint64_t left = file.size_bytes(); // sections that share their bytes would be work without end
    for (std::uint64_t first = 0; first < elf.section_count();) {
        const std::vector<ElfSection> sections = elf.sections(first);
        first += sections.size();
        for (const ElfSection& section : sections) {
            constexpr std::uint32_t progbits = 1;
            if (section.type != progbits || section.bytes == 0) continue;
            const std::string name = elf.section_name(section);
            const auto* found = std::find_if(std::begin(containers), std::end(containers),
                                             [&](const Container& one) { return one.section == name; });
            if (found == std::end(containers)) continue;
            if (section.bytes > left)
                throw manifests::Error(manifests::Fault::damaged, "sections with device code overlap");
            left -= section.bytes;
            if (format.empty()) format = found->format;
            if (format == found->format) code.add(found->read(file, section.offset, section.bytes));
        }
    }
    if (format.empty()) return;
    facts.format = format;
    facts.what += format == kernel_format::cuda ? " with CUDA code" : " with AMDGPU code";
    facts.targets = sorted(code.targets);
    facts.all_told = code.all_told;
}

bool is_host_machine(const ElfFacts& elf) {
    constexpr std::uint16_t hosts[] = {3,
                                       20,
                                       21,
                                       22,
                                       40, // i386, PowerPC, PowerPC64, S390, Arm
                                       elf_machine::x86_64,
                                       elf_machine::aarch64,
                                       elf_machine::riscv,
                                       elf_machine::loongarch};
    return std::find(std::begin(hosts), std::end(hosts), elf.machine) != std::end(hosts);
}

KernelFacts host_facts(const FileView& file, const ElfFacts& elf) {
    KernelFacts facts;
    facts.host = machine_name(elf);
    facts.abi = loongarch_abi(elf);
    facts.x86_level_needed = elf.x86_level_needed;
    if (elf.type == ElfType::relocatable) {
        facts.format = kernel_format::elf_object;
        facts.what = "object file for " + facts.host;
    } else if (elf.is_program()) {
        facts.format = kernel_format::elf_program;
        facts.what = "program for " + facts.host;
    } else {
        facts.format = kernel_format::elf_shared;
        facts.what = "library for " + facts.host;
    }
    if (elf.elf_class == ElfClass::bits64) add_device_code(file, facts);
    return facts;
}

KernelFacts one_target(std::string_view format, const char* what, const std::optional<std::string>& target) {
    KernelFacts facts;
    facts.format = format;
    facts.what = what;
    if (target) facts.targets.push_back(*target);
    facts.all_told = target.has_value();
    return facts;
}

KernelFacts elf_facts(const FileView& file, const ElfFacts& elf) {
    if (is_host_machine(elf)) return host_facts(file, elf);
    if (elf.machine == elf_machine::cuda)
        return one_target(kernel_format::cuda, "CUDA cubin", cuda_target(elf));
    if (elf.machine == elf_machine::amdgpu)
        return one_target(kernel_format::amdgpu, "AMDGPU code object", amdgpu_target(elf));
    if (elf.machine == elf_machine::ascend)
        return one_target(kernel_format::ascend_object, "Ascend operator object", std::nullopt);
    KernelFacts facts;
    facts.format = kernel_format::unknown;
    facts.what = "ELF file for machine number " + std::to_string(elf.machine);
    facts.all_told = false;
    return facts;
}

KernelFacts container_facts(std::string_view format, const char* what, const DeviceCode& code) {
    KernelFacts facts;
    facts.format = format;
    facts.what = what;
    facts.targets = sorted(code.targets);
    facts.all_told = code.all_told;
    return facts;
}

// Its header has a version of CANN and no chip.
bool is_offline_model(const FileView& file, std::string_view first_bytes) {
    return first_bytes.starts_with(om_magic) && file.size_bytes() >= om_header_bytes &&
           little_number(first_bytes, 4, 4) == om_header_bytes;
}

} // namespace

KernelFacts read_kernel_facts(std::uint64_t size_bytes, const ReadAt& read_at, const ElfFacts* elf) {
    const FileView file(size_bytes, read_at);
    if (elf != nullptr) return elf_facts(file, *elf);
    const std::string first = file.at_most(0, 64, "file");
    if (is_fat_binary(first))
        return container_facts(kernel_format::cuda, "CUDA fat binary",
                               read_fat_binaries(file, 0, size_bytes));
    if (is_offload_bundle(first))
        return container_facts(kernel_format::amdgpu, "AMDGPU offload bundle",
                               read_offload_bundles(file, 0, size_bytes));
    if (is_offline_model(file, first))
        return one_target(kernel_format::ascend_om, "Ascend offline model", std::nullopt);
    if (is_operator_sidecar(file))
        return one_target(kernel_format::ascend_sidecar, "description of an Ascend operator", std::nullopt);
    return one_target(kernel_format::unknown, "file of no known binary format", std::nullopt);
}

KernelFacts read_kernel_facts(std::string_view bytes) {
    const ReadAt read_at = [&](std::uint64_t offset, std::size_t length) {
        return std::string(bytes.substr(static_cast<std::size_t>(offset), length));
    };
    const auto elf = read_elf(bytes.size(), read_at);
    return read_kernel_facts(bytes.size(), read_at, elf ? &*elf : nullptr);
}

} // namespace packager
