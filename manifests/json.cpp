#include "manifests/json.hpp"

#include <algorithm>
#include <limits>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

class DoorKeeper : public nlohmann::json_sax<Json> {
public:
    explicit DoorKeeper(const JsonRules& rules) : rules_(rules) {}

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t value) override {
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
            refuse(Code::format_json, "number " + std::to_string(value) + " is over 2^63-1");
        }
        return true;
    }
    bool number_float(number_float_t, const string_t& spelling) override {
        const bool integer = spelling.find_first_of(".eE") == string_t::npos;
        if (integer) refuse(Code::format_json, "number " + in_quotes(spelling) + " is over 64 bits");
        if (!rules_.floats) refuse(Code::format_json, "number " + in_quotes(spelling) + " is not an integer");
        return true;
    }
    bool string(string_t& value) override {
        refuse_nul(value);
        return true;
    }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override {
        enter();
        members_.emplace_back();
        return true;
    }
    bool key(string_t& name) override {
        refuse_nul(name);
        auto& members = members_.back();
        if (!members.insert(name).second) {
            refuse(Code::format_duplicate, "member " + in_quotes(name) + " is given twice");
        }
        if (members.size() > rules_.most_members) {
            refuse(Code::format_limit,
                   "an object has over " + std::to_string(rules_.most_members) + " members");
        }
        return true;
    }
    bool end_object() override {
        members_.pop_back();
        --depth_;
        return true;
    }
    bool start_array(std::size_t) override {
        enter();
        return true;
    }
    bool end_array() override {
        --depth_;
        return true;
    }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception& problem) override {
        // nlohmann's text ends with what it expected; its front repeats ids and positions.
        std::string_view text = problem.what();
        const std::size_t start = text.find("syntax error");
        if (start != std::string_view::npos) text.remove_prefix(start);
        refuse(Code::format_json, "not JSON at byte " + std::to_string(position) + ": " + escaped(text));
    }

private:
    [[noreturn]] static void refuse(Code code, const std::string& text) {
        throw Error(Fault::damaged, code, text);
    }
    static void refuse_nul(const string_t& text) {
        if (text.find('\0') != string_t::npos) refuse(Code::format_json, "a string contains NUL");
    }
    void enter() {
        if (++depth_ > rules_.most_depth) {
            refuse(Code::format_limit, "nested deeper than " + std::to_string(rules_.most_depth));
        }
    }

protected:
    std::uint64_t depth() const { return depth_; }

private:
    const JsonRules& rules_;
    std::uint64_t depth_ = 0;
    std::vector<std::unordered_set<std::string>> members_;
};

// Builds the value as the parser goes, except for the elements of one list, which it gives away.
class ListReader final : public DoorKeeper {
public:
    ListReader(const JsonRules& rules, std::string_view list, const std::function<void(const Json&)>& give)
        : DoorKeeper(rules), list_(list), give_(give) {}

    Json take() { return std::move(root_); }

    bool null() override { return put(nullptr); }
    bool boolean(bool value) override { return put(value); }
    bool number_integer(number_integer_t value) override { return put(value); }
    bool number_unsigned(number_unsigned_t value) override {
        return DoorKeeper::number_unsigned(value) && put(value);
    }
    bool number_float(number_float_t value, const string_t& spelling) override {
        return DoorKeeper::number_float(value, spelling) && put(value);
    }
    bool string(string_t& value) override { return DoorKeeper::string(value) && put(value); }
    bool start_object(std::size_t size) override {
        return DoorKeeper::start_object(size) && open(Json::object());
    }
    bool key(string_t& name) override {
        DoorKeeper::key(name);
        key_ = name;
        return true;
    }
    bool end_object() override { return DoorKeeper::end_object() && close(); }
    bool start_array(std::size_t size) override {
        return DoorKeeper::start_array(size) && open(Json::array());
    }
    bool end_array() override { return DoorKeeper::end_array() && close(); }

private:
    // Depth 2 is the list itself, a member of the outermost object.
    static constexpr std::size_t list_depth = 2;

    Json* add(Json value) {
        if (open_.empty()) return root_ = std::move(value), &root_;
        Json& parent = *open_.back();
        if (parent.is_array()) return parent.push_back(std::move(value)), &parent.back();
        return &(parent[key_] = std::move(value));
    }
    bool put(Json value) {
        add(std::move(value));
        give_if_element();
        return true;
    }
    bool open(Json value) {
        const bool is_array = value.is_array();
        Json* const added = add(std::move(value));
        open_.push_back(added);
        if (is_array && open_.size() == list_depth && key_ == list_ && open_[0]->is_object()) listed_ = added;
        return true;
    }
    bool close() {
        if (open_.back() == listed_) listed_ = nullptr;
        open_.pop_back();
        give_if_element();
        return true;
    }
    void give_if_element() {
        if (listed_ == nullptr || open_.empty() || open_.back() != listed_ || listed_->empty()) return;
        give_(listed_->back());
        listed_->clear();
    }

    std::string list_;
    const std::function<void(const Json&)>& give_;
    Json root_;
    std::vector<Json*> open_; // addresses stay: a parent gets no new child while one of its children is open
    Json* listed_ = nullptr;
    std::string key_;
};

// The pieces of a document as the characters of one text.
class PieceIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    struct Source {
        const NextPiece& next;
        std::uint64_t most_bytes;
        std::string_view piece{};
        std::uint64_t bytes = 0;
        bool ended = false;

        void advance() {
            if (!piece.empty()) piece.remove_prefix(1);
            while (piece.empty() && !ended)
                refill();
        }
        void refill() {
            piece = next();
            ended = piece.empty();
            const auto refuse = [](Code code, const std::string& why) {
                throw Error(Fault::damaged, code, why);
            };
            // Its first byte suffices, for the others may be in the next piece, and no JSON begins with it.
            if (bytes == 0 && piece.starts_with('\xef'))
                refuse(Code::format_json, "document starts with a byte order mark");
            if (piece.find('\0') != std::string_view::npos)
                refuse(Code::format_json, "document contains NUL");
            bytes += piece.size();
            if (bytes > most_bytes)
                refuse(Code::format_limit, "document has over " + std::to_string(most_bytes) + " bytes");
        }
    };

    PieceIterator() = default;
    explicit PieceIterator(Source& source) : source_(&source) {}
    reference operator*() const { return source_->piece.front(); }
    PieceIterator& operator++() {
        source_->advance();
        return *this;
    }
    PieceIterator operator++(int) {
        PieceIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const PieceIterator& a, const PieceIterator& b) {
        return a.at_end() == b.at_end();
    }
    friend bool operator!=(const PieceIterator& a, const PieceIterator& b) { return !(a == b); }

private:
    bool at_end() const { return source_ == nullptr || source_->piece.empty(); }
    Source* source_ = nullptr;
};

constexpr std::string_view kind_of(const Json& value) {
    switch (value.type()) {
    case Json::value_t::null:
        return "null";
    case Json::value_t::object:
        return "an object";
    case Json::value_t::array:
        return "an array";
    case Json::value_t::string:
        return "a string";
    case Json::value_t::boolean:
        return "true or false";
    case Json::value_t::number_integer:
        return "a negative number";
    case Json::value_t::number_unsigned:
        return "a number";
    case Json::value_t::number_float:
        return "a fraction";
    default:
        return "something else";
    }
}

[[noreturn]] void wrong_kind(std::string_view name, const Json& value, std::string_view wanted) {
    refuse_document("member " + in_quotes(name) + " is " + std::string(kind_of(value)) + ", wanted " +
                    std::string(wanted));
}

std::string text_of(std::string_view name, const Json& value) {
    if (!value.is_string()) wrong_kind(name, value, "a string");
    return value.get_ref<const std::string&>();
}

// Text from outside is checked where it comes in, so what cannot be written here is our own mistake.
std::string dump(const OrderedJson& value, int indent) {
    try {
        return value.dump(indent);
    } catch (const OrderedJson::exception& problem) {
        throw Error(Fault::internal, "cannot write JSON: " + escaped(problem.what()));
    }
}

} // namespace

void refuse_document(const std::string& text) {
    throw Error(Fault::damaged, Code::format_document, text);
}

Json read_json(std::string_view text, const JsonRules& rules) {
    const auto refuse = [](Code code, const std::string& why) { throw Error(Fault::damaged, code, why); };
    if (text.size() > rules.most_bytes) {
        refuse(Code::format_limit, "document has " + std::to_string(text.size()) + " bytes, at most " +
                                       std::to_string(rules.most_bytes) + " are allowed");
    }
    if (text.starts_with("\xef\xbb\xbf")) refuse(Code::format_json, "document starts with a byte order mark");
    if (text.find('\0') != std::string_view::npos) refuse(Code::format_json, "document contains NUL");
    // nlohmann checks strings only, and lets anything pass inside a comment.
    if (rules.comments && !is_utf8(text)) refuse(Code::format_json, "document is not UTF-8");
    DoorKeeper keeper(rules);
    Json::sax_parse(text.begin(), text.end(), &keeper, Json::input_format_t::json, true, rules.comments);
    return Json::parse(text.begin(), text.end(), nullptr, true, rules.comments);
}

Json read_json_list(const NextPiece& next, std::string_view list,
                    const std::function<void(const Json&)>& on_element, const JsonRules& rules) {
    ListReader reader(rules, list, on_element);
    PieceIterator::Source source{next, rules.most_bytes};
    source.advance();
    Json::sax_parse(PieceIterator(source), PieceIterator(), &reader, Json::input_format_t::json, true,
                    rules.comments);
    return reader.take();
}

void append_json_string(std::string& out, std::string_view text) {
    const auto is_plain = [](unsigned char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
    if (std::all_of(text.begin(), text.end(),
                    [&](char c) { return is_plain(static_cast<unsigned char>(c)); })) {
        out += '"';
        out += text;
        out += '"';
        return;
    }
    out += dump(std::string(text), -1);
}

std::string write_json(const OrderedJson& value) {
    return dump(value, -1);
}

std::string write_json_for_people(const OrderedJson& value) {
    return dump(value, 2) + "\n";
}

Fields::Fields(const Json& value) : value_(value) {
    if (!value.is_object()) refuse_document("found " + std::string(kind_of(value)) + ", wanted an object");
}

const Json* Fields::find(std::string_view name) {
    read_.emplace(name);
    const auto member = value_.find(std::string(name));
    return member == value_.end() ? nullptr : &*member;
}

bool Fields::has(std::string_view name) const {
    return value_.contains(std::string(name));
}

const Json* Fields::maybe(std::string_view name) {
    return find(name);
}

const Json& Fields::member(std::string_view name) {
    const Json* member = find(name);
    if (member == nullptr) refuse_document("member " + in_quotes(name) + " is missing");
    return *member;
}

std::string Fields::text(std::string_view name) {
    return text_of(name, member(name));
}

std::string Fields::text_or(std::string_view name, std::string_view otherwise) {
    return maybe_text(name).value_or(std::string(otherwise));
}

std::optional<std::string> Fields::maybe_text(std::string_view name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    return text_of(name, *value);
}

std::uint64_t Fields::count(std::string_view name) {
    const Json& value = member(name);
    if (!value.is_number_unsigned()) wrong_kind(name, value, "a count (an integer of 0 or more)");
    return value.get<std::uint64_t>();
}

std::uint64_t Fields::count_or(std::string_view name, std::uint64_t otherwise) {
    return has(name) ? count(name) : (read_.emplace(name), otherwise);
}

bool Fields::flag_or(std::string_view name, bool otherwise) {
    const Json* value = find(name);
    if (value == nullptr) return otherwise;
    if (!value->is_boolean()) wrong_kind(name, *value, "true or false");
    return value->get<bool>();
}

const Json& Fields::array(std::string_view name) {
    const Json& value = member(name);
    if (!value.is_array()) wrong_kind(name, value, "an array");
    return value;
}

const Json* Fields::maybe_array(std::string_view name) {
    const Json* value = find(name);
    if (value != nullptr && !value->is_array()) wrong_kind(name, *value, "an array");
    return value;
}

const Json& Fields::object(std::string_view name) {
    const Json& value = member(name);
    if (!value.is_object()) wrong_kind(name, value, "an object");
    return value;
}

std::vector<std::string> Fields::texts(std::string_view name) {
    std::vector<std::string> list;
    for (const Json& value : array(name))
        list.push_back(text_of(name, value));
    return list;
}

std::vector<std::string> Fields::texts_or_none(std::string_view name) {
    if (!has(name)) return read_.emplace(name), std::vector<std::string>{};
    return texts(name);
}

void Fields::must_be(std::string_view name, std::string_view wanted) {
    const std::string found = text(name);
    if (found != wanted)
        refuse_document("member " + in_quotes(name) + " is " + in_quotes(found) + ", wanted " +
                        in_quotes(wanted));
}

void Fields::must_be(std::string_view name, std::uint64_t wanted) {
    const std::uint64_t found = count(name);
    if (found != wanted) {
        refuse_document("member " + in_quotes(name) + " is " + std::to_string(found) + ", wanted " +
                        std::to_string(wanted));
    }
}

void Fields::refuse_others() const {
    for (const auto& [name, value] : value_.items()) {
        if (!read_.contains(name)) refuse_document("member " + in_quotes(name) + " is unknown");
    }
}

void Fields::allow_others(std::string_view) const {}

} // namespace manifests
