#include "packager/bundle_builder.hpp"

#include <algorithm>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "manifests/version.hpp"
#include "packager/hardware_bom.hpp"
#include "packager/kernel_claim.hpp"
#include "packager/pack_file.hpp"
#include "packager/piece_worker.hpp"
#include "packager/software_bom.hpp"
#include "runtime/clone.hpp"
#include "runtime/workers.hpp"

namespace packager {
namespace {

using manifests::BundleDocument;
using manifests::BundleFile;
using manifests::Digest;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::ItemKind;
using manifests::LayoutItem;
using manifests::Recipe;

// `files` are sorted by path; there may be 100,000 of them.
const BundleFile* find_file(const std::vector<BundleFile>& files, const manifests::BundlePath& path) {
    const auto file =
        std::lower_bound(files.begin(), files.end(), path,
                         [](const BundleFile& one, const auto& wanted) { return one.path < wanted; });
    return file != files.end() && file->path == path ? &*file : nullptr;
}

// `sources` belong to `files`, one to one.
std::vector<manifests::KernelEntry> kernel_entries(const Recipe& recipe, const std::vector<BundleFile>& files,
                                                   const std::vector<Source>& sources,
                                                   const manifests::Profile& profile) {
    const auto digest_of = [&](const manifests::BundlePath& path) {
        const BundleFile* file = find_file(files, path);
        if (file == nullptr || file->role != manifests::Role::engine) {
            throw Error(Fault::usage, "a kernel fits " + in_quotes(path.text()) +
                                          ", which is no engine file of the recipe");
        }
        return file->digest;
    };
    std::vector<manifests::KernelEntry> entries;
    for (const manifests::RecipeKernel& kernel : recipe.kernels) {
        const BundleFile* file = find_file(files, kernel.path);
        if (file == nullptr || file->role != manifests::Role::kernel) {
            throw Error(Fault::usage, in_quotes(kernel.path.text()) +
                                          " stands under 'kernels' and is no kernel file of the recipe");
        }
        manifests::KernelEntry entry{kernel.path, kernel.requires_features, {}};
        if (const auto& facts = sources[static_cast<std::size_t>(file - files.data())].kernel) {
            KernelClaim claim = claim_of(kernel, *facts, profile);
            entry.format = std::move(claim.format);
            entry.targets = std::move(claim.targets);
            entry.targets_declared = claim.declared;
        }
        for (const manifests::BundlePath& path : kernel.fits)
            entry.fits.push_back(digest_of(path));
        std::sort(entry.fits.begin(), entry.fits.end());
        entry.fits.erase(std::unique(entry.fits.begin(), entry.fits.end()), entry.fits.end());
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return entries;
}

manifests::DocumentReference refer(const std::string& bytes) {
    return {Digest::of(bytes), bytes.size()};
}

// For each file the first with the same digest, in the order of the bundle: that one is packed.
std::vector<std::uint32_t> firsts_of(const BundleDocument& document) {
    const auto& files = document.files;
    std::vector<std::uint32_t> order = manifests::layer_order(document);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return files[a].digest < files[b].digest; });
    std::vector<std::uint32_t> firsts(files.size());
    for (std::size_t i = 0; i < order.size(); ++i) {
        const bool same = i > 0 && files[order[i]].digest == files[order[i - 1]].digest;
        firsts[order[i]] = same ? firsts[order[i - 1]] : order[i];
    }
    return firsts;
}

// Where the bytes of a file go, as indexes into the items.
struct Places {
    static constexpr std::uint32_t nowhere = ~std::uint32_t{0}; ///< of a file with the bytes of a document
    std::uint32_t content = nowhere;
    std::uint32_t table = nowhere;
    bool with_sha512 = false;
};

std::vector<Places> places_of(const std::vector<LayoutItem>& items, std::size_t files) {
    std::vector<Places> places(files);
    for (std::uint32_t i = 0; i < items.size(); ++i) {
        if (items[i].kind == ItemKind::file) places[items[i].number].content = i;
        if (items[i].kind == ItemKind::chunk_table) places[items[i].number].table = i;
    }
    return places;
}

} // namespace

BundleBuilder::BundleBuilder(const BuildRequest& request, const RecipeAt& at,
                             const BuildConditions& conditions, Inputs inputs, manifests::Needs needs,
                             std::vector<manifests::AcceptedRisk> risks)
    : request_(request),
      at_(at),
      profile_(conditions.profile),
      time_s_(conditions.time_s),
      inputs_(std::move(inputs)),
      document_(draft(std::move(needs))),
      assembly_{refer(""), refer(""), refer(""), refer("")} {
    document_.accepted_risks = std::move(risks);
}

void BundleBuilder::plan() {
    try {
        document_.kernels = kernel_entries(at_.recipe, document_.files, inputs_.sources, profile_.profile);
        document_.check();
        document_.software_bom = {Digest::of("stand-in for the software BOM"), software_bom_bytes()};
        assembly_ = manifests::assemble(document_);
    } catch (Error& error) { // a document that breaks the rules comes from a recipe that does
        if (error.fault() == Fault::damaged) error.as(Fault::usage).in(at_.path);
        throw;
    }
    envelopes_ = unsigned_envelopes(attested());
    items_ = manifests::items_of(contents());
}

std::uint64_t BundleBuilder::hole_bytes() const {
    std::uint64_t total = 0;
    for (const manifests::LayoutItem& item : items_)
        if (item.kind == manifests::ItemKind::file) total += inputs_.sources[item.number].hole_bytes;
    return total;
}

bool BundleBuilder::pack(const runtime::OnBytes& on_bytes) {
    const auto output =
        request_.dry_run ? no_output() : open_output(request_.output, request_.form, items_, hole_bytes());
    pack_files(*output, on_bytes);
    document_.kernels = kernel_entries(at_.recipe, document_.files, inputs_.sources, profile_.profile);
    for (std::size_t i = 0; i < items_.size(); ++i)
        write_carried(*output, i);
    assembly_ = manifests::assemble(document_);
    envelopes_ = signed_envelopes(attested());
    const Digest planned = digest_of_places(items_);
    std::vector<LayoutItem>().swap(items_); // 10 MB of 100,000 files, before as much is made anew
    items_ = manifests::items_of(contents());
    if (digest_of_places(items_) != planned) return false;
    if (!is_compared()) std::vector<Source>().swap(inputs_.sources); // 9 MB of 100,000 files, at the peak
    output->finish(contents(), items_);
    return true;
}

bool BundleBuilder::is_compared() const {
    return request_.compare_with != nullptr && digest() != *request_.compare_with;
}

BuildDocuments BundleBuilder::take_documents() {
    std::string software_bom;
    if (document_.software_bom.size_bytes <= most_compared_bom_bytes)
        write_software_bom([&](std::string_view piece) { software_bom += piece; });
    return {std::move(document_), std::move(software_bom), std::move(hardware_bom_)};
}

std::uint64_t BundleBuilder::bundle_bytes() const {
    return manifests::for_each_tar_entry(items_, [](const manifests::TarEntry&) {});
}

std::uint64_t BundleBuilder::content_bytes() const {
    std::uint64_t total = 0;
    for (const LayoutItem& item : items_)
        total += item.kind == ItemKind::file ? item.size_bytes : 0;
    return total;
}

BundleDocument BundleBuilder::draft(manifests::Needs needs) {
    const Recipe& recipe = at_.recipe;
    hardware_bom_ = hardware_bom(HardwareBomInputs{.profile = profile_.profile,
                                                   .profile_digest = Digest::of(profile_.bytes),
                                                   .supplier = std::nullopt,
                                                   .time_s = time_s_,
                                                   .tool_version = std::string(manifests::program_version()),
                                                   .memory = needs.memory});
    return {.name = recipe.name,
            .version = recipe.version,
            .release_counter = recipe.release_counter,
            .profile_id = profile_.profile.id,
            .profile = refer(profile_.bytes),
            .needs = std::move(needs),
            .model = recipe.model,
            .files = std::move(inputs_.files),
            .kernels = {},
            .runtime = recipe.runtime,
            .software_bom = refer(""), // plan() knows its size, pack() its digest
            .hardware_bom = refer(hardware_bom_),
            .model_manifest = refer("")}; // assemble() fills it in
}

void BundleBuilder::write_software_bom(const manifests::Sink& sink) const {
    SoftwareBomInputs bom;
    bom.name = document_.name;
    bom.version = document_.version;
    bom.release_counter = document_.release_counter;
    bom.profile_id = profile_.profile.id;
    bom.profile_bytes = profile_.bytes;
    bom.model = document_.model;
    for (std::size_t i = 0; i < document_.files.size(); ++i) {
        const Source& source = inputs_.sources[i];
        bom.files.push_back({&document_.files[i], source.sha512.get(), source.elf.get()});
    }
    bom.kernels = document_.kernels;
    if (document_.runtime) bom.entrypoint = document_.runtime->entrypoint;
    bom.licences = &at_.recipe.licenses;
    bom.hardware_bom = hardware_bom_;
    bom.time_s = time_s_;
    bom.tool_version = manifests::program_version();
    packager::write_software_bom(bom, sink);
}

std::uint64_t BundleBuilder::software_bom_bytes() const {
    std::uint64_t size_bytes = 0;
    write_software_bom([&](std::string_view piece) { size_bytes += piece.size(); });
    return size_bytes;
}

Attested BundleBuilder::attested() const {
    return {{document_, assembly_, time_s_}, at_.digest, request_.signing_key, request_.attestations};
}

void BundleBuilder::pack_files(BundleOutput& output, const runtime::OnBytes& on_bytes) {
    const std::vector<std::uint32_t> firsts = firsts_of(document_);
    std::vector<Places> places = places_of(items_, firsts.size());
    for (std::size_t i = 0; i < firsts.size(); ++i)
        places[firsts[i]].with_sha512 |= inputs_.sources[i].sha512 != nullptr;
    std::vector<std::uint32_t> order = manifests::layer_order(document_);
    std::erase_if(order, [&](std::uint32_t number) { return firsts[number] != number; });
    const auto large = std::count_if(order.begin(), order.end(), [&](std::uint32_t number) {
        return document_.files[number].size_bytes >= PieceWorker::threaded_from_bytes;
    });
    // Each of them has 4 MiB of buffers.
    constexpr unsigned most_with_threads = 8;
    const bool processors_to_spare =
        static_cast<std::size_t>(large) < std::min(runtime::job_count(request_.jobs), most_with_threads + 1);
    const unsigned jobs =
        output.cache() == runtime::Cache::pass ? runtime::waiting_job_count(request_.jobs) : request_.jobs;
    runtime::for_each_index(order.size(), jobs, [&](std::size_t i) {
        const std::uint32_t number = order[i];
        const Places& place = places[number];
        const runtime::BlobAt source = open_source(inputs_, number, document_.files[number]);
        const auto begin = [&](std::uint32_t item) {
            return item == Places::nowhere ? Target{} : output.begin(item);
        };
        BundleFile& file = document_.files[number];
        const Packed packed = pack_file({source, file.size_bytes, begin(place.content), begin(place.table),
                                         place.with_sha512, on_bytes, processors_to_spare, output.cache()});
        for (const std::uint32_t item : {place.content, place.table})
            if (item != Places::nowhere) output.end(item);
        file.digest = packed.digest;
        file.fs_verity = packed.fs_verity;
        file.chunk_table = packed.chunk_table;
        // Of weights too, if a twin of theirs needs it.
        if (packed.sha512) inputs_.sources[number].sha512 = std::make_unique<Sha512>(*packed.sha512);
    });
    for (std::size_t i = 0; i < firsts.size(); ++i) {
        const BundleFile& first = document_.files[firsts[i]];
        BundleFile& file = document_.files[i];
        file.digest = first.digest;
        file.fs_verity = first.fs_verity;
        file.chunk_table = first.chunk_table;
        if (firsts[i] != i && inputs_.sources[i].sha512)
            *inputs_.sources[i].sha512 = *inputs_.sources[firsts[i]].sha512;
    }
    for (std::size_t i = 0; i < firsts.size(); ++i)
        if (document_.files[i].role == manifests::Role::weights) inputs_.sources[i].sha512.reset();
}

// What neither follows from the document nor is a file.
void BundleBuilder::write_carried(BundleOutput& output, std::size_t item) {
    const ItemKind kind = items_[item].kind;
    if (kind != ItemKind::profile && kind != ItemKind::software_bom && kind != ItemKind::hardware_bom) return;
    const Target target = output.begin(item);
    std::uint64_t done = 0;
    manifests::Hasher hasher;
    const manifests::Sink write = [&](std::string_view piece) {
        hasher.update(piece.data(), piece.size());
        if (target.file != nullptr && done + piece.size() <= items_[item].size_bytes)
            runtime::write_at(*target.file, piece.data(), piece.size(), target.offset + done, target.where);
        done += piece.size();
    };
    if (kind == ItemKind::profile) write(profile_.bytes);
    if (kind == ItemKind::hardware_bom) write(hardware_bom_);
    if (kind == ItemKind::software_bom) write_software_bom(write);
    output.end(item);
    if (kind == ItemKind::software_bom) document_.software_bom = {hasher.finish(), done};
}

} // namespace packager
