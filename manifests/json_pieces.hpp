#pragma once
// A document that is read in pieces, as nlohmann's parser wants it. Only for the files that implement the one
// door for JSON (json.hpp).

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/json.hpp"

namespace manifests {

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

} // namespace manifests
