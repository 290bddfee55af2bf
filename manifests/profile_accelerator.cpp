// What a profile says of its accelerator: how a site recognises it, how much memory one device has, how many
// devices stand behind one PCI function, and which numbers it computes with. A figure that no document gives
// is left out; it is never 0 or an empty list.

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/number_types.hpp"
#include "manifests/profile_reader.hpp"
#include "manifests/text.hpp"

namespace manifests::profile_reader {
namespace {

void read_memory(const Json& value, Sources& sources, AcceleratorRequirement& accelerator) {
    Fields fields(value);
    accelerator.memory_bytes = some_count(fields, "bytes", most_device_bytes);
    accelerator.memory_source = sources.named_by(fields);
    fields.refuse_others();
}

void read_models(const Json& value, Sources& sources, AcceleratorRequirement& accelerator) {
    Fields fields(value);
    accelerator.models = some_names(fields, "names");
    accelerator.models_source = sources.named_by(fields);
    fields.refuse_others();
}

void read_devices_per_function(const Json& value, Sources& sources, AcceleratorRequirement& accelerator) {
    Fields fields(value);
    if (fields.has("count")) accelerator.devices_per_function = some_count(fields, "count", most_devices);
    if (fields.has("by_subsystem")) {
        const Json& exceptions = fields.object("by_subsystem");
        if (exceptions.empty()) refuse_document("'by_subsystem' is empty, and then it is left out");
        Fields counts(exceptions);
        for (const auto& [id, devices] : exceptions.items()) {
            check_pci_id(id);
            accelerator.devices_by_subsystem.push_back({id, some_count(counts, id, most_devices)});
        }
    }
    if (accelerator.devices_per_function == 0 && accelerator.devices_by_subsystem.empty())
        refuse_document("'devices_per_function' says nothing, and then it is left out");
    accelerator.devices_source = sources.named_by(fields);
    fields.refuse_others();
}

void read_devices_per_node(const Json& value, Sources& sources, AcceleratorRequirement& accelerator) {
    Fields fields(value);
    accelerator.devices_per_node = some_count(fields, "count", most_devices);
    accelerator.node_source = sources.named_by(fields);
    fields.refuse_others();
}

void read_device_nodes(const Json& value, Sources& sources, AcceleratorRequirement& accelerator) {
    Fields fields(value);
    accelerator.device_nodes = some_names(fields, "paths");
    accelerator.device_nodes_source = sources.named_by(fields);
    fields.refuse_others();
    for (const std::string& path : accelerator.device_nodes) {
        std::string plain = path;
        if (const std::size_t number = plain.find("{n}"); number != std::string::npos)
            plain.replace(number, 3, "0");
        check_place(plain);
        if (!plain.starts_with("/dev/") || plain.find_first_of("{}") != std::string::npos) {
            refuse_document("device node " + in_quotes(path) +
                            " is not a path under /dev with at most one '{n}' in it");
        }
    }
}

void check_types(const std::vector<std::string>& types) {
    for (const std::string& type : types) {
        if (!is_number_type(type)) refuse_document(in_quotes(type) + " is not the name of a number type");
    }
}

} // namespace

AcceleratorRequirement read_accelerator(const Json& value, Sources& sources) {
    Fields fields(value);
    AcceleratorRequirement accelerator{.name = some_text(fields, "name"),
                                       .pci_ids = names_or_none(fields, "pci_ids"),
                                       .quantity = some_count(fields, "quantity", most_devices),
                                       .source = sources.named_by(fields)};
    for (const std::string& id : accelerator.pci_ids)
        check_pci_id(id);
    if (const Json* part = fields.maybe("memory")) read_memory(*part, sources, accelerator);
    if (const Json* part = fields.maybe("models")) read_models(*part, sources, accelerator);
    if (const Json* part = fields.maybe("devices_per_function"))
        read_devices_per_function(*part, sources, accelerator);
    if (const Json* part = fields.maybe("devices_per_node"))
        read_devices_per_node(*part, sources, accelerator);
    if (const Json* part = fields.maybe("device_nodes")) read_device_nodes(*part, sources, accelerator);
    fields.refuse_others();
    return accelerator;
}

TypeSupport read_types(const Json& value, Sources& sources) {
    Fields fields(value);
    TypeSupport types{.computes = names_or_none(fields, "computes"),
                      .lacks = names_or_none(fields, "lacks"),
                      .source = {},
                      .lacks_source = {}};
    if (!types.computes.empty()) types.source = sources.named_by(fields);
    if (!types.lacks.empty()) types.lacks_source = sources.named_by(fields, "lacks_source");
    fields.refuse_others();
    if (types.computes.empty() && types.lacks.empty())
        refuse_document("'number_types' says nothing, and then it is left out");
    check_types(types.computes);
    check_types(types.lacks);
    for (const std::string& type : types.lacks) {
        if (std::binary_search(types.computes.begin(), types.computes.end(), type))
            refuse_document("number type " + in_quotes(type) + " is both computed and lacking");
    }
    return types;
}

} // namespace manifests::profile_reader
