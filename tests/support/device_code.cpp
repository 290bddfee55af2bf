#include "tests/support/device_code.hpp"

#include "tests/support/elf_image.hpp"

namespace tests {
namespace {

void number(std::string& bytes, std::uint64_t value, std::size_t length) {
    for (std::size_t i = 0; i < length; ++i)
        bytes += i < sizeof value ? static_cast<char>((value >> (8 * i)) & 0xff) : '\0';
}

} // namespace

std::string fat_binary(const std::vector<FatImage>& images) {
    std::string content;
    for (const FatImage& image : images) {
        const std::uint64_t padded = (image.content.size() + 7) / 8 * 8;
        number(content, image.kind, 2);
        number(content, 0x101, 2);
        number(content, 64, 4);
        number(content, padded, 8);
        number(content, 0, 12);
        number(content, image.chip, 4);
        content += std::string(32, '\0') + image.content;
        content.resize(content.size() + padded - image.content.size());
    }
    std::string bytes;
    number(bytes, 0xBA55ED50, 4);
    number(bytes, 1, 2);
    number(bytes, 16, 2);
    number(bytes, content.size(), 8);
    return bytes + content;
}

std::string offload_bundle(const std::vector<std::pair<std::string, std::string>>& entries) {
    std::string head = "__CLANG_OFFLOAD_BUNDLE__";
    number(head, entries.size(), 8);
    std::uint64_t at = head.size();
    for (const auto& [id, content] : entries)
        at += 24 + id.size();
    std::string contents;
    for (const auto& [id, content] : entries) {
        number(head, at + contents.size(), 8);
        number(head, content.size(), 8);
        number(head, id.size(), 8);
        head += id;
        contents += content;
    }
    return head + contents;
}

std::string cubin(std::uint32_t chip, bool only_this_chip) {
    ElfImage image;
    image.machine = 190;
    image.type = 2;
    image.os_abi = 0x33;
    image.abi_version = 8;
    image.flags = 0x06000004U | (chip << 8) | (only_this_chip ? 8U : 0U);
    return make_elf(image).bytes;
}

std::string code_object(std::uint32_t mach) {
    ElfImage image;
    image.machine = 224;
    image.os_abi = 64;
    image.abi_version = 2;
    image.flags = mach;
    return make_elf(image).bytes;
}

std::string ascend_object(const std::string& payload) {
    ElfImage image;
    image.machine = 0x1029;
    image.type = 2;
    image.flags = 0x940000;
    image.payload = payload;
    return make_elf(image).bytes;
}

} // namespace tests
