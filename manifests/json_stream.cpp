#include "manifests/json_stream.hpp"

#include <cstddef>
#include <utility>

#include "manifests/json.hpp"

namespace manifests {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;

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
    append_json_string(pending_, value);
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
