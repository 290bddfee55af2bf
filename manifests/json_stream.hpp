#pragma once
// JSON text that is given out while it is made: a bill of material of 100,000 files has 150 MB of text, and
// its JSON value would take ten times that. Compact and with texts spelled as write_json() spells them, so
// both ways give the same bytes.

#include <string>
#include <string_view>

#include "manifests/text.hpp"

namespace manifests {

class JsonStream {
public:
    /// @param sink  gets pieces of some 64 KiB, the last one by flush()
    explicit JsonStream(Sink sink);

    void open_object() { open('{'); }
    void close_object() { close('}'); }
    void open_list() { open('['); }
    void close_list() { close(']'); }

    /// Names the value that comes next. @param name  one of ours: nothing in it has to be escaped
    void name(std::string_view name);
    /// @throws Error  Fault::internal if it is not UTF-8
    void text(std::string_view value);
    /// A number or "true", as it is.
    void literal(std::string_view value);

    void member(std::string_view name_of_it, std::string_view value) { name(name_of_it), text(value); }
    /// A member that is left out when there is nothing to say.
    void member_unless_empty(std::string_view name_of_it, std::string_view value) {
        if (!value.empty()) member(name_of_it, value);
    }

    void flush();

private:
    void open(char bracket);
    void close(char bracket);
    void begin_value();
    void end_value();

    Sink sink_;
    std::string pending_;
    bool is_first_ = true;  ///< in its object or list: no comma before it
    bool is_named_ = false; ///< the name is written, and with it the comma
};

} // namespace manifests
