#pragma once
// One build: what is known at the start, and what becomes known while its files are packed. Places follow
// from sizes, so they are planned before anything is read, with stand-ins for the digests; each input is then
// read once and written once, and the documents, which name the digests, are written last.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/tar_layout.hpp"
#include "packager/build.hpp"
#include "packager/inputs.hpp"
#include "packager/recipe_at.hpp"

namespace packager {

class BundleBuilder {
public:
    /// All but `inputs` must outlive the builder.
    BundleBuilder(const BuildRequest& request, const RecipeAt& at, const BuildConditions& conditions,
                  Inputs inputs, manifests::Needs needs, std::vector<manifests::AcceptedRisk> risks);

    /// Decides where every byte will stand. @throws Error  Fault::usage for what the recipe has wrong
    void plan();

    /// Packs everything; with a dry run only the digests come of it.
    /// @return false if the bytes were not where they were planned to be, for files turned out to be equal
    /// that had not seemed so: plan again, with the digests that are known now
    bool pack(const runtime::OnBytes& on_bytes);

    const manifests::Digest& digest() const { return assembly_.bundle_digest(); }
    /// Another bundle came out than was wanted, and somebody will ask why.
    bool is_compared() const;
    /// If is_compared(). The builder cannot be used afterwards.
    BuildDocuments take_documents();
    std::uint64_t bundle_bytes() const;
    std::uint64_t content_bytes() const;

private:
    manifests::BundleDocument draft(manifests::Needs needs);
    manifests::Contents contents() const { return {document_, assembly_, envelopes_}; }
    void write_software_bom(const manifests::Sink& sink) const;
    std::uint64_t software_bom_bytes() const;
    Attested attested() const;
    void pack_files(BundleOutput& output, const runtime::OnBytes& on_bytes);
    void write_carried(BundleOutput& output, std::size_t item);
    std::uint64_t hole_bytes() const;

    const BuildRequest& request_;
    const RecipeAt& at_;
    const runtime::StoredProfile& profile_;
    std::optional<std::uint64_t> time_s_;
    Inputs inputs_; ///< its files are in document_
    std::string hardware_bom_;
    manifests::BundleDocument document_;
    manifests::Assembly assembly_;
    std::vector<std::string> envelopes_;
    std::vector<manifests::LayoutItem> items_;
};

} // namespace packager
