#include "manifests/release_set.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "manifests/bundle_document.hpp"
#include "manifests/json.hpp"
#include "manifests/predicates.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

constexpr std::string_view what = "release set";

ReleaseSetMember read_member(const Json& value) {
    Fields fields(value);
    std::string name = fields.text("name");
    Fields digests(fields.object("digest"));
    ReleaseSetMember member{std::move(name), Digest::parse("sha256:" + digests.text("sha256")),
                            fields.text("role")};
    digests.refuse_others();
    fields.refuse_others();
    if (member.name.empty() || member.role.empty()) refuse_document("a member has no name or no role");
    return member;
}

ReleaseSet read_set(const Json& value) {
    Fields fields(value);
    ReleaseSet set{fields.text("set"), fields.count("counter"), {}};
    check_name(set.set);
    for (const Json& member : fields.array("members")) {
        set.members.push_back(read_member(member));
        const std::size_t count = set.members.size();
        if (count > 1 && set.members[count - 2].name >= set.members.back().name)
            refuse_document("members are not strictly rising by name");
    }
    if (set.members.empty()) refuse_document("there is no member");
    fields.refuse_others();
    return set;
}

} // namespace

ReleaseSet ReleaseSet::from(const Statement& statement) {
    return as_statement(what, [&] {
        if (statement.predicate_type != predicate::release_set)
            refuse_document("predicateType is " + in_quotes(statement.predicate_type));
        ReleaseSet set = read_set(*statement.predicate);
        const bool same =
            std::equal(set.members.begin(), set.members.end(), statement.subjects.begin(),
                       statement.subjects.end(), [](const ReleaseSetMember& member, const Subject& subject) {
                           return member.name == subject.name && member.digest == subject.digest;
                       });
        if (!same) refuse_document("the members are not the subjects of the statement");
        return set;
    });
}

ReleaseSet ReleaseSet::parse_predicate(std::string_view text) {
    return as_statement(what, [&] {
        JsonRules rules;
        rules.most_bytes = Statement::most_bytes;
        rules.comments = true;
        return read_set(read_json(text, rules));
    });
}

std::string ReleaseSet::encode() const {
    OrderedJson list = OrderedJson::array();
    std::vector<Subject> subjects;
    for (const ReleaseSetMember& member : members) {
        OrderedJson one;
        one["name"] = member.name;
        one["digest"]["sha256"] = member.digest.hex();
        one["role"] = member.role;
        list.push_back(std::move(one));
        subjects.push_back({member.name, member.digest, std::nullopt});
    }
    OrderedJson predicate;
    predicate["set"] = set;
    predicate["counter"] = counter;
    predicate["members"] = std::move(list);
    return encode_statement(subjects, predicate::release_set, predicate);
}

const ReleaseSetMember* ReleaseSet::find(std::string_view name) const {
    const auto member = std::find_if(members.begin(), members.end(),
                                     [&](const ReleaseSetMember& one) { return one.name == name; });
    return member == members.end() ? nullptr : &*member;
}

} // namespace manifests
