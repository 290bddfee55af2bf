#include "manifests/json_stream.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include "manifests/error.hpp"

namespace manifests {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;

// The escapes of nlohmann's dump(): the short ones where JSON has them, \u00xx for the other control
// characters, and nothing else.
void append_escape(std::string& out, char c) {
    constexpr std::string_view characters = "\"\\\b\f\n\r\t";
    constexpr std::string_view short_forms = "\"\\bfnrt";
    const std::size_t known = characters.find(c);
    out += '\\';
    if (known != std::string_view::npos) {
        out += short_forms[known];
    } else {
        out += "u00" + to_hex({&c, 1});
    }
}

void append_escaped(std::string& out, std::string_view value) {
    std::size_t written = 0;
    for (std::size_t at = 0; at < value.size();) {
        const auto byte = static_cast<unsigned char>(value[at]);
        if (byte >= 0x80) {
            const CodePoint point = decode_utf8(value, at);
            if (point.length_bytes == 0) throw Error(Fault::internal, in_quotes(value) + " is not UTF-8");
            at += point.length_bytes;
            continue;
        }
        if (byte < 0x20 || byte == '"' || byte == '\\') {
            out += value.substr(written, at - written);
            append_escape(out, value[at]);
            written = at + 1;
        }
        ++at;
    }
    out += value.substr(written);
}

} // namespace

JsonStream::JsonStream(Sink sink) : sink_(std::move(sink)) {
    pending_.reserve(piece_bytes + piece_bytes / 4);
}

void JsonStream::begin_value() {
    if (!is_named_ && !is_first_) pending_ += ',';
    is_named_ = false;
}

void JsonStream::end_value() {
    is_first_ = false;
    if (pending_.size() >= piece_bytes) flush();
}

void JsonStream::open(char bracket) {
    begin_value();
    pending_ += bracket;
    is_first_ = true;
}

void JsonStream::close(char bracket) {
    pending_ += bracket;
    end_value();
}

void JsonStream::name(std::string_view name) {
    begin_value();
    pending_ += '"';
    pending_ += name;
    pending_ += "\":";
    is_named_ = true;
}

void JsonStream::text(std::string_view value) {
    begin_value();
    pending_ += '"';
    append_escaped(pending_, value);
    pending_ += '"';
    end_value();
}

void JsonStream::literal(std::string_view value) {
    begin_value();
    pending_ += value;
    end_value();
}

void JsonStream::flush() {
    if (!pending_.empty()) sink_(pending_);
    pending_.clear();
}

} // namespace manifests
