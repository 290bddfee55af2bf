#include "packager/operator_sidecar.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::Json;

constexpr std::uint64_t most_bytes = 4ULL << 20; // those of fused operators list hundreds of kernels
constexpr std::string_view marker = "\"binFileName\"";

std::string lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

} // namespace

bool is_operator_sidecar(const FileView& file) {
    if (file.size_bytes() > most_bytes) return false;
    const std::string first = file.at_most(0, 64, "file");
    const std::size_t start = first.find_first_not_of(" \t\r\n");
    if (start == std::string::npos || first[start] != '{') return false;
    return file.bytes(0, file.size_bytes(), "file").find(marker) != std::string::npos;
}

OperatorSidecar read_operator_sidecar(std::string_view bytes) {
    const Json value = manifests::read_json(bytes, {.most_bytes = most_bytes, .floats = true});
    manifests::Fields fields(value);
    OperatorSidecar sidecar{.file_name = fields.text("binFileName") + fields.text_or("binFileSuffix", ".o"),
                            .sha256 = lower_case(fields.text_or("sha256", "")),
                            .core_type = fields.text_or("coreType", ""),
                            .kernel_name = fields.text_or("kernelName", "")};
    fields.allow_others("CANN writes what the operator's tiling and workspace need");
    if (sidecar.file_name.find_first_of("/\\") != std::string::npos)
        manifests::refuse_document("binFileName " + manifests::in_quotes(sidecar.file_name) +
                                   " is a path, wanted a file beside this one");
    const bool is_digest = sidecar.sha256.size() == 64 &&
                           sidecar.sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!sidecar.sha256.empty() && !is_digest)
        manifests::refuse_document("sha256 " + manifests::in_quotes(sidecar.sha256) + " is no SHA-256");
    return sidecar;
}

} // namespace packager
