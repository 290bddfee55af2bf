#pragma once
// The key-values of a GGUF file. Each is checked; those that say what the model is built of, how the file is
// aligned and which part of a split it is are kept, the vocabulary and all the others are stepped over.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace packager {

class HeaderCursor;

struct GgufValue {
    enum class Kind { count, negative, fraction, flag, text, counts, others };
    Kind kind = Kind::others;
    std::uint64_t count = 0;           ///< Kind::count; the elements of an array
    std::string text;                  ///< Kind::text; UTF-8 or not
    std::vector<std::uint64_t> counts; ///< Kind::counts: an array of integers of 0 or more

    friend bool operator==(const GgufValue&, const GgufValue&) = default;
};

class GgufMetadata {
public:
    /// Absent if the key is. @throws Error  Fault::damaged if it has another kind of value
    std::optional<std::uint64_t> count(std::string_view key) const;
    std::optional<std::string> text(std::string_view key) const;
    /// One number is as good as a list of one.
    std::vector<std::uint64_t> counts(std::string_view key) const;
    /// How many elements the array has; 0 without the key.
    std::uint64_t elements(std::string_view key) const;

    /// Reads `pairs` key-values. @throws Error  Fault::damaged
    /// Source: ggml-org/ggml docs/gguf.md. Stricter than ggml: keys are ASCII of at most 65535 bytes, a bool
    /// is 0 or 1.
    static GgufMetadata read(HeaderCursor& cursor, std::uint64_t pairs);

    /// Of the data section: what the file says, a power of two from 8 to 2^20, or 32.
    std::uint64_t alignment() const { return alignment_; }

    friend bool operator==(const GgufMetadata&, const GgufMetadata&) = default;

private:
    const GgufValue* find(std::string_view key) const;

    std::map<std::string, GgufValue, std::less<>> values_;
    std::uint64_t alignment_ = 32;
};

} // namespace packager
