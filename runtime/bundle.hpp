#pragma once
// An opened bundle. Opening reads the small documents, proves each against the digest that names it, and
// refuses anything that is not exactly the bundle its document describes. It says nothing yet about who
// signed it (see trust.hpp) or about the bytes of the files (see content.hpp).

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/assembly.hpp"
#include "manifests/bundle_document.hpp"
#include "manifests/tar_layout.hpp"
#include "runtime/blob_source.hpp"

namespace runtime {

/// Documents of a bundle that do not follow from its bundle document and are needed all the time.
struct CarriedDocuments {
    std::string profile;
    std::vector<std::string> envelopes; ///< DSSE, one attestation each
};

/// All that decides what is in a bundle. The document, which has 18 MB of memory for 100,000 files, is
/// shared.
struct KnownBundle {
    std::shared_ptr<const manifests::BundleDocument> document; ///< checked, and the one of the assembly
    manifests::Assembly assembly;
    std::vector<std::string> envelopes;

    manifests::Contents contents() const { return {*document, assembly, envelopes}; }
    const manifests::Digest& digest() const { return assembly.bundle_digest(); }
};

class Bundle {
public:
    enum class Form { file, folder, generation, pipe };

    /// A bundle file or a folder with the same content.
    /// @throws Error  Fault::damaged with a code if the bytes are no bundle, Fault::io if they cannot be read
    static Bundle open(const std::string& path);
    /// The front of a bundle that comes through a pipe. Its files have no place: see piped_content.hpp.
    static Bundle open_pipe(std::shared_ptr<PipeSpool> spool);
    /// A bundle that is known already, and whose blobs lie somewhere else than in a file or a folder of their
    /// own, such as one that is put together from several copies. What follows from its document is not read;
    /// everything else is checked as in any other.
    /// @param form  what its places are: with Form::file, offsets of damage are offsets in that file
    static Bundle open_known(std::string path, KnownBundle known, std::unique_ptr<BlobSource> source,
                             Form form = Form::folder);
    /// An installed generation of a site.
    static Bundle open_generation(const std::string& path);

    const std::string& path() const noexcept { return path_; }
    Form form() const noexcept { return form_; }
    const manifests::BundleDocument& document() const noexcept { return *document_; }
    const manifests::Assembly& assembly() const noexcept { return assembly_; }
    /// For who goes on when the bundle is closed.
    KnownBundle known() const { return {document_, assembly_, carried_.envelopes}; }
    const CarriedDocuments& carried() const noexcept { return carried_; }
    manifests::Contents contents() const { return {*document_, assembly_, carried_.envelopes}; }
    /// The digest of the bundle manifest: what gets signed, shown and typed.
    const manifests::Digest& digest() const noexcept { return assembly_.bundle_digest(); }
    /// Everything in the bundle, in the order of the format. Made anew: few ask, and 100,000 take 6 MB.
    std::vector<manifests::LayoutItem> items() const { return manifests::items_of(contents()); }

    /// Where a file's bytes are. @throws Error  Fault::damaged, Code::layout_blob_missing
    BlobAt locate(const manifests::BundleFile& file) const;
    /// Where a document, BOM or chunk table is; not yet proven. @throws as locate(file), Code::content_size
    BlobAt locate(const manifests::DocumentReference& reference, const std::string& what) const;
    enum class Bom { software, hardware };
    /// A BOM front to back, for that of 100,000 files has 138 MB. Opening proved it; it is hashed once more,
    /// as a stick may change between two readings.
    /// @throws Error  when the last piece was given: Fault::damaged, Code::content_digest
    manifests::NextPiece bom(Bom which) const;

private:
    Bundle(std::string path, Form form, std::unique_ptr<BlobSource> source);
    Bundle(std::string path, Form form, std::unique_ptr<BlobSource> source, KnownBundle known);
    void read_documents();
    void prove_carried();
    void prove_items(const std::vector<manifests::LayoutItem>& items) const;

    std::string path_;
    Form form_;
    std::unique_ptr<BlobSource> source_;
    std::shared_ptr<const manifests::BundleDocument> document_;
    manifests::Assembly assembly_;
    CarriedDocuments carried_;
};

/// Bundle::open for commands that only look: a refusal begins with the path.
Bundle open_bundle(const std::string& path);

/// "file", "folder", "generation" or "pipe"
std::string_view name_of(Bundle::Form form);

} // namespace runtime
