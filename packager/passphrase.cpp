#include "packager/passphrase.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/terminal_prompt.hpp"
#include "runtime/file_descriptor.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;

constexpr const char* variable = "SEALIFT_PASSPHRASE_FILE";

[[noreturn]] void refuse(const std::string& text, const std::string& hint = "") {
    throw Error(Fault::missing, text).hint(hint);
}

// Byte by byte: what stands behind the line on a pipe belongs to somebody else.
SecretText first_line(int file, const std::string& path) {
    SecretText text(most_passphrase_bytes);
    for (;;) {
        char c = 0;
        const ssize_t got = ::read(file, &c, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) runtime::throw_errno("cannot read", path);
        if (got == 0 || c == '\n') return text;
        if (text.view().size() == text.capacity_bytes())
            refuse("the first line of " + in_quotes(path) + " has over " +
                   std::to_string(most_passphrase_bytes) + " bytes, which is no passphrase");
        text.append({&c, 1});
    }
}

void check(const SecretText& passphrase) {
    const std::string_view text = passphrase.view();
    if (text.empty()) refuse("the passphrase is empty");
    const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20 || byte == 0x7f;
    });
    if (text.back() == '\r')
        refuse("the passphrase ends in a carriage return", "store the file with Unix line ends");
    if (!clean) refuse("there are control characters in the passphrase");
}

SecretText ask(const std::string& question, Ask how) {
    std::optional<SecretText> text = ask_on_terminal(question);
    if (!text) {
        refuse("a passphrase is needed, and there is no terminal to ask for it",
               how == Ask::twice
                   ? "give --passphrase-file FILE, or --no-passphrase for a key without one"
                   : "give --passphrase-file FILE, or name the file in SEALIFT_PASSPHRASE_FILE");
    }
    return std::move(*text);
}

SecretText typed(const std::string& key_path, Ask how) {
    const std::string name = manifests::escaped(key_path);
    SecretText text = ask((how == Ask::twice ? "New passphrase for " : "Passphrase for ") + name + ": ", how);
    if (how == Ask::twice) {
        check(text);
        if (ask("The same again: ", how) != text) refuse("the two passphrases differ", "try again");
    }
    return text;
}

SecretText from_file(const std::string& path) {
    const runtime::FileDescriptor file = runtime::open_to_read(path);
    return first_line(file.get(), path);
}

SecretText wherever_from(const std::string& key_path, const PassphraseSource& source, Ask how) {
    if (source.file) {
        if (*source.file != "-") return from_file(*source.file);
        // Typed into stdin it would be shown on the screen.
        return ::isatty(STDIN_FILENO) == 1 ? typed(key_path, how) : first_line(STDIN_FILENO, "-");
    }
    // Nothing in this program changes the environment.
    const char* path = std::getenv(variable); // NOLINT(concurrency-mt-unsafe)
    if (path == nullptr || *path == '\0') return typed(key_path, how);
    try {
        return from_file(path);
    } catch (Error& problem) {
        problem.in(variable);
        throw;
    }
}

} // namespace

SecretText passphrase_for(const std::string& key_path, const PassphraseSource& source, Ask how) {
    SecretText text = wherever_from(key_path, source, how);
    check(text);
    return text;
}

SecretText type_passphrase(const std::string& key_path, Ask ask) {
    SecretText text = typed(key_path, ask);
    check(text);
    return text;
}

} // namespace packager
