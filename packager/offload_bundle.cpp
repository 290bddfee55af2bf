// AMDGPU: code objects, and the bundles that clang puts them into.

#include <algorithm>
#include <iterator>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/device_code.hpp"
#include "packager/elf_file.hpp"
#include "packager/skip_zeros.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

constexpr std::string_view bundle_magic = "__CLANG_OFFLOAD_BUNDLE__";
constexpr std::string_view compressed_magic = "CCOB";
constexpr std::uint64_t most_entries = 4096; // one for each chip; ROCm's libraries have some twenty
constexpr std::uint64_t most_id_bytes = 1024;

struct Mach {
    std::uint32_t number;
    const char* name;
};
constexpr Mach machs[] = {
    {0x20, "gfx600"},          {0x21, "gfx601"},         {0x22, "gfx700"},       {0x23, "gfx701"},
    {0x24, "gfx702"},          {0x25, "gfx703"},         {0x26, "gfx704"},       {0x28, "gfx801"},
    {0x29, "gfx802"},          {0x2a, "gfx803"},         {0x2b, "gfx810"},       {0x2c, "gfx900"},
    {0x2d, "gfx902"},          {0x2e, "gfx904"},         {0x2f, "gfx906"},       {0x30, "gfx908"},
    {0x31, "gfx909"},          {0x32, "gfx90c"},         {0x33, "gfx1010"},      {0x34, "gfx1011"},
    {0x35, "gfx1012"},         {0x36, "gfx1030"},        {0x37, "gfx1031"},      {0x38, "gfx1032"},
    {0x39, "gfx1033"},         {0x3a, "gfx602"},         {0x3b, "gfx705"},       {0x3c, "gfx805"},
    {0x3d, "gfx1035"},         {0x3e, "gfx1034"},        {0x3f, "gfx90a"},       {0x40, "gfx940"},
    {0x41, "gfx1100"},         {0x42, "gfx1013"},        {0x43, "gfx1150"},      {0x44, "gfx1103"},
    {0x45, "gfx1036"},         {0x46, "gfx1101"},        {0x47, "gfx1102"},      {0x48, "gfx1200"},
    {0x49, "gfx1250"},         {0x4a, "gfx1151"},        {0x4b, "gfx941"},       {0x4c, "gfx942"},
    {0x4e, "gfx1201"},         {0x4f, "gfx950"},         {0x51, "gfx9-generic"}, {0x52, "gfx10-1-generic"},
    {0x53, "gfx10-3-generic"}, {0x54, "gfx11-generic"},  {0x55, "gfx1152"},      {0x58, "gfx1153"},
    {0x59, "gfx12-generic"},   {0x5f, "gfx9-4-generic"},
};

[[noreturn]] void damaged(const std::string& text) {
    throw Error(Fault::damaged, text);
}

// "hipv4-amdgcn-amd-amdhsa--gfx90a:sramecc+:xnack-" is for gfx90a; what follows the colon are settings of it.
std::string processor_of(std::string_view id) {
    constexpr std::string_view triple = "amdgcn-amd-amdhsa-";
    const std::size_t found = id.find(triple);
    if (found == std::string_view::npos) return "";
    id.remove_prefix(found + triple.size());
    if (id.starts_with('-')) id.remove_prefix(1);
    return std::string(id.substr(0, id.find(':')));
}

bool is_clean_processor(std::string_view name) {
    return name.starts_with("gfx") && name.size() <= 32 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

struct Entry {
    std::uint64_t offset; // from the start of the bundle
    std::uint64_t length;
    std::string id;
};

// The code object that an entry points to has the chip in its own header.
void check_entry(const FileView& file, std::uint64_t at, const Entry& entry, const std::string& processor) {
    const std::string head = file.bytes(at, std::min<std::uint64_t>(entry.length, 64), "code object");
    if (!head.starts_with(ElfFile::magic)) return; // bitcode
    const ElfFacts facts = read_elf_header(head);
    const auto told = facts.machine == elf_machine::amdgpu ? amdgpu_target(facts) : std::nullopt;
    if (told && *told != processor)
        damaged("a code object is for " + *told + ", its bundle says " + processor);
}

void read_entry(const FileView& file, std::uint64_t bundle, std::uint64_t end, const Entry& entry,
                DeviceCode& code) {
    if (entry.offset > end - bundle || entry.length > end - bundle - entry.offset)
        damaged("a code object is outside of its offload bundle");
    if (entry.id.starts_with("host")) return;
    ++code.images;
    const std::string processor = processor_of(entry.id);
    if (!is_clean_processor(processor)) {
        code.all_told = false;
        return;
    }
    check_entry(file, bundle + entry.offset, entry, processor);
    code.targets.insert(processor);
}

// @return where the bundle ends
std::uint64_t read_bundle(const FileView& file, std::uint64_t bundle, std::uint64_t end, DeviceCode& code) {
    std::uint64_t at = bundle + bundle_magic.size();
    const auto take = [&](std::uint64_t length, const char* what) {
        if (length > end - at) damaged(std::string("offload bundle is cut short in its ") + what);
        std::string bytes = file.bytes(at, length, what);
        at += length;
        return bytes;
    };
    const std::uint64_t count = little_number(take(8, "count"), 0, 8);
    if (count > most_entries) damaged("offload bundle claims " + std::to_string(count) + " entries");
    std::uint64_t last = at;
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string head = take(24, "entries");
        const std::uint64_t id_bytes = little_number(head, 16, 8);
        if (id_bytes > most_id_bytes)
            damaged("offload bundle has an id of " + std::to_string(id_bytes) + " bytes");
        const Entry entry{little_number(head, 0, 8), little_number(head, 8, 8), take(id_bytes, "ids")};
        read_entry(file, bundle, end, entry, code);
        last = std::max(last, bundle + entry.offset + entry.length);
    }
    return std::max(last, at);
}

} // namespace

void DeviceCode::add(const DeviceCode& other) {
    targets.insert(other.targets.begin(), other.targets.end());
    images += other.images;
    all_told = all_told && other.all_told;
}

std::optional<std::string> amdgpu_target(const ElfFacts& code_object) {
    const std::uint32_t number = code_object.flags & 0xffU;
    const auto* found = std::find_if(std::begin(machs), std::end(machs),
                                     [&](const Mach& mach) { return mach.number == number; });
    if (found == std::end(machs)) return std::nullopt;
    return found->name;
}

bool is_offload_bundle(std::string_view first_bytes) {
    return first_bytes.starts_with(bundle_magic) || first_bytes.starts_with(compressed_magic);
}

DeviceCode read_offload_bundles(const FileView& file, std::uint64_t offset, std::uint64_t length) {
    DeviceCode code;
    if (!file.contains(offset, length)) damaged("offload bundles are outside of the file");
    const std::uint64_t end = offset + length;
    std::uint64_t at = offset;
    while ((at = skip_zeros(file, at, end)) < end) {
        const std::string head = file.bytes(at, std::min(end - at, bundle_magic.size()), "offload bundle");
        if (head != bundle_magic) {
            // Compressed, or something that is not described. How long it is, or what follows, is not told.
            code.images += head.starts_with(compressed_magic) ? 1 : 0;
            code.all_told = false;
            break;
        }
        at = read_bundle(file, at, end, code);
    }
    return code;
}

} // namespace packager
