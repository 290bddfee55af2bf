#include <string>
#include <vector>

#include "manifests/json_members.hpp"
#include "manifests/json_pieces.hpp"
#include "manifests/json_values.hpp"

namespace manifests {
namespace {

using OnMember = std::function<void(const std::string& name, const Json& value)>;

// Builds the value as the parser goes, except for what is in one list or object, which it gives away.
class ListReader final : public ValueKeeper {
public:
    /// @param list  the member of the outermost object, or "": the outermost object itself
    /// @param give  with the names in an object, without names in a list
    ListReader(const JsonRules& rules, std::string_view list, Json::value_t kind, const OnMember& give)
        : ValueKeeper(rules), list_(list), kind_(kind), give_(give) {}

    Json take() { return std::move(root_); }

private:
    // Depth 2 is the list itself, a member of the outermost object.
    static constexpr std::size_t list_depth = 2;

    Json* add(Json value) {
        if (open_.empty()) return root_ = std::move(value), &root_;
        Json& parent = *open_.back();
        if (parent.is_array()) return parent.push_back(std::move(value)), &parent.back();
        return &(parent[last_key()] = std::move(value));
    }
    bool put(Json value) override {
        add(std::move(value));
        give_if_element();
        return true;
    }
    bool open(Json::value_t type) override {
        const bool right_kind = type == kind_;
        Json* const added = add(Json(type));
        open_.push_back(added);
        const bool in_place =
            list_.empty() ? open_.size() == 1
                          : open_.size() == list_depth && last_key() == list_ && open_[0]->is_object();
        if (right_kind && in_place) listed_ = added;
        return true;
    }
    bool close() override {
        if (open_.back() == listed_) listed_ = nullptr;
        open_.pop_back();
        give_if_element();
        return true;
    }
    void give_if_element() {
        if (listed_ == nullptr || open_.empty() || open_.back() != listed_ || listed_->empty()) return;
        const auto element = listed_->begin();
        give_(listed_->is_object() ? element.key() : std::string(), *element);
        listed_->clear();
    }

    std::string list_;
    Json::value_t kind_;
    const OnMember& give_;
    Json root_;
    std::vector<Json*> open_; // addresses stay: a parent gets no new child while one of its children is open
    Json* listed_ = nullptr;
};

} // namespace

Json read_json_list(const NextPiece& next, std::string_view list,
                    const std::function<void(const Json&)>& on_element, const JsonRules& rules) {
    const OnMember give = [&](const std::string&, const Json& element) { on_element(element); };
    ListReader reader(rules, list, Json::value_t::array, give);
    PieceIterator::Source source{next, rules.most_bytes};
    source.advance();
    Json::sax_parse(PieceIterator(source), PieceIterator(), &reader, Json::input_format_t::json, true,
                    rules.comments);
    return reader.take();
}

Json read_json_members(std::string_view text, std::string_view object, const OnMember& on_member,
                       const JsonRules& rules) {
    refuse_unreadable(text, rules);
    ListReader reader(rules, object, Json::value_t::object, on_member);
    Json::sax_parse(text.begin(), text.end(), &reader, Json::input_format_t::json, true, rules.comments);
    return reader.take();
}

} // namespace manifests
