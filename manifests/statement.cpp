#include "manifests/statement.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view may_grow = "in-toto Statement v1: consumers MUST ignore unrecognized fields";
constexpr std::size_t most_subjects = 1024; // 16 KiB hold fewer

std::string hex_of(Fields& digests, std::string_view algorithm) {
    const std::string hex = digests.text(algorithm);
    return Digest::parse("sha256:" + hex).hex(); // 64 lower-case digits, whatever the algorithm
}

Subject read_subject(const Json& value) {
    Fields fields(value);
    std::string name = fields.text_or("name", "");
    Fields digests(fields.object("digest"));
    Subject subject{std::move(name), Digest::parse("sha256:" + digests.text("sha256")), std::nullopt};
    if (digests.has("sm3")) subject.sm3 = hex_of(digests, "sm3");
    digests.allow_others("in-toto DigestSet: other algorithms may be given");
    fields.allow_others(may_grow);
    return subject;
}

Statement read_statement(std::string_view payload) {
    JsonRules rules;
    rules.most_bytes = Statement::most_bytes;
    rules.floats = true; // in predicates that are not ours
    const Json json = read_json(payload, rules);
    Fields fields(json);
    fields.must_be("_type", in_toto_statement);
    Statement statement;
    statement.predicate_type = fields.text("predicateType");
    if (statement.predicate_type.empty()) refuse_document("predicateType is empty");
    const Json& subjects = fields.array("subject");
    if (subjects.empty()) refuse_document("there is no subject");
    if (subjects.size() > most_subjects) refuse_document("there are over 1024 subjects");
    for (const Json& subject : subjects)
        statement.subjects.push_back(read_subject(subject));
    statement.predicate = std::make_shared<const Json>(fields.object("predicate"));
    fields.allow_others(may_grow);
    return statement;
}

} // namespace

Statement Statement::parse(std::string_view payload) {
    return as_statement("statement", [&] { return read_statement(payload); });
}

const Subject* Statement::find(const Digest& digest) const {
    const auto subject = std::find_if(subjects.begin(), subjects.end(),
                                      [&](const Subject& one) { return one.digest == digest; });
    return subject == subjects.end() ? nullptr : &*subject;
}

std::string encode_statement(const std::vector<Subject>& subjects, std::string_view predicate_type,
                             const OrderedJson& predicate) {
    OrderedJson list = OrderedJson::array();
    for (const Subject& subject : subjects) {
        OrderedJson one;
        one["name"] = subject.name;
        one["digest"]["sha256"] = subject.digest.hex();
        if (subject.sm3) one["digest"]["sm3"] = *subject.sm3;
        list.push_back(std::move(one));
    }
    OrderedJson statement;
    statement["_type"] = in_toto_statement;
    statement["subject"] = std::move(list);
    statement["predicateType"] = predicate_type;
    statement["predicate"] = predicate;
    std::string text = write_json(statement);
    if (text.size() > Statement::most_bytes) {
        throw Error(Fault::damaged, Code::trust_statement,
                    "a statement of " + count_text(text.size()) + " bytes, at most " +
                        count_text(Statement::most_bytes) + " fit a smart card");
    }
    return text;
}

std::string sm3_hex(std::string_view bytes) {
    Hasher hasher(Hasher::Algorithm::sm3);
    hasher.update(bytes.data(), bytes.size());
    return to_hex(hasher.finish_bytes());
}

} // namespace manifests
