#include "packager/inspect_binary.hpp"

#include <array>
#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/device_code.hpp"
#include "packager/elf_symbols.hpp"
#include "packager/model_source.hpp"
#include "packager/operator_sidecar.hpp"
#include "runtime/program.hpp"

namespace packager {
namespace {

using manifests::count_text;
using manifests::escaped;
using manifests::OrderedJson;

constexpr std::array<const char*, 3> abi_names{"CXXABI", "GLIBC", "GLIBCXX"};

struct Binary {
    std::string path;
    std::uint64_t size_bytes = 0;
    std::optional<ElfFacts> elf = {};
    KernelFacts kernel = {};
    std::uint64_t exports = 0;
    std::vector<std::string> first_exports = {};
    manifests::Report report = {}; ///< where it is not empty, some of the above is not read
};

void read_exports(Binary& binary, const ReadAt& read_at) {
    constexpr std::size_t most_names = 32;
    if (!binary.elf || binary.elf->elf_class != ElfClass::bits64) return;
    for_each_export(binary.size_bytes, read_at, [&](std::string_view name) {
        ++binary.exports;
        if (binary.first_exports.size() < most_names) binary.first_exports.emplace_back(name);
    });
}

Binary read_binary(const std::string& path) {
    const runtime::BlobAt blob = model_files_beside(path).at(0).open();
    const ReadAt read_at = reader_of(blob);
    Binary binary{.path = path, .size_bytes = blob.size_bytes};
    try {
        binary.elf = read_elf(blob.size_bytes, read_at);
        binary.kernel = read_kernel_facts(blob.size_bytes, read_at, binary.elf ? &*binary.elf : nullptr);
        read_exports(binary, read_at);
    } catch (const manifests::Error& error) {
        if (error.fault() != manifests::Fault::damaged) throw;
        binary.report.add({manifests::Code::fit_kernel, path, error.what(),
                           "fetch or build the file again; what loads it would refuse it or do worse"});
    }
    return binary;
}

std::string hex(std::uint32_t value) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "0x%x", value);
    return text.data();
}

std::string_view name_of(ElfType type) {
    constexpr std::array<std::string_view, 5> names{"relocatable", "executable", "shared", "core", "other"};
    return names.at(static_cast<std::size_t>(type));
}

std::string joined(const std::vector<std::string>& texts, const char* between = " ") {
    std::string all;
    for (const std::string& text : texts)
        all += (all.empty() ? "" : between) + escaped(text);
    return all;
}

std::string machine_text(const ElfFacts& elf) {
    return machine_name(elf) + ", ELF machine " + std::to_string(elf.machine) + ", flags " + hex(elf.flags) +
           ", ABI " + std::to_string(elf.os_abi) + " version " + std::to_string(elf.abi_version) +
           (elf.elf_class == ElfClass::bits32 ? ", 32 bits" : "") +
           (elf.byte_order == ElfByteOrder::big ? ", big-endian" : "");
}

std::string chips_text(const KernelFacts& kernel) {
    if (!kernel.host.empty() && kernel.targets.empty() && kernel.all_told) return ""; // no device code
    if (kernel.targets.empty()) return "not told by its bytes";
    return joined(kernel.targets) + (kernel.all_told ? "" : ", and code whose chip is not told");
}

std::string minimum_text(const ElfFacts& elf) {
    std::string text;
    for (const char* name : abi_names)
        if (const auto version = minimum_version(elf, name))
            text += (text.empty() ? "" : ", ") + std::string(name) + " " + escaped(*version);
    return text;
}

std::string exports_text(const Binary& binary) {
    constexpr std::size_t shown = 8;
    if (!binary.elf || !binary.report.passed()) return "";
    if (binary.exports == 0) return "none";
    std::vector<std::string> names = binary.first_exports;
    if (names.size() > shown) names.resize(shown);
    return count_text(binary.exports) + ": " + joined(names) + (binary.exports > names.size() ? " ..." : "");
}

std::string text_of(const Binary& binary) {
    std::string text;
    const auto add = [&](const std::string& name, const std::string& what) {
        constexpr std::size_t column = 14;
        if (!what.empty()) text += name + std::string(column - name.size(), ' ') + what + "\n";
    };
    const KernelFacts& kernel = binary.kernel;
    add("file", escaped(binary.path, 4096) + ", " + manifests::size_text(binary.size_bytes));
    add("is", escaped(kernel.what));
    add("format", kernel.format);
    if (binary.elf) add("machine", machine_text(*binary.elf));
    if (!kernel.format.empty()) add("chips", chips_text(kernel));
    add("ABI", escaped(kernel.abi));
    if (binary.elf) {
        add("interpreter", escaped(binary.elf->interpreter));
        add("name", escaped(binary.elf->soname));
        add("needs", joined(binary.elf->needed));
        add("at least", minimum_text(*binary.elf));
        if (binary.elf->x86_level_needed != 0)
            add("demands", "x86-64-v" + std::to_string(binary.elf->x86_level_needed));
        add("looks in", escaped(binary.elf->run_path));
    }
    add("entry points", exports_text(binary));
    return text;
}

OrderedJson texts_json(const std::vector<std::string>& texts) {
    OrderedJson list = OrderedJson::array();
    for (const std::string& text : texts)
        list.push_back(runtime::json_text(text));
    return list;
}

OrderedJson elf_json(const ElfFacts& elf) {
    OrderedJson minimum = OrderedJson::object();
    for (const char* name : abi_names)
        if (const auto version = minimum_version(elf, name)) minimum[name] = *version;
    OrderedJson versions = OrderedJson::array();
    for (const ElfVersionNeed& need : elf.version_needs)
        versions.push_back(
            {{"library", runtime::json_text(need.library)}, {"versions", texts_json(need.versions)}});
    return {{"bits", elf.elf_class == ElfClass::bits64 ? 64 : 32},
            {"byte_order", elf.byte_order == ElfByteOrder::little ? "little" : "big"},
            {"type", name_of(elf.type)},
            {"machine", elf.machine},
            {"machine_name", machine_name(elf)},
            {"flags", elf.flags},
            {"os_abi", elf.os_abi},
            {"abi_version", elf.abi_version},
            {"interpreter", runtime::json_text(elf.interpreter)},
            {"soname", runtime::json_text(elf.soname)},
            {"needed", texts_json(elf.needed)},
            {"run_path", runtime::json_text(elf.run_path)},
            {"version_needs", std::move(versions)},
            {"minimum", std::move(minimum)},
            {"x86_level_needed", elf.x86_level_needed}};
}

OrderedJson json_of(const Binary& binary) {
    return {{"schema", "sealift.binary/1"},
            {"path", runtime::json_text(binary.path)},
            {"size_bytes", binary.size_bytes},
            {"format", binary.kernel.format},
            {"what", runtime::json_text(binary.kernel.what)},
            {"targets", texts_json(binary.kernel.targets)},
            {"targets_all_told", binary.kernel.all_told},
            {"elf", binary.elf ? elf_json(*binary.elf) : OrderedJson(nullptr)},
            {"exports", {{"count", binary.exports}, {"first", texts_json(binary.first_exports)}}},
            {"findings", runtime::report_json(binary.report)}};
}

} // namespace

bool is_binary(std::string_view name, std::uint64_t size_bytes, const ReadAt& read_at) {
    const FileView file(size_bytes, read_at);
    const std::string first = file.at_most(0, 64, "file");
    return first.starts_with("\x7f"
                             "ELF") ||
           first.starts_with("IMOD") || is_fat_binary(first) || is_offload_bundle(first) ||
           (name.ends_with(".json") && is_operator_sidecar(file));
}

int inspect_binary(const std::string& path, const runtime::OutputOptions& output) {
    const Binary binary = read_binary(path);
    if (output.format == runtime::Format::json) {
        runtime::print_json(json_of(binary));
    } else {
        runtime::print(text_of(binary));
        runtime::print_report(binary.report, output);
    }
    return static_cast<int>(binary.report.passed() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace packager
