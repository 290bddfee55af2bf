#include "manifests/site_state.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "manifests/chosen_name.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/media_types.hpp"
#include "manifests/read_each.hpp"
#include "manifests/text.hpp"
#include "manifests/time_text.hpp"

namespace manifests {
namespace {

constexpr std::array<std::pair<SiteEvent, std::string_view>, 4> events{{{SiteEvent::init, "init"},
                                                                        {SiteEvent::policy, "policy"},
                                                                        {SiteEvent::install, "install"},
                                                                        {SiteEvent::permit, "permit"}}};

SiteEvent parse_event(const std::string& text) {
    for (const auto& [event, name] : events) {
        if (name == text) return event;
    }
    refuse_document("event " + in_quotes(text) + " is unknown");
}

Digest parse_hex(const std::string& hex) {
    return Digest::parse("sha256:" + hex);
}

void check_limit(std::string_view what, std::size_t found, std::size_t most) {
    if (found > most) {
        refuse_document("there are " + std::to_string(found) + " " + std::string(what) + ", at most " +
                        std::to_string(most) + " are allowed");
    }
}

void check_beginning(const SiteState& state) {
    if (state.seq == 0) refuse_document("seq is 0, wanted 1 or more");
    const bool first = state.seq == 1;
    if (first != !state.prev)
        refuse_document(first ? "the first state has a prev" : "prev is missing behind the first state");
    if (first != (state.event == SiteEvent::init))
        refuse_document("state " + std::to_string(state.seq) + " has the event " +
                        in_quotes(name_of(state.event)));
    if (first && !(state.products.empty() && state.permits_used.empty()))
        refuse_document("the first state has products or permits already");
}

void check(const SiteState& state) {
    check_chosen_name("site_id", state.site_id);
    if (state.policy.version == 0) refuse_document("policy.version is 0, wanted 1 or more");
    check_limit("products", state.products.size(), SiteState::most_products);
    for (const auto& product : state.products)
        check_chosen_name("product", product.first);
    check_limit("permits", state.permits_used.size(), SiteState::most_permits);
    for (std::size_t i = 1; i < state.permits_used.size(); ++i) {
        if (state.permits_used[i - 1] >= state.permits_used[i])
            refuse_document("permits_used is not in rising order");
    }
    check_time("time_floor", state.time_floor);
    check_beginning(state);
}

ProductRecord read_record(const Json& value) {
    Fields fields(value);
    const std::uint64_t release_counter = fields.count("release_counter");
    const std::uint64_t security_epoch = fields.count("security_epoch");
    const Digest bundle = Digest::parse(fields.text("bundle"));
    fields.refuse_others();
    return {release_counter, security_epoch, bundle};
}

std::map<std::string, ProductRecord> read_products(const Json& value) {
    std::map<std::string, ProductRecord> products;
    for (const auto& [name, record] : value.items()) {
        try {
            products.emplace(name, read_record(record));
        } catch (Error& problem) {
            problem.in("products").in(name);
            throw;
        }
    }
    return products;
}

AcceptedPolicy read_policy(const Json& value) {
    Fields fields(value);
    const std::uint64_t version = fields.count("version");
    const Digest payload = parse_hex(fields.text("sha256"));
    fields.refuse_others();
    return {version, payload};
}

SiteState read_members(const Json& json) {
    Fields fields(json);
    fields.must_be("_type", site_state_type);
    const std::uint64_t seq = fields.count("seq");
    std::optional<Digest> prev;
    if (const auto hex = fields.maybe_text("prev")) prev = parse_hex(*hex);
    SiteState state{.seq = seq,
                    .prev = prev,
                    .site_id = fields.text("site_id"),
                    .policy = read_policy(fields.object("policy")),
                    .counter_epoch = fields.count("counter_epoch"),
                    .products = read_products(fields.object("products")),
                    .permits_used = read_each(fields.array("permits_used"), "permits_used",
                                              [](const Json& value) {
                                                  if (!value.is_string()) refuse_document("not a string");
                                                  return parse_hex(value.get<std::string>());
                                              }),
                    .generation = fields.count("generation"),
                    .time_floor = fields.text("time_floor"),
                    .event = parse_event(fields.text("event"))};
    fields.refuse_others();
    return state;
}

OrderedJson write_members(const SiteState& state) {
    OrderedJson json;
    json["_type"] = site_state_type;
    json["seq"] = state.seq;
    if (state.prev) json["prev"] = state.prev->hex();
    json["site_id"] = state.site_id;
    json["policy"] = {{"version", state.policy.version}, {"sha256", state.policy.payload.hex()}};
    json["counter_epoch"] = state.counter_epoch;
    OrderedJson products = OrderedJson::object();
    for (const auto& [name, record] : state.products) {
        products[name] = {{"release_counter", record.release_counter},
                          {"security_epoch", record.security_epoch},
                          {"bundle", record.bundle.text()}};
    }
    json["products"] = std::move(products);
    OrderedJson permits = OrderedJson::array();
    for (const Digest& permit : state.permits_used)
        permits.push_back(permit.hex());
    json["permits_used"] = std::move(permits);
    json["generation"] = state.generation;
    json["time_floor"] = state.time_floor;
    json["event"] = name_of(state.event);
    return json;
}

SiteState read_state(std::string_view payload) {
    JsonRules rules;
    rules.most_bytes = SiteState::most_bytes;
    SiteState state = read_members(read_json(payload, rules));
    check(state);
    if (write_json(write_members(state)) != payload)
        refuse_document("it is not spelled as a site spells it (order of members, white space, escapes)");
    return state;
}

// Every defect of a state has the one code.
template<typename Work>
auto as_site_state(Work work) {
    try {
        return work();
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        throw Error(Fault::damaged, Code::trust_state, std::string("site state: ") + problem.what());
    }
}

bool contains_all(const std::vector<Digest>& all, const std::vector<Digest>& some) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

// --- what each event may change ---------------------------------------------------------------------------

std::string forbidden_always(const SiteState& before, const SiteState& next) {
    if (next.seq != before.seq + 1) return "it is not the next one";
    if (next.event == SiteEvent::init) return "a site begins only once";
    if (next.site_id != before.site_id)
        return "it belongs to the site " + in_quotes(next.site_id) + ", the one before to " +
               in_quotes(before.site_id);
    if (next.policy.version < before.policy.version)
        return "the policy goes back from version " + std::to_string(before.policy.version) + " to " +
               std::to_string(next.policy.version);
    if (next.counter_epoch < before.counter_epoch)
        return "counter_epoch goes back from " + std::to_string(before.counter_epoch) + " to " +
               std::to_string(next.counter_epoch);
    if (next.generation < before.generation)
        return "generation goes back from " + std::to_string(before.generation) + " to " +
               std::to_string(next.generation);
    if (next.counter_epoch == before.counter_epoch && next.time_floor < before.time_floor)
        return "time_floor goes back from " + before.time_floor + " to " + next.time_floor;
    return {};
}

std::string forbidden_policy(const SiteState& before, const SiteState& next) {
    if (next.policy.version == before.policy.version) return "the policy is not newer";
    if (next.permits_used != before.permits_used || next.generation != before.generation)
        return "accepting a policy changed permits or generations";
    const bool reset = next.counter_epoch > before.counter_epoch;
    if (reset && !next.products.empty()) return "counter_epoch is raised, but products are kept";
    if (!reset && next.products != before.products) return "accepting a policy changed products";
    return {};
}

// The one product that may differ, or a reason.
struct ChangedProduct {
    std::string problem = {};
    std::string name = {};
    const ProductRecord* before = nullptr; // none: a new product
    const ProductRecord* next = nullptr;   // none: nothing differs
};

ChangedProduct changed_product(const SiteState& before, const SiteState& next) {
    ChangedProduct changed;
    for (const auto& [name, record] : before.products) {
        if (!next.products.contains(name)) return {.problem = "product " + in_quotes(name) + " is forgotten"};
    }
    for (const auto& [name, record] : next.products) {
        const auto known = before.products.find(name);
        if (known != before.products.end() && known->second == record) continue;
        if (changed.next != nullptr) return {.problem = "two products changed at once"};
        changed.before = known == before.products.end() ? nullptr : &known->second;
        changed.next = &record;
        changed.name = name;
    }
    return changed;
}

std::string goes_back(std::string_view what, const ChangedProduct& changed, std::uint64_t from,
                      std::uint64_t to) {
    return std::string(what) + " of " + in_quotes(changed.name) + " goes back from " + std::to_string(from) +
           " to " + std::to_string(to);
}

std::string forbidden_release(const ChangedProduct& changed, SiteEvent event) {
    if (!changed.problem.empty()) return changed.problem;
    const bool permitted = event == SiteEvent::permit;
    if (changed.next == nullptr || changed.before == nullptr)
        return permitted ? "a permit is recorded, but nothing went back" : "";
    const ProductRecord& before = *changed.before;
    const ProductRecord& next = *changed.next;
    if (next.security_epoch < before.security_epoch)
        return goes_back("security_epoch", changed, before.security_epoch, next.security_epoch);
    if (permitted)
        return next.release_counter < before.release_counter ? ""
                                                             : "a permit is recorded, but nothing went back";
    if (next.release_counter < before.release_counter)
        return goes_back("release_counter", changed, before.release_counter, next.release_counter);
    if (next.release_counter == before.release_counter && next.bundle != before.bundle)
        return "product " + in_quotes(changed.name) + " has two bundles with release_counter " +
               std::to_string(next.release_counter);
    return {};
}

std::string forbidden_install(const SiteState& before, const SiteState& next) {
    if (next.policy != before.policy || next.counter_epoch != before.counter_epoch)
        return "an install changed the policy";
    const std::size_t fresh = next.event == SiteEvent::permit ? 1 : 0;
    if (next.permits_used.size() != before.permits_used.size() + fresh ||
        !contains_all(next.permits_used, before.permits_used))
        return "permits_used does not grow by exactly the permit that was used";
    return forbidden_release(changed_product(before, next), next.event);
}

// --- the chain --------------------------------------------------------------------------------------------

std::string place_of(std::uint64_t seq) {
    return "state " + std::to_string(seq);
}

void add_problem(Report& report, std::uint64_t seq, std::string text) {
    report.add({Code::trust_state, place_of(seq), std::move(text),
                "bring the site's trust folder back from its newest copy, or set the site up anew with "
                "trust init after asking headquarters what it had"});
}

SiteState read_file(const StateFile& file, const PublicKey& site_key) {
    const Envelope envelope = Envelope::parse(file.bytes);
    if (check_signatures(envelope, {site_key}).signed_by.empty())
        refuse_document("it is not signed by the key of this site, or was changed since");
    if (envelope.payload_type != media::site_state_payload)
        refuse_document("payload type " + in_quotes(envelope.payload_type) + " is no site state");
    if (envelope.encode() != file.bytes || envelope.signatures.size() != 1)
        refuse_document("the envelope is not spelled as a site spells it");
    SiteState state = SiteState::parse(envelope.payload);
    if (state.seq != file.seq) refuse_document("it says that it is " + place_of(state.seq));
    return state;
}

std::optional<SiteState> try_file(const StateFile& file, const PublicKey& site_key, Report& report) {
    try {
        return read_file(file, site_key);
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        add_problem(report, file.seq, problem.what());
        return std::nullopt;
    }
}

void check_gap(std::uint64_t expected, std::uint64_t found, Report& report) {
    if (found == expected) return;
    add_problem(report, expected,
                found == expected + 1 ? "it is missing"
                                      : "it and all up to " + place_of(found - 1) + " are missing");
}

struct ReadFile {
    std::uint64_t seq;
    Digest bytes;
    std::optional<SiteState> state;
};

void check_link(const ReadFile& before, const ReadFile& next, Report& report) {
    if (!next.state) return;
    if (next.state->prev != before.bytes)
        add_problem(report, next.seq,
                    "it was written behind another " + place_of(before.seq) + " than the one here");
    if (!before.state) return;
    const std::string problem = forbidden_step(*before.state, *next.state);
    if (!problem.empty()) add_problem(report, next.seq, problem);
}

SiteState next_of(const SiteState& before, const Digest& before_file, SiteEvent event,
                  std::string time_floor) {
    SiteState next = before;
    next.seq = before.seq + 1;
    next.prev = before_file;
    next.event = event;
    next.time_floor = std::move(time_floor);
    return next;
}

SiteState checked_step(const SiteState& before, SiteState next) {
    const std::string problem = forbidden_step(before, next);
    if (!problem.empty())
        throw Error(Fault::refused, Code::trust_state, "the next site state is not allowed: " + problem);
    return next;
}

} // namespace

std::string_view name_of(SiteEvent event) {
    return std::find_if(events.begin(), events.end(), [&](const auto& row) { return row.first == event; })
        ->second;
}

SiteState SiteState::parse(std::string_view payload) {
    return as_site_state([&] { return read_state(payload); });
}

std::string SiteState::encode() const {
    return as_site_state([&] {
        check(*this);
        std::string text = write_json(write_members(*this));
        check_limit("bytes", text.size(), most_bytes);
        return text;
    });
}

std::string forbidden_step(const SiteState& before, const SiteState& next) {
    std::string problem = forbidden_always(before, next);
    if (!problem.empty()) return problem;
    return next.event == SiteEvent::policy ? forbidden_policy(before, next) : forbidden_install(before, next);
}

StateChain check_state_chain(std::vector<StateFile> files, const PublicKey& site_key) {
    StateChain chain;
    std::stable_sort(files.begin(), files.end(),
                     [](const StateFile& a, const StateFile& b) { return a.seq < b.seq; });
    if (files.empty()) add_problem(chain.report, 1, "it is missing, and so is every other one");
    std::optional<ReadFile> last;
    for (const StateFile& file : files) {
        if (last && last->seq == file.seq) {
            add_problem(chain.report, file.seq, "there are two of it");
            continue;
        }
        check_gap(last ? last->seq + 1 : 1, file.seq, chain.report);
        ReadFile read{file.seq, Digest::of(file.bytes), try_file(file, site_key, chain.report)};
        if (last && last->seq + 1 == read.seq) check_link(*last, read, chain.report);
        last = std::move(read);
    }
    if (!chain.report.passed()) return chain;
    chain.newest = std::move(last->state);
    chain.newest_file = last->bytes;
    return chain;
}

std::string raised_time_floor(const std::optional<std::string>& before, const TimesSeen& seen,
                              const std::optional<std::string>& policy_end) {
    std::string floor = before.value_or("1970-01-01T00:00:00Z");
    const auto raise = [&](const std::string& time) {
        check_time("a time", time);
        if (policy_end && time >= *policy_end) return;
        floor = std::max(floor, time);
    };
    if (seen.clock) raise(*seen.clock);
    for (const std::string& time : seen.issued)
        raise(time);
    return floor;
}

TimeNow time_now(const std::string& clock, const std::string& floor) {
    if (clock >= floor) return {clock, std::nullopt};
    return {floor, Finding{Code::trust_clock, "clock",
                           "the clock says " + in_quotes(clock) + ", but " + floor +
                               " has passed already; this later time counts",
                           "set the clock of this machine", Severity::note}};
}

SiteState first_state(std::string site_id, const AcceptedPolicy& policy, std::uint64_t counter_epoch,
                      std::uint64_t generation, std::string time_floor) {
    return {.seq = 1,
            .prev = std::nullopt,
            .site_id = std::move(site_id),
            .policy = policy,
            .counter_epoch = counter_epoch,
            .products = {},
            .permits_used = {},
            .generation = generation,
            .time_floor = std::move(time_floor),
            .event = SiteEvent::init};
}

SiteState after_policy(const SiteState& before, const Digest& before_file, const AcceptedPolicy& policy,
                       std::uint64_t counter_epoch, std::string time_floor) {
    SiteState next = next_of(before, before_file, SiteEvent::policy, std::move(time_floor));
    next.policy = policy;
    if (counter_epoch > before.counter_epoch) next.products.clear();
    next.counter_epoch = counter_epoch;
    return checked_step(before, std::move(next));
}

SiteState after_install(const SiteState& before, const Digest& before_file, const InstalledRelease& release,
                        std::string time_floor) {
    const SiteEvent event = release.permit ? SiteEvent::permit : SiteEvent::install;
    SiteState next = next_of(before, before_file, event, std::move(time_floor));
    next.products.insert_or_assign(release.product, release.record);
    next.generation = std::max(before.generation, release.generation);
    if (release.permit) {
        next.permits_used.push_back(*release.permit);
        std::sort(next.permits_used.begin(), next.permits_used.end());
    }
    return checked_step(before, std::move(next));
}

} // namespace manifests
