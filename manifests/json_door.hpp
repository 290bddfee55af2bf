#pragma once
// The rules of the one door for JSON (json.hpp), as a handler that sees every value while it is parsed. Only
// for the files that implement the door.

#include <cstdint>
#include <limits>
#include <string>
#include <unordered_set>
#include <vector>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/text.hpp"

namespace manifests {

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

} // namespace manifests
