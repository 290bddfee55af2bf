#include "runtime/launch.hpp"

#include <algorithm>
#include <set>

#include <sys/stat.h>

#include "manifests/argument.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/sealed_file.hpp"
#include "runtime/workers.hpp"

namespace runtime {
namespace {

using manifests::ArgumentPiece;
using manifests::BundleDocument;
using manifests::BundleFile;
using manifests::BundlePath;
using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using Kind = ArgumentPiece::Kind;

struct Needs {
    std::set<BundlePath> sealed; ///< opened by path, so they live in memory
    std::set<BundlePath> held;   ///< given as descriptor and offset, so they stay where they are
    bool folders = false;
};

Needs needs_of(const manifests::RuntimeSection& runtime) {
    Needs needs;
    needs.sealed.insert(runtime.entrypoint);
    for (const std::string& argument : runtime.arguments) {
        for (const ArgumentPiece& piece : manifests::parse_argument(argument)) {
            if (piece.kind == Kind::file) needs.sealed.insert(BundlePath::parse(piece.value));
            if (piece.kind == Kind::fd || piece.kind == Kind::offset)
                needs.held.insert(BundlePath::parse(piece.value));
            if (piece.kind == Kind::dir) needs.folders = true;
        }
    }
    return needs;
}

void refuse_content(const manifests::Report& report) {
    for (const manifests::Finding& finding : report.findings()) {
        throw Error(Fault::damaged, finding.code, manifests::escaped(finding.where) + ": " + finding.text)
            .hint(finding.hint);
    }
}

std::string expand(const std::string& argument, const Launch& launch, const LaunchOptions& options,
                   const Bundle& bundle) {
    std::string out;
    for (const ArgumentPiece& piece : manifests::parse_argument(argument)) {
        switch (piece.kind) {
        case Kind::text:
            out += piece.value;
            break;
        case Kind::file:
            out += inherited_path(launch.sealed.at(BundlePath::parse(piece.value)).get());
            break;
        case Kind::fd:
            out += std::to_string(launch.held.at(BundlePath::parse(piece.value)).file->get());
            break;
        case Kind::offset:
            out += std::to_string(launch.held.at(BundlePath::parse(piece.value)).offset);
            break;
        case Kind::dir:
            out += bundle.path() + "/files/" + piece.value;
            break;
        case Kind::port:
            out += std::to_string(launch.port);
            break;
        case Kind::threads:
            out += std::to_string(job_count(options.threads));
            break;
        }
    }
    return out;
}

} // namespace

Launch prepare_launch(const TrustedBundle& trusted, const LaunchOptions& options, const OnBytes& on_bytes) {
    const Bundle& bundle = trusted.bundle();
    const BundleDocument& document = bundle.document();
    if (!document.runtime) {
        throw Error(Fault::refused, Code::boot_start,
                    "this bundle has no runtime section: it carries a model, and no engine to start")
            .hint("its files can be used after: sealift extract, or in the generation once it is installed");
    }
    const manifests::RuntimeSection& runtime = *document.runtime;
    const Needs needs = needs_of(runtime);
    if (needs.folders && bundle.form() != Bundle::Form::generation) {
        throw Error(Fault::refused, Code::boot_start,
                    "this engine wants a folder of files, so it cannot boot from inside a bundle")
            .hint("install the bundle, then boot the generation");
    }
    Launch launch;
    launch.port = options.port != 0 ? options.port : runtime.port;
    for (const BundlePath& path : needs.held)
        launch.held.emplace(path, bundle.locate(*document.find(path)));
    refuse_content(check_content(bundle, options.jobs, on_bytes, launch.held));
    for (const BundlePath& path : needs.sealed) {
        const BundleFile& file = *document.find(path);
        launch.sealed.emplace(path, seal(bundle.locate(file), file.digest, path.text()));
    }
    if (runtime.known_answer) {
        const BundleFile& file = *document.find(*runtime.known_answer);
        launch.known_answer = read_blob(bundle.locate(file), 1 << 20);
        if (manifests::Digest::of(launch.known_answer) != file.digest) {
            throw Error(Fault::damaged, Code::content_digest, file.path.text() + " is not what was signed");
        }
    }
    launch.program = launch.sealed.at(runtime.entrypoint).get();
    for (const auto& [path, file] : launch.sealed)
        launch.inherited.push_back(file.get());
    for (const auto& [path, blob] : launch.held)
        launch.inherited.push_back(blob.file->get());
    launch.arguments.push_back(runtime.entrypoint.text());
    for (const std::string& argument : runtime.arguments)
        launch.arguments.push_back(expand(argument, launch, options, bundle));
    launch.environment = runtime.environment;
    return launch;
}

std::vector<MappedFile> kernels_of(const Launch& launch, const BundleDocument& document) {
    std::vector<MappedFile> kernels;
    for (const auto& [path, file] : launch.sealed) {
        if (document.find(path)->role != manifests::Role::kernel) continue;
        struct stat status {};
        if (::fstat(file.get(), &status) != 0) throw_errno("cannot look at", path.text());
        kernels.push_back({path.text(), static_cast<std::uint64_t>(status.st_dev),
                           static_cast<std::uint64_t>(status.st_ino)});
    }
    return kernels;
}

} // namespace runtime
