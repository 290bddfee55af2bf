#include "packager/copy_bundle.hpp"

#include <memory>

#include "manifests/error.hpp"
#include "runtime/clone.hpp"
#include "runtime/file_copies.hpp"
#include "runtime/proven_file.hpp"

namespace packager {
namespace {

using manifests::ItemKind;
using manifests::LayoutItem;

// Proven bytes of files on their way to their places.
class ItemCopies final : public runtime::ContentTaker {
public:
    ItemCopies(BundleOutput& output, const std::vector<std::size_t>& items)
        : output_(output), items_(items), targets_(items.size()) {}

    std::optional<runtime::BlobAt> begin(std::size_t job, const runtime::BlobAt& source) override {
        targets_[job] = std::make_unique<Copy>();
        Copy& copy = *targets_[job];
        copy.target = output_.begin(items_[job]);
        copy.cloned = runtime::clone_range(*source.file, source.offset, *copy.target.file, copy.target.offset,
                                           source.size_bytes, copy.target.where);
        if (!copy.cloned) return std::nullopt;
        return runtime::BlobAt{
            {std::shared_ptr<void>(), copy.target.file}, copy.target.offset, source.size_bytes, source.where};
    }
    void take(std::size_t job, const char* data, std::size_t length_bytes, std::uint64_t offset) override {
        const Copy& copy = *targets_[job];
        if (copy.cloned) return;
        copy.target.writer->write(data, length_bytes, copy.target.offset + offset, copy.target.where);
    }
    void end(std::size_t job) override {
        output_.end(items_[job]);
        targets_[job].reset();
    }

private:
    struct Copy {
        Target target;
        bool cloned = false;
    };
    BundleOutput& output_;
    const std::vector<std::size_t>& items_;
    // Of jobs that were begun and not ended. One thread begins a job before others take part in it.
    std::vector<std::unique_ptr<Copy>> targets_;
};

void copy_document(const CopyRequest& request, BundleOutput& output, const LayoutItem& item,
                   std::size_t index) {
    const Target to = output.begin(index);
    const runtime::BlobAt from =
        request.bundle.locate(manifests::DocumentReference{item.digest, item.size_bytes}, item.name());
    runtime::read_proven(from, item.digest,
                         [&](const char* data, std::size_t length_bytes, std::uint64_t at) {
                             runtime::write_at(*to.file, data, length_bytes, to.offset + at, to.where);
                         });
    output.end(index);
}

} // namespace

void copy_bundle(const CopyRequest& request) {
    const runtime::Bundle& bundle = request.bundle;
    const manifests::Contents contents{bundle.document(), bundle.assembly(), request.envelopes};
    const std::vector<LayoutItem> items = manifests::items_of(contents);
    std::vector<runtime::ContentJob> jobs;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (items[i].kind != ItemKind::file) continue;
        jobs.push_back({&bundle.document().files[items[i].number]});
        places.push_back(i);
    }
    const auto output = open_output(request.output, request.form, items, runtime::hole_bytes(bundle, jobs));
    for (std::size_t i = 0; i < items.size(); ++i)
        if (items[i].kind != ItemKind::file && !manifests::is_derived(items[i].kind))
            copy_document(request, *output, items[i], i);
    runtime::prove_content(bundle, runtime::document_twins(bundle.document(), items), {.jobs = request.jobs});
    ItemCopies copies(*output, places);
    runtime::read_content(bundle, jobs,
                          {.jobs = request.jobs,
                           .cache = runtime::Cache::pass,
                           .on_bytes = request.on_bytes,
                           .taker = &copies});
    output->finish(contents, items);
}

} // namespace packager
