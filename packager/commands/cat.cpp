#include <CLI/CLI.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/commands/commands.hpp"
#include "runtime/long_output.hpp"
#include "runtime/program.hpp"
#include "runtime/proven_file.hpp"

namespace packager {
namespace {

struct CatOptions {
    std::string bundle;
    std::string path;
};

// Documents of the bundle itself, under the names that its manifest gives them.
bool print_document(const runtime::Bundle& bundle, const std::string& path) {
    if (path == "sealift/bundle.json") {
        bundle.document().write(runtime::print);
    } else if (path == "sealift/profile.json") {
        runtime::print(bundle.carried().profile);
    } else if (path == "sealift/software.cdx.json") {
        runtime::print_pieces(bundle.bom(runtime::Bundle::Bom::software));
    } else if (path == "sealift/hardware.design.cdx.json") {
        runtime::print_pieces(bundle.bom(runtime::Bundle::Bom::hardware));
    } else {
        return false;
    }
    return true;
}

int run_cat(const CatOptions& options) {
    using manifests::Error;
    using manifests::Fault;
    const runtime::Bundle bundle = runtime::open_bundle(options.bundle);
    if (print_document(bundle, options.path)) return 0;
    const auto& files = bundle.document().files;
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&](const auto& one) { return one.path.text() == options.path; });
    if (file == files.end()) {
        throw Error(Fault::usage, "there is no " + manifests::in_quotes(options.path) + " in this bundle")
            .hint("sealift ls shows what there is");
    }
    // Twice through the same open file: not one byte goes out before all of them are proven, and what goes
    // out is compared again, for a stick may change between two reads.
    const runtime::ProvenFile proven(bundle, *file);
    proven.read_all([](const char*, std::size_t, std::uint64_t) {});
    proven.read_all([](const char* data, std::size_t length_bytes, std::uint64_t) {
        runtime::print({data, length_bytes});
    });
    return 0;
}

} // namespace

void add_cat(CLI::App& app, int& status) {
    auto options = std::make_shared<CatOptions>();
    auto* command =
        app.add_subcommand("cat", "Write one file of a bundle to stdout, once its digest is proven");
    command->add_option("bundle", options->bundle, "Bundle file or folder")->required();
    command
        ->add_option(
            "path", options->path,
            "Path in the bundle; also sealift/bundle.json, sealift/profile.json, sealift/software.cdx.json, "
            "sealift/hardware.design.cdx.json")
        ->required();
    command->callback([options, &status] { status = run_cat(*options); });
}

} // namespace packager
