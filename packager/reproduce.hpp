#pragma once
// Reproduce: is this bundle what these inputs give? It runs the build on the inputs and compares.
//
// The build is a dry run: it reads and hashes every input and decides every document, and writes nothing. The
// digest of a bundle pins each of its bytes, so equal digests are equal bundles, and 700 GB of weights need
// no second place on a disk. The bundle's own bytes are read once and held against its document, so a bundle
// that was damaged later is not called reproduced. Signatures have no part in this: whoever has the inputs
// can make the digest again, and nobody else can make the signature.
//
// When the two differ, the first difference comes in the order in which a person would look: what the recipe
// says, profile and time, files that are missing, bytes, and at last the bills of material, which list all of
// these.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "manifests/finding.hpp"
#include "runtime/bundle.hpp"
#include "runtime/content.hpp"

namespace packager {

/// One difference in words, and where a program finds it. `text` can be printed as it is.
struct Difference {
    enum class Kind { recipe, profile, time, file_list, content, bom };
    Kind kind = Kind::recipe;
    std::string text;    ///< "weights/a.safetensors: tensor layers.3.w1 differs at byte 81,920 (...)"
    std::string path;    ///< of the file or document
    std::string pointer; ///< RFC 6901, in a document
    std::string tensor;
    std::optional<std::uint64_t> byte_in_file; ///< of the bundle's file
    std::optional<std::uint64_t> byte_in_tensor;
};

struct ReproduceRequest {
    std::string inputs;          ///< the recipe, or a folder with a sealift.json
    std::string profiles_folder; ///< empty: the usual one
    unsigned jobs = 0;
    /// Called before each reading with what it is ("reading", "proving", "comparing") and the bytes to come.
    std::function<runtime::OnBytes(const std::string& what, std::uint64_t total_bytes)> on_start;
};

struct Reproduction {
    std::string name, version, profile_id;                   ///< of the bundle
    manifests::Digest digest;                                ///< of the bundle
    manifests::Report report = {};                           ///< refusals: the inputs cannot be built
    std::optional<manifests::Digest> rebuilt = std::nullopt; ///< digest of what the inputs give
    std::optional<std::uint64_t> time_s = std::nullopt;      ///< that was written into documents
    bool time_is_from_bundle = false;                        ///< or else from SOURCE_DATE_EPOCH
    std::vector<Difference> differences = {};                ///< the first one, then up to most_further
    std::size_t more = 0;                                    ///< differences beyond those

    static constexpr std::size_t most_further = 20;
    bool reproduced() const { return report.passed() && differences.empty(); }
};

/// Time comes from SOURCE_DATE_EPOCH, else from the bundle's own BOM. If the recipe's profile has the id of
/// the carried one and other bytes, that is a difference, and the build goes on with the carried one.
/// @param bundle  is closed while the build has its lists of as many files, and opened again at its path
/// @throws Error  Fault::usage for a wrong recipe; Fault::io for an input that cannot be read
Reproduction reproduce(runtime::Bundle bundle, const ReproduceRequest& request);

/// "recipe", "profile", "time", "file-list", "content", "bom"
std::string_view name_of(Difference::Kind kind);

} // namespace packager
