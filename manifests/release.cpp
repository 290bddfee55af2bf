#include "manifests/release.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::size_t most_name_bytes = 255; // names become file names and annotations

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

int number_at(const std::string& text, std::size_t at, std::size_t length) {
    int value = 0;
    for (std::size_t i = at; i < at + length; ++i)
        value = 10 * value + (text[i] - '0');
    return value;
}

// RFC 3339 in the one spelling that we write: whole seconds, UTC.
void check_time(const std::string& text) {
    constexpr std::string_view shape = "0000-00-00T00:00:00Z";
    bool fits = text.size() == shape.size();
    for (std::size_t i = 0; fits && i < shape.size(); ++i)
        fits = shape[i] == '0' ? is_digit(text[i]) : shape[i] == text[i];
    if (fits) {
        constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        const int year = number_at(text, 0, 4);
        const int month = number_at(text, 5, 2);
        const int day = number_at(text, 8, 2);
        const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        fits = month >= 1 && month <= 12 && day >= 1 &&
               day <= days[static_cast<std::size_t>(month - 1)] + (leap && month == 2 ? 1 : 0) &&
               number_at(text, 11, 2) < 24 && number_at(text, 14, 2) < 60 && number_at(text, 17, 2) < 60;
    }
    if (!fits)
        refuse_document("issued is " + in_quotes(text) + ", wanted a time such as 2026-11-01T00:00:00Z");
}

void check(const ReleaseStatement& release) {
    constexpr std::uint64_t most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    check_product(release.product);
    if (release.release_counter > most) refuse_document("release_counter is over 2^63-1");
    check_clean("version", release.version);
    check_clean("target.profile", release.profile_id);
    if (release.issued) check_time(*release.issued);
}

struct Subject {
    std::string name;
    Digest digest;
};

Subject read_subject(const Json& subjects) {
    if (subjects.size() != 1)
        refuse_document("there are " + std::to_string(subjects.size()) + " subjects, wanted 1");
    Fields fields(subjects.front());
    const std::string name = fields.text("name");
    Fields digests(fields.object("digest"));
    const Digest digest = Digest::parse("sha256:" + digests.text("sha256"));
    digests.refuse_others();
    fields.refuse_others();
    return {name, digest};
}

ReleaseStatement read_predicate(const Json& value, const Digest& bundle) {
    Fields fields(value);
    const std::string product = fields.text("product");
    const std::string version = fields.text("version");
    const std::uint64_t release_counter = fields.count("release_counter");
    Fields target(fields.object("target"));
    const std::string profile_id = target.text("profile");
    const Digest profile = Digest::parse(target.text("profile_digest"));
    target.refuse_others();
    const std::optional<std::string> issued = fields.maybe_text("issued");
    fields.refuse_others();
    return {product, version, release_counter, profile_id, profile, bundle, issued};
}

ReleaseStatement read_statement(std::string_view payload) {
    JsonRules rules;
    rules.most_bytes = ReleaseStatement::most_bytes;
    const Json json = read_json(payload, rules);
    Fields fields(json);
    fields.must_be("_type", in_toto_statement);
    fields.must_be("predicateType", release_predicate);
    const Subject subject = read_subject(fields.array("subject"));
    ReleaseStatement release = read_predicate(fields.object("predicate"), subject.digest);
    fields.allow_others("in-toto Statement v1: consumers MUST ignore unrecognized fields");
    check(release);
    const std::string name = release.product + "@" + release.version;
    if (subject.name != name)
        refuse_document("subject is " + in_quotes(subject.name) + ", but the predicate is about " +
                        in_quotes(name));
    return release;
}

// Every defect of a statement has the one code.
template<typename Work>
auto as_statement(Work work) {
    try {
        return work();
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        throw Error(Fault::damaged, Code::trust_statement,
                    std::string("release statement: ") + problem.what());
    }
}

OrderedJson write_statement(const ReleaseStatement& release) {
    OrderedJson subject;
    subject["name"] = release.product + "@" + release.version;
    subject["digest"]["sha256"] = release.bundle.hex();
    OrderedJson predicate;
    predicate["product"] = release.product;
    predicate["version"] = release.version;
    predicate["release_counter"] = release.release_counter;
    predicate["target"]["profile"] = release.profile_id;
    predicate["target"]["profile_digest"] = release.profile.text();
    if (release.issued) predicate["issued"] = *release.issued;
    OrderedJson statement;
    statement["_type"] = in_toto_statement;
    statement["subject"] = OrderedJson::array({std::move(subject)});
    statement["predicateType"] = release_predicate;
    statement["predicate"] = std::move(predicate);
    return statement;
}

} // namespace

ReleaseStatement ReleaseStatement::parse(std::string_view payload) {
    return as_statement([&] { return read_statement(payload); });
}

std::string ReleaseStatement::encode() const {
    return as_statement([&] {
        check(*this);
        return write_json(write_statement(*this));
    });
}

} // namespace manifests
