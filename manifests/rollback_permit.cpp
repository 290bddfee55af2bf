#include "manifests/rollback_permit.hpp"

#include <nlohmann/json.hpp>

#include "manifests/chosen_name.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "manifests/time_text.hpp"

namespace manifests {
namespace {

constexpr std::size_t most_reason_bytes = 1000;

void check_sites(const std::vector<std::string>& sites) {
    if (sites.empty()) refuse_document("sites is empty; a permit names the sites that it is for");
    if (sites.size() > RollbackPermit::most_sites)
        refuse_document("there are " + std::to_string(sites.size()) + " sites, at most " +
                        std::to_string(RollbackPermit::most_sites) + " are allowed");
    for (std::size_t i = 0; i < sites.size(); ++i) {
        check_chosen_name("site", sites[i]);
        if (i > 0 && sites[i - 1] >= sites[i]) refuse_document("sites is not in rising order");
    }
}

// It is shown to people, so nothing in it may change how the text around it looks.
void check_reason(const std::string& reason) {
    const bool fits = !reason.empty() && reason.size() <= most_reason_bytes && is_utf8(reason) &&
                      escaped(reason, most_reason_bytes + 1) == reason;
    if (!fits) refuse_document("reason " + in_quotes(reason) + " is not one line of clean text");
}

void check(const RollbackPermit& permit) {
    check_chosen_name("product", permit.product);
    check_sites(permit.sites);
    check_time("expires", permit.expires);
    check_reason(permit.reason);
}

RollbackPermit read_permit(const Json& predicate) {
    Fields fields(predicate);
    Fields to(fields.object("to"));
    RollbackPermit permit{.product = fields.text("product"),
                          .from_counter = fields.count("from_counter"),
                          .to = Digest::parse("sha256:" + to.text("sha256")),
                          .sites = fields.texts("sites"),
                          .expires = fields.text("expires"),
                          .reason = fields.text("reason")};
    to.refuse_others();
    fields.refuse_others();
    check(permit);
    return permit;
}

template<typename Work>
auto as_permit(Work work) {
    try {
        return work();
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        throw Error(Fault::damaged, Code::trust_permit, std::string("rollback permit: ") + problem.what());
    }
}

} // namespace

RollbackPermit RollbackPermit::parse(const Json& predicate) {
    return as_permit([&] { return read_permit(predicate); });
}

OrderedJson RollbackPermit::encode() const {
    as_permit([&] { check(*this); });
    OrderedJson json;
    json["product"] = product;
    json["from_counter"] = from_counter;
    json["to"]["sha256"] = to.hex();
    json["sites"] = sites;
    json["expires"] = expires;
    json["reason"] = reason;
    return json;
}

} // namespace manifests
