#include "packager/pickle.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "packager/header_cursor.hpp"

namespace packager {
namespace {

constexpr unsigned char newest_protocol = 5; // what says it is newer is refused by the loader
constexpr std::size_t most_names = 8;
constexpr std::size_t most_line_bytes = 4096; // that are kept; loaders read lines of any length
// Raw weights are not valid for so long, but for a fill of one byte (0x88 of 4-bit zero points), and of those
// the whole run counts once. What is, and has not called anything yet, may do so later.
constexpr std::uint64_t most_instructions = 100'000;
constexpr std::size_t most_marks = 1'000'000; // 8 MB of them

// What stands behind an instruction.
enum class Operand : unsigned char { none, bytes, line, name, counted };

// What it does with the stack.
enum class Effect : unsigned char {
    plain,   // takes some values, gives some
    mark,    // remembers the height
    to_mark, // takes all down to the mark, and some more; gives some
    discard, // takes a value or a mark
    stop,
};

struct Instruction {
    unsigned char code;
    Operand operand;
    unsigned char operand_bytes; // of the operand, or of the count in front of it
    Effect effect;
    unsigned char takes; // for to_mark: below the mark
    unsigned char gives;
    bool fetches; // a name from outside
    bool calls;
};

using enum Operand;
using enum Effect;

constexpr std::array<Instruction, 68> instructions{{
    {'(', none, 0, mark, 0, 0, false, false},      // MARK
    {'.', none, 0, stop, 1, 0, false, false},      // STOP
    {'0', none, 0, discard, 1, 0, false, false},   // POP
    {'1', none, 0, to_mark, 0, 0, false, false},   // POP_MARK
    {'2', none, 0, plain, 1, 2, false, false},     // DUP
    {'F', line, 0, plain, 0, 1, false, false},     // FLOAT
    {'I', line, 0, plain, 0, 1, false, false},     // INT
    {'J', bytes, 4, plain, 0, 1, false, false},    // BININT
    {'K', bytes, 1, plain, 0, 1, false, false},    // BININT1
    {'L', line, 0, plain, 0, 1, false, false},     // LONG
    {'M', bytes, 2, plain, 0, 1, false, false},    // BININT2
    {'N', none, 0, plain, 0, 1, false, false},     // NONE
    {'P', line, 0, plain, 0, 1, true, false},      // PERSID
    {'Q', none, 0, plain, 1, 1, true, false},      // BINPERSID
    {'R', none, 0, plain, 2, 1, false, true},      // REDUCE
    {'S', line, 0, plain, 0, 1, false, false},     // STRING
    {'T', counted, 4, plain, 0, 1, false, false},  // BINSTRING
    {'U', counted, 1, plain, 0, 1, false, false},  // SHORT_BINSTRING
    {'V', line, 0, plain, 0, 1, false, false},     // UNICODE
    {'X', counted, 4, plain, 0, 1, false, false},  // BINUNICODE
    {'a', none, 0, plain, 2, 1, false, false},     // APPEND
    {'b', none, 0, plain, 2, 1, false, true},      // BUILD
    {'c', name, 0, plain, 0, 1, true, false},      // GLOBAL
    {'d', none, 0, to_mark, 0, 1, false, false},   // DICT
    {'}', none, 0, plain, 0, 1, false, false},     // EMPTY_DICT
    {'e', none, 0, to_mark, 1, 1, false, false},   // APPENDS
    {'g', line, 0, plain, 0, 1, false, false},     // GET
    {'h', bytes, 1, plain, 0, 1, false, false},    // BINGET
    {'i', name, 0, to_mark, 0, 1, true, true},     // INST
    {'j', bytes, 4, plain, 0, 1, false, false},    // LONG_BINGET
    {'l', none, 0, to_mark, 0, 1, false, false},   // LIST
    {']', none, 0, plain, 0, 1, false, false},     // EMPTY_LIST
    {'o', none, 0, to_mark, 0, 1, false, true},    // OBJ
    {'p', line, 0, plain, 1, 1, false, false},     // PUT
    {'q', bytes, 1, plain, 1, 1, false, false},    // BINPUT
    {'r', bytes, 4, plain, 1, 1, false, false},    // LONG_BINPUT
    {'s', none, 0, plain, 3, 1, false, false},     // SETITEM
    {'t', none, 0, to_mark, 0, 1, false, false},   // TUPLE
    {')', none, 0, plain, 0, 1, false, false},     // EMPTY_TUPLE
    {'u', none, 0, to_mark, 1, 1, false, false},   // SETITEMS
    {'B', counted, 4, plain, 0, 1, false, false},  // BINBYTES
    {'C', counted, 1, plain, 0, 1, false, false},  // SHORT_BINBYTES
    {'G', bytes, 8, plain, 0, 1, false, false},    // BINFLOAT
    {0x80, bytes, 1, plain, 0, 0, false, false},   // PROTO
    {0x81, none, 0, plain, 2, 1, false, true},     // NEWOBJ
    {0x82, bytes, 1, plain, 0, 1, true, false},    // EXT1
    {0x83, bytes, 2, plain, 0, 1, true, false},    // EXT2
    {0x84, bytes, 4, plain, 0, 1, true, false},    // EXT4
    {0x85, none, 0, plain, 1, 1, false, false},    // TUPLE1
    {0x86, none, 0, plain, 2, 1, false, false},    // TUPLE2
    {0x87, none, 0, plain, 3, 1, false, false},    // TUPLE3
    {0x88, none, 0, plain, 0, 1, false, false},    // NEWTRUE
    {0x89, none, 0, plain, 0, 1, false, false},    // NEWFALSE
    {0x8a, counted, 1, plain, 0, 1, false, false}, // LONG1
    {0x8b, counted, 4, plain, 0, 1, false, false}, // LONG4
    {0x8c, counted, 1, plain, 0, 1, false, false}, // SHORT_BINUNICODE
    {0x8d, counted, 8, plain, 0, 1, false, false}, // BINUNICODE8
    {0x8e, counted, 8, plain, 0, 1, false, false}, // BINBYTES8
    {0x8f, none, 0, plain, 0, 1, false, false},    // EMPTY_SET
    {0x90, none, 0, to_mark, 1, 1, false, false},  // ADDITEMS
    {0x91, none, 0, to_mark, 0, 1, false, false},  // FROZENSET
    {0x92, none, 0, plain, 3, 1, false, true},     // NEWOBJ_EX
    {0x93, none, 0, plain, 2, 1, true, false},     // STACK_GLOBAL
    {0x94, none, 0, plain, 1, 1, false, false},    // MEMOIZE
    {0x95, bytes, 8, plain, 0, 0, false, false},   // FRAME
    {0x96, counted, 8, plain, 0, 1, false, false}, // BYTEARRAY8
    {0x97, none, 0, plain, 0, 1, false, false},    // NEXT_BUFFER
    {0x98, none, 0, plain, 1, 1, false, false},    // READONLY_BUFFER
}};

const Instruction* instruction_of(unsigned char code) {
    const auto found = std::find_if(instructions.begin(), instructions.end(),
                                    [&](const Instruction& one) { return one.code == code; });
    return found == instructions.end() ? nullptr : &*found;
}

// Modules and names, as a program could have them; lines of prose are none.
bool is_dotted_name(const std::string& text) {
    const auto is_part = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '.' || c == '<' || c == '>' || static_cast<unsigned char>(c) >= 0x80;
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), is_part);
}

// Whether a loader may go on after a line that begins so. Prose begins with these letters too, and breaks off
// here; so do weights behind a header of as many bytes as the letter has for a number, which may have no end
// of a line for gigabytes. What stands behind a NUL in a number, loaders do not read; an identifier with one
// is none that a loader of models hands out.
bool can_begin_line(unsigned char code, const std::string& text) {
    constexpr std::string_view of_numbers = "0123456789abcdefABCDEFxXoOL_+-. \t\r\v\finftyINFTY";
    switch (code) {
    case 'F':
    case 'I':
    case 'L':
    case 'g':
    case 'p':
        return text.substr(0, text.find('\0')).find_first_not_of(of_numbers) == std::string::npos;
    case 'S':
        return text.starts_with('\'') || text.starts_with('"');
    case 'P':
        return text.find('\0') == std::string::npos;
    case 'c':
    case 'i':
        return is_dotted_name(text);
    default:
        return true;
    }
}

// A stack of which only the height is known, and where its marks are.
class Stack {
public:
    std::size_t marks() const { return marks_.size(); }
    /// @return false if it does not hold what the instruction takes
    bool apply(const Instruction& one) {
        switch (one.effect) {
        case mark:
            marks_.push_back(height_);
            return true;
        case to_mark:
            if (marks_.empty()) return false;
            if (one.code == 'o' && height_ == marks_.back()) return false; // the class itself
            height_ = marks_.back();
            marks_.pop_back();
            break;
        case discard:
            if (!marks_.empty() && height_ == marks_.back()) return marks_.pop_back(), true;
            break;
        case plain:
        case stop:
            break;
        }
        const std::uint64_t floor = marks_.empty() ? 0 : marks_.back();
        if (height_ < floor + one.takes) return false;
        height_ += std::uint64_t{one.gives};
        height_ -= one.takes;
        return true;
    }

private:
    std::uint64_t height_ = 0;
    std::vector<std::uint64_t> marks_;
};

class Follower {
public:
    Follower(std::uint64_t size_bytes, const ReadBytes& read) : cursor_(size_bytes, read, size_bytes) {}

    /// To the end, to a mistake, or until enough is known or was tried.
    void follow() {
        const Instruction* before = nullptr;
        for (std::uint64_t count = 0; cursor_.left() > 0;) {
            const auto code = static_cast<unsigned char>(cursor_.take(1).front());
            const bool again = before != nullptr && before->code == code;
            const Instruction* one = again ? before : instruction_of(code);
            if (one == nullptr || !stack_.apply(*one) || !remember(*one) || !read_operand(*one)) return;
            if (one->fetches) note_fetch(*one);
            if ((fetched_ && one->calls) || (imported_ && one->effect == stop)) runs_ = true;
            if (one->effect == stop) stack_ = {};
            if (runs_ && names_.size() >= most_names) return;
            if (!again || one->operand != none) ++count;
            before = one;
            if (count >= most_instructions || stack_.marks() > most_marks) {
                undecided_ = cursor_.left() > 0;
                return;
            }
        }
    }

    /// Whether a name was fetched and then used, or a module's, for the import is enough, and the end came.
    bool runs() const { return runs_; }
    bool fetched() const { return fetched_; }
    /// It was valid so far, and goes on.
    bool undecided() const { return undecided_; }
    const std::vector<std::string>& names() const { return names_; }

private:
    bool read_line(const Instruction& one, std::string& text) {
        text.clear();
        while (cursor_.left() > 0) {
            const std::string_view piece = cursor_.peek(most_line_bytes);
            const std::size_t end = piece.find('\n');
            if (text.size() < most_line_bytes) text += piece.substr(0, end);
            if (!can_begin_line(one.code, text)) return false;
            cursor_.skip(end == std::string_view::npos ? piece.size() : end + 1);
            if (end != std::string_view::npos) return true;
        }
        return false;
    }
    bool read_operand(const Instruction& one) {
        std::string text;
        switch (one.operand) {
        case none:
            return true;
        case bytes:
            if (one.code == 0x80)
                return static_cast<unsigned char>(cursor_.take(1).front()) <= newest_protocol;
            cursor_.skip(one.operand_bytes);
            return true;
        case line:
            return read_line(one, text);
        case counted:
            return read_counted(one);
        case name:
            return read_line(one, first_) && read_line(one, second_);
        }
        return false;
    }
    bool read_counted(const Instruction& one) {
        constexpr std::uint64_t most_name_bytes = 256;
        const std::uint64_t length = cursor_.number(one.operand_bytes);
        if (length > cursor_.left()) return false;
        first_ = std::exchange(second_, length <= most_name_bytes ? std::string(cursor_.peek(length)) : "");
        cursor_.skip(length);
        return true;
    }
    // @return false if it takes from a memory in which nothing is
    bool remember(const Instruction& one) {
        constexpr std::string_view puts = "pqr\x94";
        constexpr std::string_view gets = "ghj";
        const auto code = static_cast<char>(one.code);
        if (puts.find(code) != std::string_view::npos) has_memory_ = true;
        return has_memory_ || gets.find(code) == std::string_view::npos;
    }
    // STACK_GLOBAL takes the two texts before it; others say a number or what only the loader knows.
    void note_fetch(const Instruction& one) {
        fetched_ = true;
        if (one.code != 'P' && one.code != 'Q') imported_ = true; // those two ask what the loader has anyway
        const bool named = one.operand == name || one.code == 0x93;
        if (!named || !is_dotted_name(first_) || !is_dotted_name(second_)) return;
        const std::string text = first_ + "." + second_;
        if (names_.size() < most_names && std::find(names_.begin(), names_.end(), text) == names_.end())
            names_.push_back(text);
    }

    HeaderCursor cursor_;
    Stack stack_;
    std::string first_, second_; // the last two texts
    std::vector<std::string> names_;
    bool fetched_ = false;
    bool imported_ = false;
    bool has_memory_ = false;
    bool runs_ = false;
    bool undecided_ = false;
};

} // namespace

std::optional<PickleFacts> look_for_pickle(std::uint64_t size_bytes, const ReadBytes& read) {
    const std::string front = read(0, static_cast<std::size_t>(std::min<std::uint64_t>(size_bytes, 2)));
    const bool says_so =
        front.size() == 2 && front[0] == '\x80' && static_cast<unsigned char>(front[1]) <= newest_protocol;
    Follower follower(size_bytes, read);
    try {
        follower.follow();
    } catch (const manifests::Error& error) { // it ends inside of an instruction
        if (error.fault() != manifests::Fault::damaged) throw;
    }
    if (!says_so && !follower.runs() && !follower.undecided()) return std::nullopt;
    return PickleFacts{says_so ? static_cast<std::uint64_t>(front[1]) : 0, follower.names(),
                       !follower.fetched() && !follower.undecided()};
}

} // namespace packager
