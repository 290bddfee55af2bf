#include "runtime/policy_files.hpp"

#include <algorithm>

#include "manifests/dsse.hpp"
#include "manifests/error.hpp"
#include "manifests/media_types.hpp"
#include "manifests/policy_chain.hpp"
#include "manifests/text.hpp"
#include "runtime/bundle.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {
namespace {

using manifests::Envelope;
using manifests::Error;
using manifests::Fault;

constexpr std::string_view white_space = " \t\r\n";

// No bundle begins like this: its first bytes are the name of a file.
bool is_text(const std::string& path) {
    const FileDescriptor file = open_to_read(path);
    if (facts_of(file, path).kind != FileKind::regular) return false;
    char front[64];
    const std::string_view text(front, read_at(file, front, sizeof front, 0, path));
    const std::size_t first = text.find_first_not_of(white_space);
    return first != std::string_view::npos && text[first] == '{';
}

std::vector<std::string> of_bundle(const std::string& path) {
    std::vector<std::string> policies;
    const Bundle bundle = open_bundle(path);
    for (const std::string& bytes : bundle.carried().envelopes) {
        try {
            if (Envelope::parse(bytes).payload_type == manifests::media::policy_payload)
                policies.push_back(bytes);
        } catch (const Error& problem) { // some other attestation; verify will say so
            if (problem.fault() != Fault::damaged) throw;
        }
    }
    return policies;
}

std::vector<std::string> of_lines(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t length = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, length);
        if (line.find_first_not_of(white_space) != std::string_view::npos) lines.emplace_back(line);
        text.remove_prefix(std::min(length + 1, text.size()));
    }
    return lines;
}

bool is_envelope(const std::string& text) {
    try {
        Envelope::parse(text);
        return true;
    } catch (const Error& problem) {
        if (problem.fault() != Fault::damaged) throw;
        return false;
    }
}

std::vector<std::string> of_text(const std::string& path) {
    constexpr std::uint64_t most_bytes = 64ULL
                                         << 20; // of a chain; a policy has at most 16 KiB and signatures
    const std::string text = read_small_file(path, most_bytes);
    if (is_envelope(text)) return {text};
    std::vector<std::string> lines = of_lines(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        try {
            Envelope::parse(lines[i]);
        } catch (Error& problem) {
            problem.in("line " + std::to_string(i + 1)).in(path);
            throw;
        }
    }
    return lines;
}

bool is_separator(char c) {
    return c == ' ' || c == '-' || c == ':' || c == '\t' || c == '\n' || c == '\r';
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::vector<std::string> read_policy_envelopes(const std::string& path) {
    return is_text(path) ? of_text(path) : of_bundle(path);
}

manifests::Digest parse_typed_digest(std::string_view typed) {
    constexpr std::string_view prefix = "sha256:";
    std::string digits;
    for (const char c : typed.starts_with(prefix) ? typed.substr(prefix.size()) : typed) {
        if (!is_separator(c)) digits += lower(c);
    }
    try {
        return manifests::Digest::parse(std::string(prefix) + digits);
    } catch (const Error&) {
        throw Error(Fault::usage, manifests::in_quotes(typed) +
                                      " is no SHA-256 digest: wanted 64 hex digits, found " +
                                      std::to_string(digits.size()) + " characters")
            .hint("type it as the key ceremony or `sealift policy show` printed it; spaces and dashes do not "
                  "matter");
    }
}

std::string grouped(const manifests::Digest& digest) {
    constexpr std::size_t group = 8;
    const std::string digits = digest.hex();
    std::string text = digits.substr(0, group);
    for (std::size_t at = group; at < digits.size(); at += group)
        text += " " + digits.substr(at, group);
    return text;
}

} // namespace runtime
