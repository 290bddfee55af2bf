#include "packager/kernel_table.hpp"

#include "manifests/text.hpp"
#include "runtime/program.hpp"

namespace packager {
namespace {

constexpr std::size_t most_rows = 20; // operator packages have thousands; --format json lists them all
constexpr std::size_t most_chips = 8;

std::string chips_of(const manifests::KernelEntry& kernel) {
    if (kernel.targets.empty()) return "-";
    std::string text;
    for (std::size_t i = 0; i < kernel.targets.size() && i < most_chips; ++i)
        text += (i == 0 ? "" : " ") + manifests::escaped(kernel.targets[i], 64);
    if (kernel.targets.size() > most_chips)
        text += " and " + std::to_string(kernel.targets.size() - most_chips) + " more";
    return text;
}

std::string said_by(const manifests::KernelEntry& kernel) {
    if (kernel.targets.empty()) return "-";
    return kernel.targets_declared ? "declared" : "its bytes";
}

} // namespace

std::string kernels_text(const manifests::BundleDocument& document) {
    if (document.kernels.empty()) return "";
    runtime::Table table({"KERNEL", "FORMAT", "CHIPS", "SAID BY"});
    for (std::size_t i = 0; i < document.kernels.size() && i < most_rows; ++i) {
        const manifests::KernelEntry& kernel = document.kernels[i];
        table.safe_row({manifests::escaped(kernel.path.text()),
                        kernel.format.empty() ? "unknown" : manifests::escaped(kernel.format, 64),
                        chips_of(kernel), said_by(kernel)});
    }
    std::string text = table.text();
    if (document.kernels.size() > most_rows)
        text += "and " + std::to_string(document.kernels.size() - most_rows) + " more kernels\n";
    return text;
}

} // namespace packager
