#include "manifests/key_spellings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "manifests/base64.hpp"
#include "manifests/digest.hpp"
#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/text.hpp"

namespace manifests {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t most_text_bytes = 4096; // a line of each is under 300 bytes, but for its comment
constexpr std::string_view minisign_comment = "untrusted comment: ";
constexpr std::string_view minisign_algorithm = "Ed";
constexpr std::string_view ssh_ed25519 = "ssh-ed25519";
constexpr std::string_view ssh_p256 = "ecdsa-sha2-nistp256";
constexpr std::string_view ssh_curve = "nistp256";
constexpr char note_ed25519 = '\x01';

[[noreturn]] void refuse(const std::string& text) {
    throw Error(Fault::damaged, Code::trust_key, text);
}

// One line without its end. Another line behind it is refused, as is what no key line is as long as.
std::string_view only_line(std::string_view text) {
    if (text.size() > most_text_bytes) refuse("the text is too long for a key");
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
        if (text.ends_with('\r')) text.remove_suffix(1);
    }
    if (text.find_first_of("\r\n"sv) != std::string_view::npos) refuse("there is more than one line");
    return text;
}

// Nothing of a comment is kept, but whoever prints the file sees it.
void refuse_control_characters(std::string_view comment) {
    const bool clean = std::none_of(comment.begin(), comment.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
    if (!clean) refuse("there are control characters in the comment");
}

std::string bytes_of(std::string_view base64) {
    try {
        return from_base64(base64);
    } catch (const Error& problem) {
        refuse(std::string("the key is not base64: ") + problem.what());
    }
}

const PublicKey& demand_ed25519(const PublicKey& key, std::string_view spelling) {
    if (key.type() != KeyType::ed25519)
        throw Error(Fault::refused, std::string(spelling) + " has Ed25519 keys only, this one is " +
                                        std::string(name_of(key.type())));
    return key;
}

// --- OpenSSH's strings (RFC 4251, 5): four bytes of length, the most significant first ---------------------

std::string ssh_string(std::string_view bytes) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8)
        text += static_cast<char>((bytes.size() >> static_cast<unsigned>(shift)) & 0xffU);
    return text + std::string(bytes);
}

std::string ssh_blob(const PublicKey& key) {
    if (key.type() == KeyType::ed25519) return ssh_string(ssh_ed25519) + ssh_string(key.raw());
    return ssh_string(ssh_p256) + ssh_string(ssh_curve) + ssh_string(key.raw());
}

// The key whose blob begins as this one does; the caller compares all of it.
PublicKey key_behind(std::string_view type, std::string_view blob) {
    const bool is_p256 = type == ssh_p256;
    const std::string prefix =
        is_p256 ? ssh_string(ssh_p256) + ssh_string(ssh_curve) : ssh_string(ssh_ed25519);
    constexpr std::size_t length_bytes = 4;
    if (!blob.starts_with(prefix) || blob.size() < prefix.size() + length_bytes)
        refuse("the blob is not of type " + in_quotes(type));
    blob.remove_prefix(prefix.size() + length_bytes);
    return is_p256 ? PublicKey::from_point(KeyType::ecdsa_p256, blob) : PublicKey::from_raw(blob);
}

// --- signed notes ----------------------------------------------------------------------------------------

std::string note_key_hash(std::string_view name, std::string_view typed_key) {
    constexpr std::size_t hash_bytes = 4;
    const std::string digits = Digest::of(std::string(name) + '\n' + std::string(typed_key)).hex();
    return digits.substr(0, 2 * hash_bytes);
}

// A key line without its comment, by its length and the base64 of "Ed". A vkey of this length and beginning
// has a name of the two letters RW, and nobody is called that.
bool is_bare_minisign(std::string_view text) {
    constexpr std::size_t line_bytes = 56;
    const std::string_view line = text.substr(0, text.find_first_of("\r\n"sv));
    return line.size() == line_bytes && line.starts_with("RW");
}

bool is_space(char32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
           c == 0x3000;
}

} // namespace

MinisignKey MinisignKey::parse(std::string_view text) {
    if (text.size() > most_text_bytes) refuse("the text is too long for a key");
    if (text.starts_with(minisign_comment)) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) refuse("there is no line behind the comment");
        refuse_control_characters(only_line(text.substr(0, end + 1)));
        text.remove_prefix(end + 1);
    }
    const std::string bytes = bytes_of(only_line(text));
    MinisignNumber number{};
    const std::size_t front_bytes = minisign_algorithm.size() + number.size();
    if (bytes.size() != front_bytes + PublicKey::ed25519_bytes)
        refuse("a minisign key of " + std::to_string(bytes.size()) + " bytes, wanted 42");
    if (!bytes.starts_with(minisign_algorithm)) refuse("the minisign key is not of type Ed");
    std::copy_n(bytes.begin() + minisign_algorithm.size(), number.size(), number.begin());
    return {PublicKey::from_raw(std::string_view(bytes).substr(front_bytes)), number};
}

std::string MinisignKey::encode() const {
    std::string bytes(minisign_algorithm);
    bytes.append(number.begin(), number.end());
    bytes += demand_ed25519(key, "minisign").raw();
    return std::string(minisign_comment) + "minisign public key " + minisign_number_text(number) + "\n" +
           to_base64(bytes) + "\n";
}

MinisignNumber minisign_number_of(const PublicKey& key) {
    const std::string hash = from_hex(Digest::of(key.raw()).hex());
    MinisignNumber number{};
    std::copy_n(hash.begin(), number.size(), number.begin());
    return number;
}

std::string minisign_number_text(const MinisignNumber& number) {
    std::string text = to_hex(std::string(number.rbegin(), number.rend()));
    for (char& c : text) {
        if (c >= 'a') c = static_cast<char>(c - 'a' + 'A');
    }
    return text.substr(std::min(text.find_first_not_of('0'), text.size() - 1)); // minisign says %lX
}

MinisignNumber minisign_number_from(std::string_view hex) {
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
    MinisignNumber number{};
    if (hex.size() > 2 * number.size() || problem != std::errc() || end != hex.data() + hex.size())
        throw Error(Fault::usage,
                    in_quotes(hex) + " is no key number of minisign, wanted up to 16 hex digits");
    for (unsigned char& byte : number) {
        byte = static_cast<unsigned char>(value & 0xffU);
        value >>= 8U;
    }
    return number;
}

PublicKey parse_openssh_key(std::string_view text) {
    const std::string_view line = only_line(text);
    const std::size_t end = line.find(' ');
    const std::string_view type = line.substr(0, end);
    if (type != ssh_ed25519 && type != ssh_p256)
        refuse("an OpenSSH key of type " + in_quotes(type) + ", wanted " + std::string(ssh_ed25519) + " or " +
               std::string(ssh_p256));
    if (end == std::string_view::npos) refuse("there is no key behind " + in_quotes(type));
    const std::string_view rest = line.substr(end + 1);
    const std::size_t base64_end = rest.find(' ');
    if (base64_end != std::string_view::npos) refuse_control_characters(rest.substr(base64_end));
    const std::string blob = bytes_of(rest.substr(0, base64_end));
    PublicKey key = key_behind(type, blob);
    if (ssh_blob(key) != blob) refuse("the lengths in the blob of the OpenSSH key are wrong");
    return key;
}

std::string write_openssh_key(const PublicKey& key, std::string_view comment) {
    if (key.type() == KeyType::sm2) throw Error(Fault::refused, "OpenSSH has no name for SM2 keys");
    const bool printable =
        std::all_of(comment.begin(), comment.end(), [](char c) { return c >= ' ' && c <= '~'; });
    if (!printable)
        throw Error(Fault::usage, "the comment " + in_quotes(comment) + " is not printable ASCII");
    std::string line(key.type() == KeyType::ed25519 ? ssh_ed25519 : ssh_p256);
    line += " " + to_base64(ssh_blob(key));
    if (!comment.empty()) line += " " + std::string(comment);
    return line + "\n";
}

VerifierKey VerifierKey::parse(std::string_view text) {
    const std::string_view line = only_line(text);
    const std::size_t first = line.find('+');
    const std::size_t second = first == std::string_view::npos ? first : line.find('+', first + 1);
    if (second == std::string_view::npos) refuse("a verifier key has three parts with '+' between them");
    const std::string_view name = line.substr(0, first);
    if (!is_note_key_name(name)) refuse(in_quotes(name) + " cannot be the name of a key in a signed note");
    const std::string typed_key = bytes_of(line.substr(second + 1));
    const std::string hash = note_key_hash(name, typed_key);
    const std::string_view found = line.substr(first + 1, second - first - 1);
    if (found != hash)
        refuse("the key hash is " + in_quotes(found) + ", wanted " + hash + " for this name and key");
    if (typed_key.empty() || typed_key[0] != note_ed25519)
        refuse("the verifier key is not of type 01 (Ed25519)");
    return {std::string(name), PublicKey::from_raw(std::string_view(typed_key).substr(1))};
}

std::string VerifierKey::encode() const {
    if (!is_note_key_name(name))
        throw Error(Fault::usage, in_quotes(name) + " cannot be the name of a key in a signed note")
            .hint("no spaces, no '+', up to 255 bytes, such as: example.org/line-7");
    const std::string typed_key = note_ed25519 + std::string(demand_ed25519(key, "a signed note").raw());
    return name + "+" + note_key_hash(name, typed_key) + "+" + to_base64(typed_key) + "\n";
}

bool is_note_key_name(std::string_view name) {
    constexpr std::size_t most_name_bytes = 255;
    if (name.empty() || name.size() > most_name_bytes || !is_utf8(name)) return false;
    for (std::size_t at = 0; at < name.size();) {
        const CodePoint point = decode_utf8(name, at);
        if (point.value == '+' || is_space(point.value) || is_deceptive(point.value)) return false;
        at += point.length_bytes;
    }
    return true;
}

std::string_view name_of(KeySpelling spelling) {
    switch (spelling) {
    case KeySpelling::pem:
        return "pem";
    case KeySpelling::minisign:
        return "minisign";
    case KeySpelling::openssh:
        return "openssh";
    case KeySpelling::vkey:
        return "vkey";
    }
    return "";
}

SpelledKey parse_spelled_key(std::string_view text) {
    try {
        if (!pem_label(text).empty()) return {KeySpelling::pem, PublicKey::parse_pem(text), {}, {}};
        if (text.starts_with("ssh-") || text.starts_with("ecdsa-"))
            return {KeySpelling::openssh, parse_openssh_key(text), {}, {}};
        if (text.find('+') != std::string_view::npos && text.find(' ') == std::string_view::npos &&
            !is_bare_minisign(text)) {
            const VerifierKey found = VerifierKey::parse(text);
            return {KeySpelling::vkey, found.key, found.name, {}};
        }
        if (text.starts_with(minisign_comment) || is_bare_minisign(text)) {
            const MinisignKey found = MinisignKey::parse(text);
            return {KeySpelling::minisign, found.key, {}, found.number};
        }
    } catch (Error& problem) {
        if (problem.fault() == Fault::damaged) throw Error(Fault::missing, problem.what());
        throw;
    }
    throw Error(Fault::missing, "this is no public key")
        .hint("PEM, minisign's, OpenSSH's and signed-note keys are read");
}

} // namespace manifests
