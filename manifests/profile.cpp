#include "manifests/profile.hpp"

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/profile_reader.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

using namespace profile_reader;

// A profile is a page of text; the largest we have is under 16 kB.
constexpr JsonRules rules{.most_bytes = 1ULL << 20, .most_depth = 8, .most_members = 100};

// Reads a list that rises by what `key` makes of an element.
template<typename Read, typename KeyOf>
auto read_rising(Fields& fields, std::string_view member, Sources& sources, Read read, KeyOf key) {
    std::vector<decltype(read(Json(), sources))> list;
    std::vector<Key> order;
    if (const Json* values = some_list(fields, member)) {
        for (const Json& value : *values) {
            list.push_back(read(value, sources));
            order.push_back(key(list.back()));
        }
    }
    must_rise(order, std::string(member) + ":");
    return list;
}

void read_host_memory(const Json& value, Profile& profile, Sources& sources) {
    Fields figure(value);
    profile.memory_bytes = figure.count("bytes");
    profile.memory_source = sources.named_by(figure);
    figure.refuse_others();
    if (profile.memory_bytes == 0) refuse_document("member 'bytes' of 'memory' is 0");
}

void read_requirements(Fields& fields, Profile& profile, Sources& sources) {
    if (const Json* memory = fields.maybe("memory")) read_host_memory(*memory, profile, sources);
    profile.accelerators = read_rising(fields, "accelerators", sources, read_accelerator,
                                       [](const AcceleratorRequirement& it) { return Key{it.name}; });
    profile.software =
        read_rising(fields, "software", sources, read_software, [](const SoftwareRequirement& it) {
            return Key{std::to_string(static_cast<int>(it.kind)), it.name};
        });
    if (const Json* types = fields.maybe("number_types")) profile.types = read_types(*types, sources);
    profile.file_modes =
        read_rising(fields, "file_modes", sources, read_file_mode, [](const FileModeRule& it) {
            return Key{it.engine, it.role};
        });
    profile.validated_sets = read_rising(fields, "validated_sets", sources, read_validated_set,
                                         [](const ValidatedSet& it) { return Key{it.id}; });
}

// An accelerator's profile leaves the host open: then it is any that the engine is built for.
void read_host(Fields& fields, Profile& profile, Sources& sources) {
    const bool open = !profile.accelerators.empty();
    if (!open || fields.has("cpu")) profile.cpu = read_cpu(fields.member("cpu"), sources);
    if (!open || fields.has("kernels"))
        profile.kernels = read_kernels(fields.member("kernels"), profile.cpu, sources);
}

} // namespace

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
    profile.title = some_text(fields, "title");
    profile.vendor = some_text_or_none(fields, "vendor");
    profile.chips = names_or_none(fields, "chips");
    profile.sources = read_sources(fields);
    Sources sources(profile.sources);
    read_requirements(fields, profile, sources);
    read_host(fields, profile, sources);
    fields.refuse_others();
    sources.refuse_unused();
    return profile;
}

} // namespace manifests
