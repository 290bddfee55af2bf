// What a profile asks of the host: its processor, and the kernel binaries that are loaded into its memory.

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "manifests/profile_reader.hpp"
#include "manifests/text.hpp"

namespace manifests::profile_reader {
namespace {

constexpr std::array<std::string_view, 3> architectures{"aarch64", "loongarch64", "x86_64"};

std::string read_architecture(Fields& fields, std::string_view member) {
    std::string architecture = fields.text(member);
    if (std::find(architectures.begin(), architectures.end(), architecture) == architectures.end()) {
        refuse_document("member " + in_quotes(member) + " is " + in_quotes(architecture) +
                        ", wanted 'x86_64', 'aarch64' or 'loongarch64'");
    }
    return architecture;
}

CpuModelRange read_model(const Json& value) {
    Fields fields(value);
    const CpuModelRange range{.family = fields.count("family"),
                              .first_model = fields.count("first_model"),
                              .last_model = fields.count("last_model")};
    fields.refuse_others();
    if (range.first_model > range.last_model) {
        refuse_document("model range " + std::to_string(range.first_model) + " to " +
                        std::to_string(range.last_model) + " is empty");
    }
    return range;
}

std::vector<CpuModelRange> read_models(const Json& list) {
    std::vector<CpuModelRange> models;
    for (const Json& value : list) {
        const CpuModelRange range = read_model(value);
        if (!models.empty()) {
            const CpuModelRange& before = models.back();
            const bool rises = before.family < range.family ||
                               (before.family == range.family && before.last_model < range.first_model);
            if (!rises) refuse_document("model ranges overlap or do not rise");
        }
        models.push_back(range);
    }
    return models;
}

KernelFormat read_format(const Json& value, Sources& sources) {
    Fields fields(value);
    KernelFormat format{.format = fields.text("format"),
                        .targets = names_or_none(fields, "targets"),
                        .target_in_bytes = fields.flag_or("target_in_bytes", false),
                        .source = sources.named_by(fields)};
    fields.refuse_others();
    if (!is_profile_id(format.format))
        refuse_document("kernel format " + in_quotes(format.format) + " is not clean");
    if (format.target_in_bytes && format.targets.empty()) {
        refuse_document("the bytes of format " + in_quotes(format.format) +
                        " tell their target, but no target is named");
    }
    return format;
}

void check_names(const std::vector<std::string>& names) {
    std::set<std::string> seen;
    for (const std::string& name : names) {
        if (name.empty() || name.find('/') != std::string::npos) {
            refuse_document("kernel name " + in_quotes(name) + " is not a file name");
        }
        if (!seen.insert(name).second) refuse_document("kernel name " + in_quotes(name) + " is given twice");
    }
}

// Libraries for the host's processor; left out when an accelerator's kernels are all there is.
void read_host_kernels(Fields& fields, const CpuRequirement& cpu, Sources& sources, KernelRule& kernels) {
    kernels.elf_machine = read_architecture(fields, "elf_machine");
    kernels.names = fields.texts("names");
    kernels.features = fields.texts("features");
    kernels.source = sources.named_by(fields);
    if (kernels.elf_machine != cpu.architecture) {
        refuse_document("'elf_machine' is " + in_quotes(kernels.elf_machine) + ", the processor is " +
                        (cpu.architecture.empty() ? "not named" : in_quotes(cpu.architecture)));
    }
    check_names(kernels.names);
    check_features(kernels.features);
    for (const std::string& feature : kernels.features) {
        if (std::binary_search(cpu.features.begin(), cpu.features.end(), feature)) continue;
        refuse_document("kernels may require " + in_quotes(feature) + ", which 'cpu' does not");
    }
}

} // namespace

CpuRequirement read_cpu(const Json& value, Sources& sources) {
    Fields fields(value);
    CpuRequirement cpu;
    cpu.architecture = read_architecture(fields, "architecture");
    cpu.vendors = names_or_none(fields, "vendors");
    if (const Json* models = some_list(fields, "models")) cpu.models = read_models(*models);
    cpu.identity_blocks = fields.flag_or("identity_blocks", false);
    cpu.features = fields.texts("features");
    check_features(cpu.features);
    cpu.source = sources.named_by(fields);
    const bool has_identity = !cpu.vendors.empty() || !cpu.models.empty();
    if (has_identity) cpu.identity_source = sources.named_by(fields, "identity_source");
    if (!has_identity && cpu.identity_blocks) {
        refuse_document("'identity_blocks' is true, but no vendors or models are named");
    }
    fields.refuse_others();
    return cpu;
}

KernelRule read_kernels(const Json& value, const CpuRequirement& cpu, Sources& sources) {
    Fields fields(value);
    KernelRule kernels;
    const Json* const formats = some_list(fields, "formats");
    if (formats == nullptr || fields.has("elf_machine")) read_host_kernels(fields, cpu, sources, kernels);
    if (formats != nullptr) {
        std::vector<std::string> order;
        for (const Json& format : *formats) {
            kernels.formats.push_back(read_format(format, sources));
            order.push_back(kernels.formats.back().format);
        }
        must_rise(order, "kernel format");
    }
    fields.refuse_others();
    return kernels;
}

} // namespace manifests::profile_reader
