#pragma once
// The one exception of this project. It means "no answer": a file that cannot be read, bytes that are not
// what they claim to be, a command line that makes no sense. An answer that is "no" is a Finding in a Report
// instead.

#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "manifests/finding.hpp"

namespace manifests {

enum class Fault {
    internal, ///< our own mistake
    usage,    ///< the command line or the recipe is wrong
    damaged,  ///< outside bytes break a rule; with a code() they can be filed as a finding
    refused,  ///< the input is understood and the answer is no
    io,       ///< the operating system said no: unreadable, disk full
    missing,  ///< something the user has to bring is not there: a key, a passphrase, a tool
};

class Error : public std::exception {
public:
    /// @param text  what was found and what was wanted, in one line. Outside text in it went through
    /// in_quotes().
    Error(Fault fault, std::string text) : fault_(fault), text_(std::move(text)) {}
    Error(Fault fault, Code code, std::string text) : fault_(fault), code_(code), text_(std::move(text)) {}

    /// Puts "where: " in front of the text; `where` is escaped.
    Error& in(std::string_view where);
    /// The next step for the person at the keyboard, printed on a line of its own.
    Error& hint(std::string text);
    Error& as(Fault fault) { return fault_ = fault, *this; }

    Fault fault() const noexcept { return fault_; }
    std::optional<Code> code() const noexcept { return code_; }
    const std::string& hint() const noexcept { return hint_; }
    const char* what() const noexcept override { return text_.c_str(); }
    /// How many bytes at the front of what() say where: all that in() put there.
    std::size_t where_bytes() const noexcept { return where_bytes_; }

private:
    Fault fault_;
    std::optional<Code> code_;
    std::string text_;
    std::string hint_;
    std::size_t where_bytes_ = 0;
};

/// Exit statuses of both programs, in one place.
///   0 done; trusted; fits   1 the answer is no   2 wrong command line or recipe   3 no answer
enum class Exit : int { done = 0, no = 1, usage = 2, no_answer = 3 };
Exit exit_of(Fault fault) noexcept;

} // namespace manifests
