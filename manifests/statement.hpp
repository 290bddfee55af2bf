#pragma once
// in-toto Statement v1: a claim (predicate) about things that are named by digest (subjects). It travels as
// the payload of a DSSE envelope and is parsed only after signatures were good, from the very bytes they are
// over. Claims that are not ours are read as far as the statement goes; their predicate stays JSON.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/json.hpp"

namespace manifests {

inline constexpr std::string_view in_toto_statement = "https://in-toto.io/Statement/v1";

struct Subject {
    std::string name;
    Digest digest;                  ///< SHA-256, which every subject must have
    std::optional<std::string> sm3; ///< 64 hex digits, of the same bytes. What is there must be right: one
                                    ///< good digest does not make up for a wrong one

    friend bool operator==(const Subject&, const Subject&) = default;
};

struct Statement {
    /// A smart card or an HSM must be able to take the whole PAE in one call.
    static constexpr std::size_t most_bytes = std::size_t{16} * 1024;

    std::vector<Subject> subjects; ///< at least one
    std::string predicate_type;
    std::shared_ptr<const Json> predicate; ///< an object; never null

    /// Members that are unknown are left alone, as in-toto demands; so are digests of other algorithms.
    /// @throws Error  Fault::damaged, Code::trust_statement
    static Statement parse(std::string_view payload);

    /// The subject with this digest, if there is one.
    const Subject* find(const Digest& digest) const;
};

/// Compact JSON, the same bytes for the same value.
/// @throws Error  Fault::damaged, Code::trust_statement if it has over Statement::most_bytes
std::string encode_statement(const std::vector<Subject>& subjects, std::string_view predicate_type,
                             const OrderedJson& predicate);

/// SM3 (GB/T 32905) of bytes, as 64 hex digits.
std::string sm3_hex(std::string_view bytes);

/// Runs `work` and gives every defect the one code of statements, with `what` in front.
template<typename Work>
auto as_statement(std::string_view what, const Work& work) {
    try {
        return work();
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        throw Error(Fault::damaged, Code::trust_statement, std::string(what) + ": " + problem.what());
    }
}

} // namespace manifests
