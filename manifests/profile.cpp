#include "manifests/profile.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "manifests/version_range.hpp"

namespace manifests {
namespace {

// A profile is a page of text; the largest we have is under 4 kB.
constexpr JsonRules rules{.most_bytes = 1ULL << 20, .most_depth = 8, .most_members = 100};

using Kind = SoftwareRequirement::Kind;
constexpr std::array<std::string_view, 4> kind_names{"driver", "firmware", "toolkit", "operating_system"};

bool is_lower_hex(std::string_view text) {
    return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void must_rise(const std::vector<std::string>& list, const std::string& what) {
    for (std::size_t i = 1; i < list.size(); ++i) {
        if (list[i - 1] < list[i]) continue;
        refuse_document(what + " " + in_quotes(list[i]) + " comes after " + in_quotes(list[i - 1]) +
                        ", wanted a sorted list without repeats");
    }
}

void must_not_be_empty(const std::string& text, const std::string& what) {
    if (text.empty()) refuse_document(what + " is empty");
}

// A feature is spelled as Linux does: lower case, digits, underscores.
void check_features(const std::vector<std::string>& features) {
    must_rise(features, "feature");
    for (const std::string& feature : features) {
        const bool clean =
            feature.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
        if (!clean || feature.empty())
            refuse_document("feature " + in_quotes(feature) + " is not lower case");
    }
}

// Hands out the sources that figures name, and in the end knows those that none named.
class Sources {
public:
    explicit Sources(const std::vector<ProfileSource>& sources) {
        for (const ProfileSource& source : sources)
            unused_.insert(source.id);
        known_ = unused_;
    }
    std::string named_by(Fields& figure, std::string_view member = "source") {
        std::string id = figure.text(member);
        if (!known_.contains(id)) refuse_document("source " + in_quotes(id) + " is not listed in 'sources'");
        unused_.erase(id);
        return id;
    }
    void refuse_unused() const {
        if (!unused_.empty()) refuse_document("no figure names source " + in_quotes(*unused_.begin()));
    }

private:
    std::set<std::string> known_;
    std::set<std::string> unused_;
};

bool is_date(std::string_view text) {
    if (text.size() != 10) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 4 || i == 7;
        if (dash ? text[i] != '-' : (text[i] < '0' || text[i] > '9')) return false;
    }
    const std::string_view month = text.substr(5, 2);
    const std::string_view day = text.substr(8, 2);
    return month >= "01" && month <= "12" && day >= "01" && day <= "31";
}

ProfileSource read_source(const Json& value) {
    Fields fields(value);
    ProfileSource source{.id = fields.text("id"),
                         .title = fields.text("title"),
                         .url = fields.text_or("url", ""),
                         .date = fields.text("date")};
    fields.refuse_others();
    if (!is_profile_id(source.id)) refuse_document("source id " + in_quotes(source.id) + " is not clean");
    must_not_be_empty(source.title, "title of source " + in_quotes(source.id));
    if (fields.has("url") && !source.url.starts_with("https://")) {
        refuse_document("url " + in_quotes(source.url) + " does not start with 'https://'");
    }
    if (!is_date(source.date)) refuse_document("date " + in_quotes(source.date) + " is not YYYY-MM-DD");
    return source;
}

std::vector<ProfileSource> read_sources(Fields& fields) {
    std::vector<ProfileSource> sources;
    std::vector<std::string> ids;
    for (const Json& value : fields.array("sources")) {
        sources.push_back(read_source(value));
        ids.push_back(sources.back().id);
    }
    must_rise(ids, "source");
    return sources;
}

std::string read_architecture(Fields& fields, std::string_view member) {
    std::string architecture = fields.text(member);
    if (architecture != "x86_64" && architecture != "aarch64") {
        refuse_document("member " + in_quotes(member) + " is " + in_quotes(architecture) +
                        ", wanted 'x86_64' or 'aarch64'");
    }
    return architecture;
}

std::vector<CpuModelRange> read_models(const Json& list) {
    std::vector<CpuModelRange> models;
    for (const Json& value : list) {
        Fields fields(value);
        const CpuModelRange range{.family = fields.count("family"),
                                  .first_model = fields.count("first_model"),
                                  .last_model = fields.count("last_model")};
        fields.refuse_others();
        if (range.first_model > range.last_model) {
            refuse_document("model range " + std::to_string(range.first_model) + " to " +
                            std::to_string(range.last_model) + " is empty");
        }
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

CpuRequirement read_cpu(const Json& value, Sources& sources) {
    Fields fields(value);
    CpuRequirement cpu;
    cpu.architecture = read_architecture(fields, "architecture");
    cpu.vendors = fields.texts_or_none("vendors");
    must_rise(cpu.vendors, "vendor");
    if (const Json* models = fields.maybe_array("models")) cpu.models = read_models(*models);
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

AcceleratorRequirement read_accelerator(const Json& value, Sources& sources) {
    Fields fields(value);
    AcceleratorRequirement accelerator{.name = fields.text("name"),
                                       .pci_ids = fields.texts("pci_ids"),
                                       .quantity = fields.count("quantity"),
                                       .memory_bytes = fields.count_or("memory_bytes", 0),
                                       .source = sources.named_by(fields)};
    fields.refuse_others();
    must_not_be_empty(accelerator.name, "name of an accelerator");
    if (accelerator.pci_ids.empty()) refuse_document("member 'pci_ids' is empty");
    must_rise(accelerator.pci_ids, "PCI id");
    for (const std::string& id : accelerator.pci_ids) {
        const bool clean =
            id.size() == 9 && id[4] == ':' && is_lower_hex(id.substr(0, 4)) && is_lower_hex(id.substr(5));
        if (!clean)
            refuse_document("PCI id " + in_quotes(id) + " is not four lower-case hex digits, ':', four");
    }
    if (accelerator.quantity == 0) refuse_document("member 'quantity' is 0");
    return accelerator;
}

Kind read_kind(Fields& fields) {
    const std::string name = fields.text("kind");
    const auto* found = std::find(kind_names.begin(), kind_names.end(), name);
    if (found == kind_names.end()) {
        refuse_document("member 'kind' is " + in_quotes(name) +
                        ", wanted 'driver', 'firmware', 'toolkit' or 'operating_system'");
    }
    return static_cast<Kind>(found - kind_names.begin());
}

SoftwareRequirement read_software(const Json& value, Sources& sources) {
    Fields fields(value);
    SoftwareRequirement software{.kind = read_kind(fields),
                                 .name = fields.text("name"),
                                 .vendor = fields.text_or("vendor", ""),
                                 .version_range = fields.text("version_range"),
                                 .source = sources.named_by(fields)};
    fields.refuse_others();
    must_not_be_empty(software.name, "name of a software requirement");
    VersionRange::parse(software.version_range);
    return software;
}

KernelRule read_kernels(const Json& value, const CpuRequirement& cpu, Sources& sources) {
    Fields fields(value);
    KernelRule kernels{.elf_machine = read_architecture(fields, "elf_machine"),
                       .names = fields.texts("names"),
                       .features = fields.texts("features"),
                       .source = sources.named_by(fields)};
    fields.refuse_others();
    if (kernels.elf_machine != cpu.architecture) {
        refuse_document("'elf_machine' is " + in_quotes(kernels.elf_machine) + ", the processor is " +
                        in_quotes(cpu.architecture));
    }
    std::set<std::string> seen;
    for (const std::string& name : kernels.names) {
        if (name.empty() || name.find('/') != std::string::npos) {
            refuse_document("kernel name " + in_quotes(name) + " is not a file name");
        }
        if (!seen.insert(name).second) refuse_document("kernel name " + in_quotes(name) + " is given twice");
    }
    check_features(kernels.features);
    for (const std::string& feature : kernels.features) {
        if (std::binary_search(cpu.features.begin(), cpu.features.end(), feature)) continue;
        refuse_document("kernels may require " + in_quotes(feature) + ", which 'cpu' does not");
    }
    return kernels;
}

void read_requirements(Fields& fields, Profile& profile, Sources& sources) {
    std::vector<std::string> order;
    if (const Json* list = fields.maybe_array("accelerators")) {
        for (const Json& value : *list) {
            profile.accelerators.push_back(read_accelerator(value, sources));
            order.push_back(profile.accelerators.back().name);
        }
    }
    must_rise(order, "accelerator");
    order.clear();
    if (const Json* list = fields.maybe_array("software")) {
        for (const Json& value : *list) {
            const SoftwareRequirement& software =
                profile.software.emplace_back(read_software(value, sources));
            order.push_back(std::to_string(static_cast<int>(software.kind)) + " " + software.name);
        }
    }
    must_rise(order, "software requirement (kind and name)");
    if (const Json* memory = fields.maybe("memory")) {
        Fields figure(*memory);
        profile.memory_bytes = figure.count("bytes");
        profile.memory_source = sources.named_by(figure);
        figure.refuse_others();
        if (profile.memory_bytes == 0) refuse_document("member 'bytes' of 'memory' is 0");
    }
}

} // namespace

std::string_view name_of(SoftwareRequirement::Kind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}

bool is_profile_id(std::string_view text) {
    constexpr std::string_view first = "abcdefghijklmnopqrstuvwxyz0123456789";
    constexpr std::string_view all = "abcdefghijklmnopqrstuvwxyz0123456789._-";
    return !text.empty() && text.size() <= 64 && first.find(text[0]) != std::string_view::npos &&
           text.find_first_not_of(all) == std::string_view::npos;
}

Profile Profile::parse(std::string_view bytes) {
    const Json document = read_json(bytes, rules);
    Fields fields(document);
    fields.must_be("schema", "sealift.profile/1");
    Profile profile;
    profile.id = fields.text("id");
    if (!is_profile_id(profile.id)) {
        refuse_document("profile id " + in_quotes(profile.id) + " is not clean: wanted a-z 0-9 . _ - only");
    }
    profile.title = fields.text("title");
    must_not_be_empty(profile.title, "title");
    profile.vendor = fields.text_or("vendor", "");
    profile.chips = fields.texts_or_none("chips");
    must_rise(profile.chips, "chip");
    profile.sources = read_sources(fields);
    Sources sources(profile.sources);
    profile.cpu = read_cpu(fields.member("cpu"), sources);
    read_requirements(fields, profile, sources);
    profile.kernels = read_kernels(fields.member("kernels"), profile.cpu, sources);
    fields.refuse_others();
    sources.refuse_unused();
    return profile;
}

} // namespace manifests
