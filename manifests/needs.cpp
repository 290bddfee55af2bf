#include "manifests/needs.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr const char* abi_names[] = {"CXXABI", "GLIBC", "GLIBCXX"};

AbiNeed read_abi(const Json& value) {
    Fields fields(value);
    AbiNeed need{fields.text("name"), fields.text("version")};
    fields.refuse_others();
    if (std::find(std::begin(abi_names), std::end(abi_names), need.name) == std::end(abi_names))
        refuse_document("abi " + in_quotes(need.name) + " is none of CXXABI, GLIBC and GLIBCXX");
    const bool clean = !need.version.empty() && need.version.size() <= 32 &&
                       need.version.find_first_not_of("0123456789.") == std::string::npos;
    if (!clean) refuse_document("abi version " + in_quotes(need.version) + " is not made of digits and dots");
    return need;
}

MemoryNeed read_memory(const Json& value) {
    Fields fields(value);
    MemoryNeed need{.tensor_parallel = fields.count("tensor_parallel"),
                    .pipeline_parallel = fields.count("pipeline_parallel"),
                    .data_parallel = fields.count("data_parallel"),
                    .context_tokens = fields.count("context_tokens"),
                    .sequences = fields.count("sequences"),
                    .weight_bytes = fields.count("weight_bytes"),
                    .cache_bytes = fields.count("cache_bytes"),
                    .overhead_bytes = fields.count("overhead_bytes"),
                    .utilisation_percent = fields.count("utilisation_percent")};
    fields.refuse_others();
    check_memory_need(need);
    return need;
}

OrderedJson write_memory(const MemoryNeed& need) {
    return {{"tensor_parallel", need.tensor_parallel},
            {"pipeline_parallel", need.pipeline_parallel},
            {"data_parallel", need.data_parallel},
            {"context_tokens", need.context_tokens},
            {"sequences", need.sequences},
            {"weight_bytes", need.weight_bytes},
            {"cache_bytes", need.cache_bytes},
            {"overhead_bytes", need.overhead_bytes},
            {"utilisation_percent", need.utilisation_percent}};
}

template<typename List, typename Key>
void must_rise(const List& list, const char* what, Key key) {
    for (std::size_t i = 1; i < list.size(); ++i) {
        if (!(key(list[i - 1]) < key(list[i])))
            refuse_document(std::string(what) + " are not strictly rising");
    }
}

void check_parts(std::uint64_t parts, const char* what) {
    if (parts == 0 || parts > most_devices)
        refuse_document(std::string(what) + " is " + std::to_string(parts) + ", wanted 1 to 65536");
}

} // namespace

std::uint64_t MemoryNeed::least_device_bytes() const {
    const std::uint64_t used = weight_bytes + cache_bytes + overhead_bytes; // each below 2^50
    return utilisation_percent == 0 ? std::numeric_limits<std::uint64_t>::max()
                                    : (used * 100 + utilisation_percent - 1) / utilisation_percent;
}

void check_memory_need(const MemoryNeed& need) {
    check_parts(need.tensor_parallel, "tensor_parallel");
    check_parts(need.pipeline_parallel, "pipeline_parallel");
    check_parts(need.data_parallel, "data_parallel");
    check_parts(need.devices(), "the number of devices"); // 2^48 at most here
    if (need.sequences == 0 || need.sequences > most_sequences)
        refuse_document("sequences is " + std::to_string(need.sequences) + ", wanted 1 to 1048576");
    if (need.context_tokens > most_context_tokens)
        refuse_document("context_tokens is " + std::to_string(need.context_tokens) +
                        ", wanted at most 1073741824");
    if (need.utilisation_percent == 0 || need.utilisation_percent > 100)
        refuse_document("utilisation_percent is " + std::to_string(need.utilisation_percent) +
                        ", wanted 1 to 100");
    for (const std::uint64_t bytes : {need.weight_bytes, need.cache_bytes, need.overhead_bytes}) {
        if (bytes > most_device_bytes)
            refuse_document(std::to_string(bytes) + " bytes on one device, at most 2^50 are believed");
    }
}

Needs read_needs(const Json& value) {
    Fields fields(value);
    Needs needs;
    needs.architecture = fields.text_or("architecture", "");
    if (const Json* list = fields.maybe_array("abi")) {
        for (const Json& entry : *list)
            needs.abi.push_back(read_abi(entry));
    }
    if (const Json* engine = fields.maybe("engine")) {
        Fields members(*engine);
        needs.engine = {members.text("name"), members.text("version")};
        members.refuse_others();
        if (needs.engine.name.empty()) refuse_document("the engine has no name");
    }
    needs.tensor_types = fields.texts_or_none("tensor_types");
    if (const Json* memory = fields.maybe("memory")) needs.memory = read_memory(*memory);
    fields.refuse_others();
    must_rise(needs.abi, "needs.abi", [](const AbiNeed& need) { return need.name; });
    must_rise(needs.tensor_types, "needs.tensor_types", [](const std::string& type) { return type; });
    if (needs.empty()) refuse_document("'needs' says nothing, and then it is left out");
    return needs;
}

OrderedJson write_needs(const Needs& needs) {
    OrderedJson value = OrderedJson::object();
    if (!needs.architecture.empty()) value["architecture"] = needs.architecture;
    for (const AbiNeed& need : needs.abi)
        value["abi"].push_back({{"name", need.name}, {"version", need.version}});
    if (needs.engine != EngineFacts{})
        value["engine"] = {{"name", needs.engine.name}, {"version", needs.engine.version}};
    if (!needs.tensor_types.empty()) value["tensor_types"] = needs.tensor_types;
    if (needs.memory) value["memory"] = write_memory(*needs.memory);
    return value;
}

} // namespace manifests
