#include "packager/target_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

namespace packager {
namespace {

struct CudaTarget {
    bool ptx = false;
    unsigned number = 0;
    char suffix = 0; // 'a': this chip only; 'f': its family
};

std::optional<CudaTarget> parse_cuda(std::string_view text) {
    CudaTarget target;
    if (text.starts_with("compute_")) {
        target.ptx = true;
        text.remove_prefix(8);
    } else if (text.starts_with("sm_")) {
        text.remove_prefix(3);
    } else {
        return std::nullopt;
    }
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), target.number);
    if (parsed.ec != std::errc()) return std::nullopt;
    const std::string_view rest = text.substr(static_cast<std::size_t>(parsed.ptr - text.data()));
    if (rest == "a" || rest == "f")
        target.suffix = rest[0];
    else if (!rest.empty())
        return std::nullopt;
    return target;
}

bool cuda_runs_on(const CudaTarget& code, const CudaTarget& chip) {
    if (code.suffix == 'a') return code.number == chip.number;
    const bool same_major = code.number / 10 == chip.number / 10;
    const bool reached = code.number <= chip.number;
    if (code.ptx && code.suffix == 0) return reached;
    return same_major && reached;
}

struct Generic {
    std::string_view name;
    std::array<std::string_view, 12> chips; // empty ones at the end
};
constexpr Generic generics[] = {
    {"gfx9-generic", {"gfx900", "gfx902", "gfx904", "gfx906", "gfx909", "gfx90c"}},
    {"gfx9-4-generic", {"gfx940", "gfx941", "gfx942", "gfx950"}},
    {"gfx10-1-generic", {"gfx1010", "gfx1011", "gfx1012", "gfx1013"}},
    {"gfx10-3-generic", {"gfx1030", "gfx1031", "gfx1032", "gfx1033", "gfx1034", "gfx1035", "gfx1036"}},
    {"gfx11-generic",
     {"gfx1100", "gfx1101", "gfx1102", "gfx1103", "gfx1150", "gfx1151", "gfx1152", "gfx1153"}},
    {"gfx12-generic", {"gfx1200", "gfx1201"}},
};

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

// Longer names first: each is the start of the SoC names of its family.
constexpr std::string_view families[] = {"ascend910_93", "ascend910_95", "ascend910b", "ascend310b",
                                         "ascend310p",   "ascend910",    "ascend950",  "ascend310"};

// What a SoC name has after the name of its family: "3" of Ascend910B3, "ProA" of Ascend910ProA, "DT" of
// Ascend950DT. "Ascend910C" is no SoC name and "Ascend9100" nobody's.
bool is_member_suffix(std::string_view family, std::string_view rest) {
    if (family == "ascend910") return rest == "a" || rest.starts_with("pro") || rest.starts_with("premium");
    if (family == "ascend950" && (rest.starts_with("dt") || rest.starts_with("pr"))) return true;
    return (rest[0] >= '0' && rest[0] <= '9') || rest[0] == '_';
}

} // namespace

bool runs_on(std::string_view code, std::string_view chip) {
    if (code == chip) return true;
    const auto cuda_code = parse_cuda(code), cuda_chip = parse_cuda(chip);
    if (cuda_code && cuda_chip) return cuda_runs_on(*cuda_code, *cuda_chip);
    const auto* generic = std::find_if(std::begin(generics), std::end(generics),
                                       [&](const Generic& one) { return one.name == code; });
    return generic != std::end(generics) && !chip.empty() &&
           std::find(generic->chips.begin(), generic->chips.end(), chip) != generic->chips.end();
}

std::string ascend_family(std::string_view name) {
    if (name == "Ascend910B") return "ascend910";
    const std::string lower = lower_case(name);
    for (const std::string_view family : families) {
        if (!lower.starts_with(family)) continue;
        const std::string_view rest = std::string_view(lower).substr(family.size());
        return rest.empty() || is_member_suffix(family, rest) ? std::string(family) : "";
    }
    return "";
}

std::string ascend_folder_hint(std::string_view path) {
    std::string hint;
    for (std::size_t slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
        const std::string_view folder = path.substr(0, slash);
        // Nobody can say whether a person who names a folder so means the name or the family.
        const std::string family = folder == "Ascend910B" ? "" : ascend_family(folder);
        if (!family.empty()) hint = family;
        path.remove_prefix(slash + 1);
    }
    return hint;
}

} // namespace packager
