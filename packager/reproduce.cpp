#include "packager/reproduce.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/bom_summary.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/build.hpp"
#include "packager/difference_words.hpp"
#include "packager/document_facts.hpp"
#include "packager/recipe_at.hpp"
#include "packager/source_date.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

using manifests::BundleDocument;
using manifests::BundleFile;
using manifests::Error;
using manifests::Fault;
using manifests::Json;
using Differences = std::vector<Difference>;

void append(Differences& list, Differences more) {
    for (Difference& difference : more)
        list.push_back(std::move(difference));
}

Difference say(Difference::Kind kind, const std::string& path, const std::string& text) {
    return {.kind = kind,
            .text = text,
            .path = path,
            .pointer = {},
            .tensor = {},
            .byte_in_file = std::nullopt,
            .byte_in_tensor = std::nullopt};
}

std::optional<std::uint64_t> time_in_bundle(const runtime::Bundle& bundle) {
    try {
        return parse_rfc3339(manifests::read_bom_head(bundle.bom(runtime::Bundle::Bom::software)).timestamp);
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return std::nullopt; // a BOM of somebody else, who wrote no time that can be read
    }
}

void choose_time(const std::optional<std::uint64_t>& theirs, Reproduction& result) {
    result.time_s = source_date();
    if (!result.time_s) {
        result.time_s = theirs;
        result.time_is_from_bundle = theirs.has_value();
    } else if (result.time_s != theirs) {
        result.differences.push_back(say(Difference::Kind::time, "SOURCE_DATE_EPOCH",
                                         "time: SOURCE_DATE_EPOCH is " + rfc3339(*result.time_s) +
                                             ", and the bundle says " +
                                             (theirs ? rfc3339(*theirs) : "nothing about time")));
    }
}

// What the build needs of the bundle, which is closed meanwhile.
struct Wanted {
    std::string path;
    manifests::Digest digest;
    std::string profile_id, profile;
    std::vector<manifests::AcceptedRisk> risks;
    std::optional<std::uint64_t> time_s;
};

Wanted wanted_of(const runtime::Bundle& bundle) {
    const BundleDocument& document = bundle.document();
    return {bundle.path(),           bundle.digest(),       document.profile_id, bundle.carried().profile,
            document.accepted_risks, time_in_bundle(bundle)};
}

runtime::Bundle open_again(const Wanted& wanted) {
    runtime::Bundle bundle = runtime::open_bundle(wanted.path);
    if (bundle.digest() == wanted.digest) return bundle;
    throw Error(Fault::io, "cannot compare " + manifests::in_quotes(wanted.path) +
                               ": another bundle is there now, " + bundle.digest().text());
}

// The bundle's profile if ours goes by the same name: then the rest can be compared all the same.
runtime::StoredProfile choose_profile(const Wanted& wanted, const runtime::StoredProfile& ours,
                                      Differences& differences) {
    const std::string& carried = wanted.profile;
    if (ours.profile.id != wanted.profile_id || ours.bytes == carried) return ours;
    const std::string where = "profile " + manifests::escaped(ours.path, 4096);
    const JsonDiff changes = diff_json(manifests::read_json(carried), manifests::read_json(ours.bytes));
    append(differences, in_words(Difference::Kind::profile, where, changes));
    if (changes.empty())
        differences.push_back(say(Difference::Kind::profile, where,
                                  where + " says the same as the bundle's and is written differently"));
    return {where, carried, manifests::Profile::parse(carried)};
}

// What the recipe says, without what follows from the bytes of files.
Differences compare_recipe(const BundleDocument& bundle, const BundleDocument& inputs) {
    const auto facts = [](const BundleDocument& document) {
        Json value = identity_of(document);
        value["runtime"] = runtime_of(document);
        value["kernels"] = kernels_of(document);
        value["needs"] = declared_needs_of(document);
        return value;
    };
    return in_words(Difference::Kind::recipe, "recipe", diff_json(facts(bundle), facts(inputs)));
}

// All files may differ, so what is too many to be told of is only counted.
Differences compare_file_lists(const BundleDocument& bundle, const BundleDocument& inputs,
                               std::size_t& more) {
    Differences differences;
    const auto add = [&](const BundleFile& file, const std::string& text) {
        if (differences.size() > Reproduction::most_further) {
            ++more;
            return;
        }
        const std::string& path = file.path.text();
        differences.push_back(say(Difference::Kind::file_list, path, manifests::escaped(path) + text));
    };
    for (const BundleFile& file : bundle.files) {
        const BundleFile* other = inputs.find(file.path);
        if (other == nullptr) {
            add(file, " is in the bundle and not in the recipe");
        } else if (role_and_mode(*other) != role_and_mode(file)) {
            add(file, " is " + role_and_mode(*other) + " in the inputs and " + role_and_mode(file) +
                          " in the bundle");
        }
    }
    for (const BundleFile& file : inputs.files) {
        if (bundle.find(file.path) == nullptr) add(file, " is in the recipe and not in the bundle");
    }
    return differences;
}

runtime::BlobAt open_input(const RecipeAt& at, const manifests::BundlePath& path) {
    const auto file = std::find_if(at.recipe.files.begin(), at.recipe.files.end(),
                                   [&](const auto& one) { return one.path == path; });
    if (file == at.recipe.files.end())
        throw Error(Fault::usage, "the recipe no longer names " + manifests::in_quotes(path.text()));
    const std::string source = file->source.starts_with('/') ? file->source : at.folder + "/" + file->source;
    auto open = std::make_shared<runtime::FileDescriptor>(runtime::open_to_read(source));
    return {open, 0, runtime::facts_of(*open, source).size_bytes, source};
}

/// Files of the bundle that are not what the inputs give, in the order of their paths.
struct Suspects {
    std::vector<const BundleFile*> changed;    ///< other digest
    std::vector<const BundleFile*> damaged;    ///< the same digest, but not the bytes for it
    std::map<std::string, std::string> damage; ///< path to what is wrong
};

// Each content once, for equal files share their bytes, at the first path.
std::vector<runtime::ContentJob> jobs_for(std::vector<const BundleFile*> files) {
    std::stable_sort(files.begin(), files.end(),
                     [](const BundleFile* a, const BundleFile* b) { return a->digest < b->digest; });
    const auto end = std::unique(files.begin(), files.end(), [](const BundleFile* a, const BundleFile* b) {
        return a->digest == b->digest;
    });
    std::sort(files.begin(), end); // by path, as they stand in the document
    std::vector<runtime::ContentJob> jobs;
    jobs.reserve(static_cast<std::size_t>(end - files.begin()));
    for (auto file = files.begin(); file != end; ++file)
        jobs.push_back({*file});
    return jobs;
}

Suspects find_suspects(const runtime::Bundle& bundle, const BundleDocument& inputs,
                       const ReproduceRequest& request) {
    Suspects suspects;
    std::vector<const BundleFile*> same;
    for (const BundleFile& file : bundle.document().files) {
        const BundleFile* other = inputs.find(file.path);
        if (other != nullptr) (other->digest == file.digest ? same : suspects.changed).push_back(&file);
    }
    const std::vector<runtime::ContentJob> alike = jobs_for(std::move(same));
    std::uint64_t total_bytes = 0;
    for (const runtime::ContentJob& job : alike)
        total_bytes += job.file->size_bytes;
    runtime::ReadOptions options;
    options.jobs = request.jobs;
    if (request.on_start) options.on_bytes = request.on_start("proving", total_bytes);
    const runtime::ContentResult content = runtime::read_content(bundle, alike, options);
    for (const manifests::Finding& finding : content.report.findings())
        suspects.damage.emplace(finding.where, finding.text);
    for (const runtime::ContentJob& job : alike) {
        if (suspects.damage.contains(job.file->path.text())) suspects.damaged.push_back(job.file);
    }
    return suspects;
}

// Each difference costs reading two files up to there, so no more files are read than can be told of.
std::vector<FileDiff> compare_side_by_side(const runtime::Bundle& bundle,
                                           const std::vector<const BundleFile*>& files,
                                           const ReproduceRequest& request) {
    const auto told =
        std::span(files).first(std::min<std::size_t>(files.size(), 1 + Reproduction::most_further));
    if (told.empty()) return {};
    // Again: nobody kept 100,000 paths for this, and nobody does now.
    const RecipeAt at = read_recipe(request.inputs, [&](const manifests::BundlePath& path) {
        return std::any_of(told.begin(), told.end(),
                           [&](const BundleFile* file) { return file->path == path; });
    });
    std::vector<FilePair> pairs;
    for (const BundleFile* file : told) {
        pairs.push_back({file->path.text(), bundle.locate(*file), open_input(at, file->path),
                         file->role == manifests::Role::weights});
    }
    const auto on_start = [&](std::uint64_t total_bytes) {
        return request.on_start && total_bytes > 0 ? request.on_start("comparing", total_bytes)
                                                   : runtime::OnBytes{};
    };
    return diff_files(pairs, Content::compare, request.jobs, on_start);
}

Differences compare_contents(const runtime::Bundle& bundle, const Suspects& suspects,
                             const ReproduceRequest& request) {
    Differences differences;
    for (const FileDiff& diff : compare_side_by_side(bundle, suspects.changed, request))
        append(differences, in_words(diff, Bundled::intact));
    for (const FileDiff& diff : compare_side_by_side(bundle, suspects.damaged, request)) {
        if (diff.same_bytes) { // not the file is damaged, but what proves it
            differences.push_back(say(Difference::Kind::content, diff.path,
                                      manifests::escaped(diff.path) + ": " + suspects.damage.at(diff.path)));
        } else {
            append(differences, in_words(diff, Bundled::damaged));
        }
    }
    return differences;
}

std::string text_of(const manifests::NextPiece& next) {
    std::string text;
    for (std::string_view piece = next(); !piece.empty(); piece = next())
        text += piece;
    return text;
}

/// A BOM of the bundle and what the inputs give in its place.
struct BomPair {
    std::string name;
    runtime::Bundle::Bom which;
    const manifests::DocumentReference& bundle;
    const manifests::DocumentReference& inputs;
    const std::string& inputs_text;
};

JsonDiff diff_bom(const runtime::Bundle& bundle, const BomPair& pair) {
    const std::uint64_t longest = std::max(pair.bundle.size_bytes, pair.inputs.size_bytes);
    if (longest > most_compared_bom_bytes) {
        manifests::refuse_document("document has " + std::to_string(longest) + " bytes, at most " +
                                   std::to_string(most_compared_bom_bytes) + " are compared");
    }
    const manifests::JsonRules rules{.most_bytes = most_compared_bom_bytes, .floats = true};
    const Json before = manifests::read_json(text_of(bundle.bom(pair.which)), rules);
    return diff_json(before, manifests::read_json(pair.inputs_text, rules));
}

Differences compare_bom(const runtime::Bundle& bundle, const BomPair& pair) {
    if (pair.bundle.digest == pair.inputs.digest) return {};
    const std::string& name = pair.name;
    try {
        JsonDiff changes = diff_bom(bundle, pair);
        // The serial number is made from all the rest: alone it would say something, beside others nothing.
        if (changes.changes.size() > 1)
            std::erase_if(changes.changes,
                          [](const auto& change) { return change.pointer == "/serialNumber"; });
        Differences differences = in_words(Difference::Kind::bom, name, changes);
        if (!differences.empty()) return differences;
    } catch (const Error& error) {
        if (error.fault() != Fault::damaged) throw;
        return {say(Difference::Kind::bom, name, name + " cannot be compared: " + error.what())};
    }
    return {say(Difference::Kind::bom, name, name + " says the same and is written differently")};
}

// Every byte of a bundle follows from its document; this says what nothing above it has a word for.
Differences compare_whole_documents(const BundleDocument& bundle, const BundleDocument& inputs) {
    const JsonDiff changes = bundle.files == inputs.files
                                 ? diff_json(bundle.without_files(), inputs.without_files())
                                 : diff_json(Json::parse(bundle.encode()), Json::parse(inputs.encode()));
    return in_words(Difference::Kind::recipe, "bundle document", changes);
}

void compare(const runtime::Bundle& bundle, const BuildDocuments& inputs, const ReproduceRequest& request,
             Reproduction& result) {
    Differences& differences = result.differences;
    const BundleDocument& ours = inputs.document;
    const BundleDocument& theirs = bundle.document();
    Differences recipe = compare_recipe(theirs, ours);
    differences.insert(differences.begin(), recipe.begin(), recipe.end()); // in front of profile and time
    append(differences, compare_file_lists(theirs, ours, result.more));
    append(differences, compare_contents(bundle, find_suspects(bundle, ours, request), request));
    // The software BOM holds a digest of the hardware BOM, so the cause comes first.
    append(differences, compare_bom(bundle, {"hardware BOM", runtime::Bundle::Bom::hardware,
                                             theirs.hardware_bom, ours.hardware_bom, inputs.hardware_bom}));
    append(differences, compare_bom(bundle, {"software BOM", runtime::Bundle::Bom::software,
                                             theirs.software_bom, ours.software_bom, inputs.software_bom}));
    if (differences.empty()) differences = compare_whole_documents(theirs, ours);
}

BuildResult build_again(const Wanted& wanted, const ReproduceRequest& request, Reproduction& result) {
    const runtime::StoredProfile profile = choose_profile(
        wanted, find_profile(read_recipe(request.inputs), request.profiles_folder), result.differences);
    choose_time(wanted.time_s, result);
    return build({.recipe = request.inputs,
                  .output = {},
                  .form = Form::file,
                  .profiles_folder = request.profiles_folder,
                  .signing_key = nullptr,
                  .jobs = request.jobs,
                  .dry_run = true,
                  .compare_with = &wanted.digest,
                  .accepted = &wanted.risks,
                  .conditions = BuildConditions{profile, result.time_s},
                  .on_start = request.on_start});
}

void cut(Reproduction& result) {
    constexpr std::size_t most = 1 + Reproduction::most_further;
    if (result.differences.size() <= most) return;
    result.more += result.differences.size() - most;
    result.differences.resize(most);
}

} // namespace

Reproduction reproduce(runtime::Bundle bundle, const ReproduceRequest& request) {
    Reproduction result{.name = bundle.document().name,
                        .version = bundle.document().version,
                        .profile_id = bundle.document().profile_id,
                        .digest = bundle.digest()};
    const Wanted wanted = wanted_of(bundle);
    { const runtime::Bundle closed = std::move(bundle); }
    const BuildResult built = build_again(wanted, request, result);
    result.report = built.report;
    if (!built.digest) return result;
    result.rebuilt = built.digest;
    const runtime::Bundle again = open_again(wanted);
    if (built.documents) {
        compare(again, *built.documents, request, result);
        if (result.differences.empty())
            throw Error(Fault::internal, "the digests differ, and nothing that they are made of");
    } else {
        const Suspects damaged = find_suspects(again, again.document(), request);
        append(result.differences, compare_contents(again, damaged, request));
    }
    cut(result);
    return result;
}

std::string_view name_of(Difference::Kind kind) {
    switch (kind) {
    case Difference::Kind::recipe:
        return "recipe";
    case Difference::Kind::profile:
        return "profile";
    case Difference::Kind::time:
        return "time";
    case Difference::Kind::file_list:
        return "file-list";
    case Difference::Kind::content:
        return "content";
    case Difference::Kind::bom:
        return "bom";
    }
    return "recipe";
}

} // namespace packager
