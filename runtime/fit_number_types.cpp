// Number types of the weights against what the chip computes: DeepSeek's FP8 on an Ascend 910B.

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "manifests/number_types.hpp"
#include "manifests/text.hpp"
#include "runtime/fit_lines.hpp"

namespace runtime {

using manifests::Code;
using manifests::escaped;
using manifests::Profile;
using Verdict = FitLine::Verdict;

namespace {

// fp8 -> FP8, as model cards have it
std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return escaped(text);
}

std::string types_text(const std::set<std::string>& types) {
    return joined({types.begin(), types.end()}, ", ");
}

struct TypesAsked {
    std::set<std::string> lacking;   ///< as chips compute them: "fp8"
    std::set<std::string> unsettled; ///< neither known to compute nor known to fail
    std::set<std::string> stand_ins; ///< what engines convert a type to that is asked, and the chip has
    bool narrow = false;             ///< one of those is narrower than what every chip for models has
    std::set<std::string> wanted;
    std::set<std::string> spelled_lacking; ///< as the files spell them: "F8_E4M3"
};

// fp32 and fp64 are what scales and norms are stored in, in every checkpoint of every number type: they are
// asked only of a profile that says that its chip lacks them.
bool is_everywhere(const std::string& type) {
    return type == "fp32" || type == "fp64";
}

// Nearly all chips compute them, so silence of the sources is worth a note; narrow types are what chips
// differ in, and there silence is no answer.
bool is_common(const std::string& type) {
    return type == "fp16" || type == "bf16";
}

TypesAsked ask(const std::vector<std::string>& tensor_types, const Profile& profile) {
    TypesAsked asked;
    for (const std::string& tensor_type : tensor_types) {
        const auto type = manifests::compute_type_of(tensor_type);
        if (!type) continue; // storage, or unpacked by the kernels themselves
        const bool lacks = profile.types && contains(profile.types->lacks, *type);
        const bool computes = profile.types && contains(profile.types->computes, *type);
        if (!lacks && !computes && is_everywhere(*type)) continue;
        asked.wanted.insert(*type);
        if (lacks) {
            asked.lacking.insert(*type);
            asked.spelled_lacking.insert(tensor_type);
        } else if (const std::string other(manifests::stand_in_for(*type));
                   !computes && profile.types && contains(profile.types->computes, other)) {
            asked.stand_ins.insert(other);
        } else if (!computes) {
            asked.unsettled.insert(*type);
            asked.narrow = asked.narrow || !is_common(*type);
        }
    }
    return asked;
}

std::string conversion(const Profile& profile) {
    std::string text;
    const auto offer = [&](const char* type, const char* name) {
        if (contains(profile.types->computes, type)) text += (text.empty() ? "" : " or ") + std::string(name);
    };
    offer("bf16", "BF16");
    if (text.empty()) offer("fp16", "FP16");
    offer("int8", "W8A8");
    return text.empty() ? "take another chip" : "convert the weights to " + text;
}

std::string types_text(const Profile& profile) {
    std::string text = joined(profile.types->computes, ", ");
    if (!profile.types->lacks.empty())
        text += (text.empty() ? "not " : "; not ") + joined(profile.types->lacks, ", ");
    return text;
}

// Of texts that are safe to show.
std::string alternatives(const std::set<std::string>& texts) {
    std::string text;
    for (const std::string& one : texts)
        text += (text.empty() ? "" : " or ") + one;
    return text;
}

// Nothing, if the weights ask for no type, or a processor is asked: it computes what its engine is written
// for.
std::optional<FitLine> line_of(const manifests::Needs& needs, const Profile& profile,
                               const std::string& chip) {
    if (!profile.types && profile.accelerators.empty()) return std::nullopt;
    const TypesAsked asked = ask(needs.tensor_types, profile);
    if (asked.wanted.empty()) return std::nullopt;
    FitLine line{Code::fit_types, Verdict::met, "number types", "", types_text(asked.wanted), ""};
    if (profile.types) line.found = types_text(profile);
    if (!asked.lacking.empty()) {
        line.verdict = Verdict::not_met;
        line.wanted += " (weights are " + types_text(asked.spelled_lacking) + ")";
        line.remedy = upper(joined({asked.lacking.begin(), asked.lacking.end()}, ", ")) +
                      (asked.lacking.size() == 1 ? " is" : " are") + " not supported by " + chip + ": " +
                      conversion(profile);
    } else if (!profile.types) {
        line.verdict = asked.narrow ? Verdict::cannot_tell : Verdict::note;
        line.found = "not in the profile";
        line.remedy = asked.narrow
                          ? "no source says whether it computes " + types_text(asked.unsettled) +
                                "; ask its vendor, and add 'number_types' with the document to a copy of "
                                "the profile"
                          : "no source says which number types this chip computes; ask its vendor";
    } else if (asked.unsettled.empty() && !asked.stand_ins.empty()) {
        line.verdict = Verdict::note;
        line.remedy =
            "it computes " + types_text(asked.stand_ins) +
            " in place of fp8: vLLM and SGLang convert the weights when they load them, other engines "
            "have to as well";
    } else if (!asked.unsettled.empty()) {
        line.verdict = asked.narrow ? Verdict::cannot_tell : Verdict::note;
        line.remedy = "no source says whether it computes " + types_text(asked.unsettled) +
                      "; when you know, say so in a profile of your own, with the document";
    }
    return line;
}

// Of chips that are there in place of the profile's. Where several are possible and they differ, nobody can
// tell; where none is known, there is nothing to say, and least of all that the profile's own types are met.
std::optional<FitLine> line_of_other_chips(const FitQuestion& question) {
    const std::vector<const Profile*> chips = other_chips(question);
    std::set<std::string> names;
    for (const Profile* profile : chips)
        names.insert(chip_of(*profile));
    std::optional<FitLine> line;
    bool differ = false;
    std::map<std::string, std::set<std::string>> found; // names of the chips of which this is said
    for (const Profile* profile : chips) {
        auto one = line_of(*question.needs, *profile, alternatives(names));
        if (!one) continue;
        found[one->found].insert(chip_of(*profile));
        differ = differ || (line && line->verdict != one->verdict);
        if (!line || one->verdict == Verdict::not_met) line = std::move(one);
    }
    if (!line) return line;
    line->found.clear();
    for (const auto& [types, of] : found)
        line->found += (line->found.empty() ? "" : "; ") + alternatives(of) + ": " + types;
    if (differ) {
        line->verdict = Verdict::cannot_tell;
        line->remedy = "which of these chips it is decides: give the probe what the vendor's tool says "
                       "(--plugin or --evidence)";
    }
    return line;
}

} // namespace

void add_number_type_lines(const FitQuestion& question, FitLines& lines) {
    if (question.needs == nullptr) return;
    auto line = line_of(*question.needs, question.profile, chip_of(question.profile));
    const bool is_other = question.machine != nullptr && has_other_chips(question.profile, *question.machine);
    if (is_other && line && line->verdict != Verdict::not_met) line = line_of_other_chips(question);
    if (line) lines.push_back(std::move(*line));
}

} // namespace runtime
