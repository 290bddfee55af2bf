#pragma once
// A bill of material as CycloneDX 1.7 JSON, written front to back while its parts are made one at a time. A
// bundle may have 100,000 files: their components have 150 MB of text and take four times that as values, so
// neither exists as a whole. What stays is one 64-bit number for each ref, to see that no ref is used twice
// and that none points nowhere.
//
// The serial number is made from the document without it and stands close to its end: a hash that runs along
// is enough, and no second pass.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/cyclonedx.hpp"
#include "manifests/digest.hpp"
#include "manifests/json_stream.hpp"
#include "manifests/text.hpp"

namespace manifests {

/// A list that need not exist: called, it hands its elements to `take` one by one.
using EachRef = std::function<void(const std::function<void(std::string_view ref)>& take)>;
using EachComponent = std::function<void(const std::function<void(const Component& part)>& take)>;

/// Components first, then compositions, then one node for every ref; every call throws Error Fault::internal
/// if what it is given is no part of a document (see encode_cyclonedx). What the sink got by then is worth
/// nothing.
class BomWriter {
public:
    BomWriter(const BomFrame& frame, Sink sink);
    BomWriter(const BomWriter&) = delete;
    BomWriter& operator=(const BomWriter&) = delete;

    /// Refs rise strictly from call to call, and among the parts of a component.
    void component(const Component& component);
    /// @param parts  in place of component.parts
    void component(const Component& component, const EachComponent& parts);

    /// What is known about the completeness of a part of the document; refs rise strictly in both lists.
    /// @param aggregate  of the schema's list: "complete", "incomplete", "unknown"
    void composition(std::string_view aggregate, const EachRef& assemblies, const EachRef& dependencies);

    /// Refs rise strictly from call to call, and no ref of the document is left out: BSI TR-03183-2 wants
    /// leaves declared too, and cdxgen's validator fails on a node without the member.
    /// @param depends_on  refs, rising strictly
    void node(std::string_view ref, const EachRef& depends_on);

    /// Ends the document. The object cannot be used again.
    /// Source: serial number as RFC 9562, 5.5 (version 5), from SHA-256 of the document without it.
    void finish();

private:
    // Numbers in place of texts: 0.8 MB for 100,000 refs. Two refs that share one would be refused although
    // they are good, which happens to one in four thousand million documents of that size.
    class KnownRefs {
    public:
        void add(std::string_view ref);
        void seal(); ///< no add() after this, no has() before it
        bool has(std::string_view ref) const;
        std::size_t size() const { return hashes_.size(); }

    private:
        std::vector<std::uint64_t> hashes_;
    };
    enum class Section { components, compositions, dependencies, end };

    void enter(Section section);
    void must_rise(std::string_view ref);
    void write_component(JsonStream& json, const Component& component, const EachComponent& parts);
    void write_metadata(const BomFrame& frame);
    void write_standard(const BomStandard& standard);
    void write_requirement(const BomRequirement& requirement);
    bool write_refs(const char* name, const EachRef& refs);

    Sink sink_;
    Hasher hasher_;
    JsonStream json_;
    KnownRefs refs_;
    Section section_ = Section::components;
    std::string last_ref_; ///< of the section
    std::size_t nodes_ = 0;
    std::string metadata_; ///< is known first and stands last
    std::optional<BomStandard> standard_;
};

} // namespace manifests
