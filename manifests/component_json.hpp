#pragma once
// The pieces of a CycloneDX document that do not know of one another: a component, an organisation, a list of
// properties. What ties them - refs, order, the graph - is in bom_writer.hpp.

#include <optional>
#include <string>
#include <vector>

#include "manifests/cyclonedx.hpp"
#include "manifests/json_stream.hpp"

namespace manifests {

/// @throws Error  Fault::internal: "bill of material: " and the text
[[noreturn]] void not_a_document(const std::string& text);

/// All members after "components": canonical form sorts "bom-ref" and the parts before everything else.
void write_members_after_parts(JsonStream& json, const Component& component);

/// A member with a list; left out if there is nothing in it.
void write_properties(JsonStream& json, const std::vector<BomProperty>& properties);

void write_organisation(JsonStream& json, const char* name, const std::optional<Organisation>& organisation);

} // namespace manifests
