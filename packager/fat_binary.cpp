// CUDA: cubins and fat binaries.

#include <algorithm>

#include "manifests/error.hpp"
#include "packager/device_code.hpp"
#include "packager/elf_file.hpp"
#include "packager/skip_zeros.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;

constexpr std::uint32_t fat_binary_magic = 0xBA55ED50;
constexpr std::uint64_t fat_header_bytes = 16;
constexpr std::uint64_t least_image_header_bytes = 32; // up to and with the chip's number

[[noreturn]] void damaged(const std::string& text) {
    throw Error(Fault::damaged, text);
}

// An image that is not compressed is a cubin with a header of its own, and both have to say the same.
std::string elf_target(const FileView& file, std::uint64_t offset, std::uint64_t length,
                       const std::string& told) {
    const std::string head = file.bytes(offset, std::min<std::uint64_t>(length, 64), "image");
    if (!head.starts_with(ElfFile::magic)) return told; // compressed
    const ElfFacts facts = read_elf_header(head);
    if (facts.machine != elf_machine::cuda)
        damaged("an image of a fat binary is an ELF file for another machine");
    const auto target = cuda_target(facts);
    if (!target) return told;
    if (*target != told && *target != told + "a")
        damaged("an image of a fat binary is for " + *target + ", its row says " + told);
    return *target;
}

void read_image(const FileView& file, std::uint64_t& at, std::uint64_t end, DeviceCode& code) {
    if (end - at < least_image_header_bytes) damaged("image header of a fat binary is cut short");
    const std::string head = file.bytes(at, least_image_header_bytes, "image header");
    const std::uint64_t kind = little_number(head, 0, 2);
    const std::uint64_t header_bytes = little_number(head, 4, 4);
    const std::uint64_t image_bytes = little_number(head, 8, 8);
    const std::string chip = std::to_string(little_number(head, 28, 4));
    if (header_bytes < least_image_header_bytes || header_bytes > end - at)
        damaged("image header of a fat binary has " + std::to_string(header_bytes) + " bytes");
    at += header_bytes;
    if (image_bytes > end - at) damaged("an image is longer than its fat binary");
    constexpr std::uint64_t ptx = 1, elf = 2;
    ++code.images;
    if (kind == ptx) {
        code.targets.insert("compute_" + chip);
    } else if (kind == elf) {
        code.targets.insert(elf_target(file, at, image_bytes, "sm_" + chip));
    } else {
        code.all_told = false; // other kinds are not described
    }
    at += image_bytes;
}

} // namespace

std::optional<std::string> cuda_target(const ElfFacts& cubin) {
    if (cubin.abi_version == 7) {
        const bool only_this_chip = (cubin.flags & 0x800U) != 0;
        return "sm_" + std::to_string(cubin.flags & 0xffU) + (only_this_chip ? "a" : "");
    }
    if (cubin.abi_version == 8) {
        const bool only_this_chip = (cubin.flags & 0x8U) != 0;
        return "sm_" + std::to_string((cubin.flags >> 8) & 0xffU) + (only_this_chip ? "a" : "");
    }
    return std::nullopt;
}

bool is_fat_binary(std::string_view first_bytes) {
    return first_bytes.size() >= 4 && little_number(first_bytes, 0, 4) == fat_binary_magic;
}

DeviceCode read_fat_binaries(const FileView& file, std::uint64_t offset, std::uint64_t length) {
    DeviceCode code;
    if (!file.contains(offset, length)) damaged("fat binaries are outside of the file");
    const std::uint64_t end = offset + length;
    std::uint64_t at = offset;
    while ((at = skip_zeros(file, at, end)) < end) {
        const std::string head = file.bytes(at, std::min(end - at, fat_header_bytes), "fat binary");
        if (!is_fat_binary(head)) {
            code.all_told = false; // something that is not described
            break;
        }
        if (head.size() < fat_header_bytes) damaged("fat binary is cut short");
        const std::uint64_t header_bytes = little_number(head, 6, 2);
        const std::uint64_t content_bytes = little_number(head, 8, 8);
        if (header_bytes < fat_header_bytes || header_bytes > end - at)
            damaged("header of a fat binary has " + std::to_string(header_bytes) + " bytes");
        at += header_bytes;
        if (content_bytes > end - at) damaged("fat binary is longer than what holds it");
        const std::uint64_t content_end = at + content_bytes;
        while (at < content_end)
            read_image(file, at, content_end, code);
    }
    return code;
}

} // namespace packager
