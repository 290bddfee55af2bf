#include "manifests/cyclonedx.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "manifests/bom_writer.hpp"
#include "manifests/component_json.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

using Refs = std::set<std::string>;

// The order of canonical JSON: members by name, then by what is in them, and a shorter object first.
using SortedComposition = std::vector<std::pair<std::string, Refs>>;

std::vector<SortedComposition> sorted_compositions(const std::vector<Composition>& compositions) {
    std::vector<SortedComposition> sorted;
    for (const Composition& composition : compositions) {
        const Refs assemblies(composition.assemblies.begin(), composition.assemblies.end());
        const Refs dependencies(composition.dependencies.begin(), composition.dependencies.end());
        SortedComposition members{{"aggregate", {composition.aggregate}}};
        if (!assemblies.empty()) members.emplace_back("assemblies", assemblies);
        if (!dependencies.empty()) members.emplace_back("dependencies", dependencies);
        sorted.push_back(std::move(members));
    }
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

EachRef each_of(const SortedComposition& members, std::string_view name) {
    return [&members, name](const auto& take) {
        for (const auto& [member, refs] : members) {
            if (member == name) std::for_each(refs.begin(), refs.end(), take);
        }
    };
}

void gather_refs(const Component& component, Refs& refs) {
    refs.insert(component.ref);
    for (const Component& part : component.parts)
        gather_refs(part, refs);
}

void write_graph(const Bom& bom, BomWriter& writer) {
    Refs refs;
    gather_refs(bom.root, refs);
    for (const Component& component : bom.components)
        gather_refs(component, refs);
    for (const auto& [ref, targets] : bom.depends_on) {
        if (refs.count(ref) == 0) not_a_document("ref " + in_quotes(ref) + " points nowhere");
    }
    for (const std::string& ref : refs) {
        const auto node = bom.depends_on.find(ref);
        writer.node(ref, [&](const auto& take) {
            if (node != bom.depends_on.end()) std::for_each(node->second.begin(), node->second.end(), take);
        });
    }
}

} // namespace

std::string_view name_of(ComponentType type) {
    constexpr std::array<std::string_view, 9> names{"application",
                                                    "data",
                                                    "device",
                                                    "device-driver",
                                                    "file",
                                                    "firmware",
                                                    "library",
                                                    "machine-learning-model",
                                                    "operating-system"};
    return names.at(static_cast<std::size_t>(type));
}

std::string encode_cyclonedx(const Bom& bom) {
    std::string text;
    BomWriter writer(bom, [&](std::string_view piece) { text += piece; });
    std::vector<const Component*> components;
    for (const Component& component : bom.components)
        components.push_back(&component);
    std::sort(components.begin(), components.end(),
              [](const auto* left, const auto* right) { return left->ref < right->ref; });
    for (const Component* component : components)
        writer.component(*component);
    for (const SortedComposition& members : sorted_compositions(bom.compositions)) {
        writer.composition(*members.front().second.begin(), each_of(members, "assemblies"),
                           each_of(members, "dependencies"));
    }
    write_graph(bom, writer);
    writer.finish();
    return text;
}

} // namespace manifests
