#include "manifests/bom_writer.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "manifests/bom_text.hpp"
#include "manifests/component_json.hpp"

namespace manifests {
namespace {

constexpr std::string_view after_serial_number = R"(,"specVersion":"1.7","version":1})";

std::vector<const Component*> by_ref(const std::vector<Component>& components) {
    std::vector<const Component*> sorted;
    for (const Component& component : components)
        sorted.push_back(&component);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* left, const auto* right) { return left->ref < right->ref; });
    return sorted;
}

EachComponent parts_of(const Component& component) {
    return [&component](const auto& take) {
        for (const Component* part : by_ref(component.parts))
            take(*part);
    };
}

void must_follow(std::string_view ref, std::string_view last) {
    if (ref == last) not_a_document("ref " + in_quotes(ref) + " is given twice");
    if (ref < last) not_a_document("ref " + in_quotes(ref) + " comes after " + in_quotes(last));
}

} // namespace

static_assert(sizeof(std::size_t) == sizeof(std::uint64_t), "with 32 bits good refs would share a number");

void BomWriter::KnownRefs::add(std::string_view ref) {
    hashes_.push_back(std::hash<std::string_view>()(ref));
}

void BomWriter::KnownRefs::seal() {
    std::sort(hashes_.begin(), hashes_.end());
    if (std::adjacent_find(hashes_.begin(), hashes_.end()) != hashes_.end()) {
        not_a_document("a ref is given twice");
    }
}

bool BomWriter::KnownRefs::has(std::string_view ref) const {
    return std::binary_search(hashes_.begin(), hashes_.end(), std::hash<std::string_view>()(ref));
}

BomWriter::BomWriter(const BomFrame& frame, Sink sink)
    : sink_(std::move(sink)),
      json_([this](std::string_view piece) {
          hasher_.update(piece.data(), piece.size());
          sink_(piece);
      }),
      standard_(frame.standard) {
    refs_.add(frame.root.ref);
    write_metadata(frame);
    json_.open_object();
    json_.member("$schema", "http://cyclonedx.org/schema/bom-1.7.schema.json");
    json_.member("bomFormat", "CycloneDX");
    json_.name("components");
    json_.open_list();
}

void BomWriter::component(const Component& component) {
    this->component(component, parts_of(component));
}

void BomWriter::component(const Component& component, const EachComponent& parts) {
    enter(Section::components);
    must_rise(component.ref);
    refs_.add(component.ref);
    write_component(json_, component, parts);
}

void BomWriter::write_component(JsonStream& json, const Component& component, const EachComponent& parts) {
    json.open_object();
    json.member("bom-ref", component.ref);
    std::string last;
    parts([&](const Component& part) {
        if (last.empty()) {
            json.name("components");
            json.open_list();
        }
        must_follow(part.ref, last);
        last = part.ref;
        refs_.add(part.ref);
        write_component(json, part, parts_of(part));
    });
    if (!last.empty()) json.close_list();
    write_members_after_parts(json, component);
    json.close_object();
}

void BomWriter::composition(std::string_view aggregate, const EachRef& assemblies,
                            const EachRef& dependencies) {
    enter(Section::compositions);
    json_.open_object();
    json_.member("aggregate", aggregate);
    if (write_refs("assemblies", assemblies)) json_.close_list();
    if (write_refs("dependencies", dependencies)) json_.close_list();
    json_.close_object();
}

void BomWriter::node(std::string_view ref, const EachRef& depends_on) {
    enter(Section::dependencies);
    must_rise(ref);
    if (!refs_.has(ref)) not_a_document("ref " + in_quotes(ref) + " points nowhere");
    ++nodes_;
    json_.open_object();
    if (!write_refs("dependsOn", depends_on)) {
        json_.name("dependsOn");
        json_.open_list();
    }
    json_.close_list();
    json_.member("ref", ref);
    json_.close_object();
}

// Opens the list with the first ref. @return whether there was one, and so whether a list is open
bool BomWriter::write_refs(const char* name, const EachRef& refs) {
    std::string last;
    refs([&](std::string_view ref) {
        if (last.empty()) {
            json_.name(name);
            json_.open_list();
        }
        must_follow(ref, last);
        last = ref;
        if (!refs_.has(ref)) not_a_document("ref " + in_quotes(ref) + " points nowhere");
        json_.text(ref);
    });
    return !last.empty();
}

void BomWriter::finish() {
    enter(Section::end);
    if (nodes_ != refs_.size()) not_a_document("a ref has no node in the graph");
    json_.name("metadata");
    json_.literal(metadata_);
    json_.flush();
    hasher_.update(after_serial_number.data(), after_serial_number.size());
    const std::string serial = name_based_uuid("sealift:bom:" + hasher_.finish().text());
    sink_(R"(,"serialNumber":")" + serial + '"');
    sink_(after_serial_number);
}

void BomWriter::enter(Section section) {
    if (section < section_) not_a_document("its sections are out of order");
    while (section_ < section) {
        json_.close_list();
        last_ref_.clear();
        section_ = static_cast<Section>(static_cast<int>(section_) + 1);
        if (section_ == Section::compositions) refs_.seal();
        if (section_ == Section::dependencies && standard_) write_standard(*standard_);
        if (section_ == Section::end) return;
        json_.name(section_ == Section::compositions ? "compositions" : "dependencies");
        json_.open_list();
    }
}

void BomWriter::must_rise(std::string_view ref) {
    must_follow(ref, last_ref_);
    last_ref_ = ref;
}

void BomWriter::write_metadata(const BomFrame& frame) {
    JsonStream json([this](std::string_view piece) { metadata_ += piece; });
    json.open_object();
    json.name("component");
    write_component(json, frame.root, parts_of(frame.root));
    json.name("lifecycles");
    json.open_list();
    json.open_object();
    json.member("phase", frame.phase);
    json.close_object();
    json.close_list();
    write_organisation(json, "manufacturer", frame.supplier);
    write_organisation(json, "supplier", frame.supplier);
    if (frame.time_s) json.member("timestamp", timestamp_text(*frame.time_s));
    json.name("tools");
    json.open_object();
    json.name("components");
    json.open_list();
    json.open_object();
    json.member("name", frame.tool_name);
    json.member("type", "application");
    json.member("version", frame.tool_version);
    json.close_object();
    json.close_list();
    json.close_object();
    json.close_object();
    json.flush();
}

void BomWriter::write_requirement(const BomRequirement& requirement) {
    json_.open_object();
    json_.member("bom-ref", requirement.ref);
    json_.member("identifier", requirement.identifier);
    write_properties(json_, requirement.properties);
    json_.member_unless_empty("text", requirement.text);
    json_.member_unless_empty("title", requirement.title);
    json_.close_object();
}

void BomWriter::write_standard(const BomStandard& standard) {
    std::set<std::string_view> own_refs;
    const auto take_ref = [&](const std::string& ref) {
        if (ref.empty() || refs_.has(ref) || !own_refs.insert(ref).second)
            not_a_document("ref " + in_quotes(ref) + " is given twice");
    };
    take_ref(standard.ref);
    json_.name("definitions");
    json_.open_object();
    json_.name("standards");
    json_.open_list();
    json_.open_object();
    json_.member("bom-ref", standard.ref);
    json_.member_unless_empty("description", standard.description);
    json_.member("name", standard.name);
    if (!standard.requirements.empty()) {
        json_.name("requirements");
        json_.open_list();
        for (const BomRequirement& requirement : standard.requirements) {
            take_ref(requirement.ref);
            write_requirement(requirement);
        }
        json_.close_list();
    }
    json_.member_unless_empty("version", standard.version);
    json_.close_object();
    json_.close_list();
    json_.close_object();
}

} // namespace manifests
