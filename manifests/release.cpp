#include "manifests/release.hpp"

#include <algorithm>
#include <limits>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"
#include "manifests/time_text.hpp"

namespace manifests {
namespace {

constexpr std::size_t most_name_bytes = 255; // names become file names and annotations
constexpr std::uint64_t most_count = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c);
}

void check_product(const std::string& product) {
    const bool fits = !product.empty() && product.size() <= most_name_bytes &&
                      is_name_character(product.front()) && is_name_character(product.back()) &&
                      std::all_of(product.begin(), product.end(), [](char c) {
                          return is_name_character(c) || c == '.' || c == '_' || c == '-';
                      });
    if (!fits)
        refuse_document("product " + in_quotes(product) +
                        " is not made of a-z and 0-9 with '.', '_' and '-' inside");
}

void check_clean(const std::string& name, const std::string& text) {
    const bool fits = !text.empty() && text.size() <= most_name_bytes && is_utf8(text) &&
                      text.find(' ') == std::string::npos && escaped(text, most_name_bytes + 1) == text;
    if (!fits) refuse_document(name + " " + in_quotes(text) + " is not a clean text without spaces");
}

void check_line(const std::string& name, const std::string& text) {
    if (text.empty() || text.size() > most_name_bytes || !is_utf8(text) ||
        escaped(text, most_name_bytes + 1) != text)
        refuse_document(name + " " + in_quotes(text) + " is not a clean text");
}

void check_terms(const ReleaseTerms& terms) {
    if (terms.expires) check_time("expires", *terms.expires);
    if (terms.security_epoch > most_count) refuse_document("security_epoch is over 2^63-1");
    if (terms.policy_min_version > most_count) refuse_document("policy_min_version is over 2^63-1");
    for (std::size_t i = 1; i < terms.replaces.size(); ++i) {
        if (!(terms.replaces[i - 1] < terms.replaces[i])) refuse_document("replaces is not strictly rising");
    }
    if (!terms.exports) return;
    check_line("export.classification", terms.exports->classification);
    const std::vector<std::string>& destinations = terms.exports->destinations;
    for (std::size_t i = 0; i < destinations.size(); ++i) {
        check_clean("export.destinations", destinations[i]);
        if (i > 0 && destinations[i - 1] >= destinations[i])
            refuse_document("export.destinations is not strictly rising");
    }
}

void check(const ReleaseStatement& release) {
    check_product(release.product);
    if (release.release_counter > most_count) refuse_document("release_counter is over 2^63-1");
    check_clean("version", release.version);
    check_clean("target.profile", release.profile_id);
    if (release.issued) check_time("issued", *release.issued);
    check_terms(release.terms);
    // Both are of one length and one spelling, so text order is time order.
    if (release.issued && release.terms.expires && *release.terms.expires <= *release.issued)
        refuse_document("expires is not after issued");
}

// 0 is spelled by leaving the member out.
std::uint64_t positive_or_absent(Fields& fields, std::string_view name) {
    if (!fields.has(name)) return 0;
    const std::uint64_t count = fields.count(name);
    if (count == 0) refuse_document(std::string(name) + " is 0; leave it out");
    return count;
}

ExportTerms read_exports(const Json& value) {
    Fields fields(value);
    ExportTerms exports{fields.text("classification"), fields.texts_or_none("destinations")};
    fields.refuse_others();
    return exports;
}

ReleaseTerms read_terms(Fields& fields) {
    ReleaseTerms terms;
    terms.security_epoch = positive_or_absent(fields, "security_epoch");
    terms.expires = fields.maybe_text("expires");
    terms.policy_min_version = positive_or_absent(fields, "policy_min_version");
    for (const std::string& text : fields.texts_or_none("replaces"))
        terms.replaces.push_back(Digest::parse(text));
    if (const Json* exports = fields.maybe("export")) terms.exports = read_exports(*exports);
    return terms;
}

ReleaseStatement read_release(const Statement& statement) {
    if (statement.predicate_type != predicate::release)
        refuse_document("predicateType is " + in_quotes(statement.predicate_type) + ", wanted " +
                        in_quotes(predicate::release));
    if (statement.subjects.size() != 1)
        refuse_document("there are " + std::to_string(statement.subjects.size()) + " subjects, wanted 1");
    const Subject& subject = statement.subjects.front();
    Fields fields(*statement.predicate);
    const std::string product = fields.text("product");
    const std::string version = fields.text("version");
    const std::uint64_t release_counter = fields.count("release_counter");
    ReleaseTerms terms = read_terms(fields);
    Fields target(fields.object("target"));
    const std::string profile_id = target.text("profile");
    const Digest profile = Digest::parse(target.text("profile_digest"));
    target.refuse_others();
    std::optional<std::string> issued = fields.maybe_text("issued");
    fields.refuse_others();
    ReleaseStatement release{product,        version,           release_counter,  profile_id, profile,
                             subject.digest, std::move(issued), std::move(terms), subject.sm3};
    check(release);
    const std::string name = release.product + "@" + release.version;
    if (subject.name != name)
        refuse_document("subject is " + in_quotes(subject.name) + ", but the predicate is about " +
                        in_quotes(name));
    return release;
}

OrderedJson write_predicate(const ReleaseStatement& release) {
    const ReleaseTerms& terms = release.terms;
    OrderedJson predicate;
    predicate["product"] = release.product;
    predicate["version"] = release.version;
    predicate["release_counter"] = release.release_counter;
    if (terms.security_epoch > 0) predicate["security_epoch"] = terms.security_epoch;
    predicate["target"]["profile"] = release.profile_id;
    predicate["target"]["profile_digest"] = release.profile.text();
    if (release.issued) predicate["issued"] = *release.issued;
    if (terms.expires) predicate["expires"] = *terms.expires;
    if (terms.policy_min_version > 0) predicate["policy_min_version"] = terms.policy_min_version;
    for (const Digest& digest : terms.replaces)
        predicate["replaces"].push_back(digest.text());
    if (terms.exports) {
        OrderedJson exports{{"classification", terms.exports->classification}};
        if (!terms.exports->destinations.empty()) exports["destinations"] = terms.exports->destinations;
        predicate["export"] = std::move(exports);
    }
    return predicate;
}

constexpr std::string_view what = "release statement";

} // namespace

ReleaseStatement ReleaseStatement::parse(std::string_view payload) {
    return as_statement(what, [&] { return read_release(Statement::parse(payload)); });
}

ReleaseStatement ReleaseStatement::from(const Statement& statement) {
    return as_statement(what, [&] { return read_release(statement); });
}

std::string ReleaseStatement::encode() const {
    return as_statement(what, [&] {
        check(*this);
        return encode_statement({{product + "@" + version, bundle, bundle_sm3}}, predicate::release,
                                write_predicate(*this));
    });
}

} // namespace manifests
