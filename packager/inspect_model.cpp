#include "packager/inspect_model.hpp"

#include <filesystem>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/content_look.hpp"
#include "packager/inspect_binary.hpp"
#include "packager/model_check.hpp"
#include "packager/model_output.hpp"
#include "packager/model_source.hpp"
#include "runtime/bundle.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Report;

namespace fs = std::filesystem;

// What weights are that have no list of tensors, and what a loader would run.
struct Looks {
    Report report;
    std::vector<std::pair<std::string, std::string>> kinds; // path, what it is
};

Looks look_at_all(const std::vector<ModelFile>& files) {
    Looks looks;
    for (const ModelFile& file : files) {
        ContentLook look = look_at_content(file.size_bytes, reader_of(file.open()));
        if (look.danger.empty() && is_pickle_name(file.path)) // compressed, as joblib does it, or not
            look.danger = "loaders take a file of this name for a pickle";
        if (!look.danger.empty())
            looks.report.add({Code::model_pickle, file.path,
                              "it can run code when it is loaded: " + look.danger,
                              "convert it to safetensors where you can lose nothing by it"});
        if (!look.kind.empty() && look.kind != "safetensors" && look.kind != "gguf")
            looks.kinds.emplace_back(file.path, look.kind);
    }
    return looks;
}

void note_code(const Checkpoint& checkpoint, Report& report) {
    if (checkpoint.code_source.empty()) return;
    report.add(
        {Code::model_code, checkpoint.code_source,
         "it has an auto_map: a loader that is told to trust remote code runs the Python files beside it", "",
         manifests::Severity::note});
}

// A success that says nothing would be taken for one that says that all is well.
void refuse_silence(const Checkpoint& checkpoint, const Looks& looks, const std::string& where,
                    Report& report) {
    const bool says_something = !checkpoint.files.empty() || !checkpoint.shape_source.empty() ||
                                !checkpoint.code_source.empty() || !looks.kinds.empty();
    if (says_something || !report.passed()) return;
    report.add(
        {Code::model_format, where,
         "found nothing that describes a model, wanted num_hidden_layers and the like of a config.json, "
         "or weights",
         "give the folder of the model, or one of its weight files"});
}

// Prints the tensors while the files are read, so that no more than one list is held.
class Printer {
public:
    Printer(Listing listing, bool as_json)
        : listing_(listing), as_json_(as_json), json_([](std::string_view text) { runtime::print(text); }) {}

    void begin() {
        if (!as_json_) return;
        json_.open_object();
        json_.member("schema", "sealift.model/1");
        if (listing_ == Listing::summary) return;
        json_.name("tensors");
        json_.open_list();
    }
    OnTensors on_tensors() {
        if (listing_ == Listing::summary) return {};
        return [this](const ModelFile& file, const TensorList& list) {
            if (as_json_) return stream_tensors(json_, file, list);
            runtime::print(tensors_text(file, list));
        };
    }
    void end(const Checkpoint& checkpoint, const Looks& looks, const Report& report,
             const runtime::OutputOptions& output) {
        if (as_json_) return end_json(checkpoint, looks, report);
        runtime::print(model_text(checkpoint));
        for (const auto& [path, kind] : looks.kinds)
            runtime::print("other         " + manifests::escaped(path, 4096) + ": " + kind + "\n");
        runtime::print_report(report, output);
    }

private:
    void end_json(const Checkpoint& checkpoint, const Looks& looks, const Report& report) {
        if (listing_ == Listing::tensors) json_.close_list();
        manifests::OrderedJson rest = model_json(checkpoint);
        manifests::OrderedJson others = manifests::OrderedJson::array();
        for (const auto& [path, kind] : looks.kinds)
            others.push_back({{"path", runtime::json_text(path)}, {"kind", kind}});
        rest["other_files"] = std::move(others);
        rest["findings"] = runtime::report_json(report);
        for (const auto& [name, value] : rest.items()) {
            json_.name(name);
            json_.literal(manifests::write_json(value));
        }
        json_.close_object();
        json_.flush();
        runtime::print("\n");
    }

    Listing listing_;
    bool as_json_;
    manifests::JsonStream json_;
};

// @param wanted  where a model is wanted; empty: there need not be one
int inspect(std::vector<ModelFile> files, const std::string& wanted, Listing listing,
            const runtime::OutputOptions& output) {
    Printer printer(listing, output.format == runtime::Format::json);
    printer.begin();
    const Looks looks = look_at_all(files);
    const Checkpoint checkpoint = read_checkpoint(std::move(files), printer.on_tensors());
    Report report = checkpoint.report;
    report.merge(looks.report);
    note_code(checkpoint, report);
    if (!wanted.empty()) refuse_silence(checkpoint, looks, wanted, report);
    printer.end(checkpoint, looks, report, output);
    return static_cast<int>(report.passed() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace

InspectKind kind_of(const std::string& path) {
    if (fs::is_directory(path))
        return fs::exists(fs::path(path) / "oci-layout") ? InspectKind::bundle : InspectKind::model_folder;
    if (!fs::is_regular_file(path)) return InspectKind::bundle; // which says what is wrong with it
    const std::vector<ModelFile> files = model_files_beside(path);
    const std::string name = fs::path(path).filename().string();
    if (is_model_file_name(name) || is_side_config_name(name) || is_pickle_name(name))
        return InspectKind::model_file;
    const runtime::BlobAt blob = files.at(0).open();
    constexpr std::string_view first_entry = "oci-layout"; // of a bundle file
    const ReadBytes read = reader_of(blob);
    if (read(0, first_entry.size()) == first_entry) return InspectKind::bundle;
    if (is_binary(name, blob.size_bytes, read)) return InspectKind::binary;
    LookLimits front_only;
    front_only.levels = 0;
    const std::string kind = look_at_content(blob.size_bytes, read, front_only).kind;
    return kind.empty() || kind == "tar" ? InspectKind::bundle : InspectKind::model_file;
}

int inspect_model(const std::string& path, InspectKind kind, Listing listing,
                  const runtime::OutputOptions& output) {
    std::vector<ModelFile> files =
        kind == InspectKind::model_folder ? model_files_in(path) : model_files_beside(path);
    if (files.empty())
        throw manifests::Error(manifests::Fault::missing, manifests::in_quotes(path) + " holds no files");
    const bool side = is_side_config_name(fs::path(path).filename().string());
    return inspect(std::move(files), side ? "" : path, listing, output);
}

int inspect_weights(const std::string& path, Listing listing, const runtime::OutputOptions& output) {
    const runtime::Bundle bundle = runtime::open_bundle(path);
    const int status = inspect(model_files_of(bundle), "", listing, output);
    runtime::note("headers are read in place, and no digest was compared; sealift verify checks every byte");
    return status;
}

} // namespace packager
