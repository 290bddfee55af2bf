#include "runtime/check_output.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/fit_output.hpp"
#include "runtime/trust_evidence.hpp"

namespace runtime {
namespace {

using manifests::OrderedJson;
using Trust = Checked::Trust;

std::string_view name_of_trust(Trust trust) {
    switch (trust) {
    case Trust::not_asked:
        break;
    case Trust::refused:
        return "refused";
    case Trust::signed_by_known:
        return "signed";
    }
    return "not asked";
}

OrderedJson json_of(const Checked& checked) {
    OrderedJson value = {{"schema", "sealift.check/1"},
                         {"subject", json_text(checked.subject)},
                         {"machine", json_text(checked.machine)},
                         {"name", checked.name},
                         {"version", checked.version},
                         {"profile", checked.profile_id}};
    if (checked.digest) value["digest"] = checked.digest->text();
    value["passed"] = checked.passed();
    value["verdict"] = nullptr; // what is no bundle, or never becomes one, was held against no machine
    if (checked.report.passed()) value["verdict"] = name_of(checked.fit.verdict());
    value["lines"] = fit_json(checked.fit);
    value["trust"] = {
        {"answer", name_of_trust(checked.trust)}, {"signed_by", checked.signers}, {"files_were_read", false}};
    manifests::Report all = checked.report;
    all.merge(checked.trust_report);
    all.merge(report_of(checked.fit));
    value["findings"] = report_json(all);
    return value;
}

std::string count_of(const Fit& fit) {
    const auto count = [&](FitLine::Verdict verdict) {
        return std::count_if(fit.lines.begin(), fit.lines.end(),
                             [&](const FitLine& line) { return line.verdict == verdict; });
    };
    std::string text = std::to_string(count(FitLine::Verdict::met)) + " met";
    for (const auto verdict :
         {FitLine::Verdict::not_met, FitLine::Verdict::cannot_tell, FitLine::Verdict::note}) {
        if (const auto some = count(verdict); some > 0)
            text += ", " + std::to_string(some) + " " + std::string(name_of(verdict));
    }
    return text;
}

std::string verdict_text(const Checked& checked) {
    if (!checked.passed() && checked.fit.fits()) return styled(Style::bad, "REFUSED");
    switch (checked.fit.verdict()) {
    case Fit::Class::runs:
        return styled(Style::good, "RUNS");
    case Fit::Class::runs_but:
        return styled(Style::careful, "RUNS, BUT");
    case Fit::Class::does_not_run:
        break;
    }
    return styled(Style::bad, "DOES NOT RUN");
}

std::string trust_text(const Checked& checked) {
    std::string text;
    switch (checked.trust) {
    case Trust::not_asked:
        return "trust     not asked: no signature was checked, and no file was read\n";
    case Trust::refused:
        return "trust     refused, for the reasons above; no file was read\n";
    case Trust::signed_by_known:
        for (const std::string& id : checked.signers)
            text += "signed by " + id + "\n";
        return text + "trust     the signature is good; no file was read, which verify does\n" +
               unchecked_line(checked.trust_report);
    }
    return text;
}

void print_table(const Checked& checked, const OutputOptions& options) {
    print_report(checked.report, options);
    if (!checked.fit.lines.empty()) print(fit_text(checked.fit));
    print_report(without_partial(checked.trust_report), options);
    std::string text = verdict_text(checked) + "  ";
    if (checked.name.empty()) {
        print(text + manifests::escaped(checked.subject, 4096) + "\n");
        return;
    }
    text += checked.name + " " + manifests::escaped(checked.version) + " for " +
            manifests::escaped(checked.profile_id) + " on " + manifests::escaped(checked.machine, 4096) +
            ": " + count_of(checked.fit) + "\n";
    if (checked.digest) text += "bundle    " + checked.digest->text() + "\n";
    print(text + trust_text(checked));
}

} // namespace

int print_checked(const Checked& checked, const OutputOptions& options) {
    if (options.format == Format::json)
        print_json(json_of(checked));
    else
        print_table(checked, options);
    return static_cast<int>(checked.passed() ? manifests::Exit::done : manifests::Exit::no);
}

} // namespace runtime
