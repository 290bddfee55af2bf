#include "packager/key_file.hpp"

#include <cerrno>
#include <cstdio>

#include <sys/stat.h>
#include <unistd.h>

#include "manifests/error.hpp"
#include "manifests/pem.hpp"
#include "manifests/text.hpp"
#include "packager/pkcs8.hpp"

namespace packager {
namespace {

using manifests::Error;
using manifests::Fault;
using runtime::AtomicFile;
using runtime::FileDescriptor;
using runtime::Replace;

constexpr mode_t for_others = 0077;

struct stat status_of(const FileDescriptor& file, const std::string& path) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) runtime::throw_errno("cannot look at", path);
    return status;
}

std::string octal(mode_t mode) {
    char text[8];
    std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
    return text;
}

// With read(), not pread(): a key may come through a pipe from a vault.
SecretText read_to_end(const FileDescriptor& file, const std::string& path) {
    SecretText text(manifests::most_pem_bytes + 1);
    std::size_t size_bytes = 0;
    while (size_bytes < text.capacity_bytes()) {
        const ssize_t got =
            ::read(file.get(), text.buffer() + size_bytes, text.capacity_bytes() - size_bytes);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) runtime::throw_errno("cannot read", path);
        if (got == 0) break;
        size_bytes += static_cast<std::size_t>(got);
    }
    if (size_bytes == text.capacity_bytes()) throw Error(Fault::missing, "the file is too large for a key");
    text.set_size(size_bytes);
    return text;
}

FileDescriptor open_key(const std::string& path) {
    FileDescriptor file = runtime::open_to_read(path);
    if (S_ISDIR(status_of(file, path).st_mode)) throw Error(Fault::missing, "this is a folder, wanted a key");
    return file;
}

void refuse_readable_by_others(const FileDescriptor& file, const std::string& path) {
    const mode_t mode = status_of(file, path).st_mode;
    if ((mode & for_others) == 0) return;
    throw Error(Fault::missing, "the secret key has mode " + octal(mode) +
                                    ", so others than its owner may use it; wanted 0600")
        .hint("chmod 600 " + manifests::in_quotes(path));
}

std::unique_ptr<StoredKey> open_key_text(const SecretText& pem, KeyForm form, const std::string& path,
                                         const PassphraseSource& source) {
    if (form == KeyForm::plain) return read_plain_key(pem.view());
    return read_encrypted_key(pem.view(), passphrase_for(path, source, Ask::once));
}

std::unique_ptr<StoredKey> read_key(const std::string& path, const PassphraseSource& source) {
    const FileDescriptor file = open_key(path);
    const SecretText pem = read_to_end(file, path);
    const KeyForm form = form_of(pem.view()); // what is no secret key may be read by everybody
    refuse_readable_by_others(file, path);
    return open_key_text(pem, form, path, source);
}

bool is_secret(std::string_view text) {
    return manifests::pem_label(text).ends_with("PRIVATE KEY");
}

AnyKey read_any_key(const std::string& path, const PassphraseSource& source) {
    const FileDescriptor file = open_key(path);
    const SecretText text = read_to_end(file, path);
    if (!is_secret(text.view())) return {KeyPart::public_key, manifests::parse_spelled_key(text.view())};
    refuse_readable_by_others(file, path);
    const KeyForm form = form_of(text.view());
    const manifests::PublicKey key = open_key_text(text, form, path, source)->public_key();
    return {form == KeyForm::plain ? KeyPart::plain_secret : KeyPart::encrypted_secret,
            {manifests::KeySpelling::pem, key, {}, {}}};
}

// For what reads keys: says where, unless the system's own message does.
template<typename Work>
auto with_place(const std::string& path, Work work) {
    try {
        return work();
    } catch (Error& problem) {
        if (problem.fault() == Fault::missing) problem.in(path);
        throw;
    }
}

void refuse_open_file_system(AtomicFile& file) {
    if ((status_of(file.file(), file.target()).st_mode & for_others) == 0) return;
    throw Error(Fault::io, manifests::in_quotes(file.target()) +
                               " would be readable by others: its file system keeps no modes")
        .hint("write the key to a Linux file system, not to a FAT stick");
}

void put(AtomicFile& file, std::string_view bytes) {
    runtime::write_all(file.file(), bytes.data(), bytes.size(), file.target());
}

void put_key(AtomicFile& file, const StoredKey& key, const SecretText* passphrase) {
    if (passphrase != nullptr) {
        put(file, write_encrypted_key(key, *passphrase));
    } else {
        put(file, write_plain_key(key).view());
    }
}

// The new file would belong to who runs this, and its owner could not read it any more.
void refuse_other_owner(const std::string& path) {
    if (status_of(runtime::open_to_read(path), path).st_uid == ::geteuid()) return;
    throw Error(Fault::usage, manifests::in_quotes(path) + " belongs to another user")
        .hint("do this as its owner");
}

// What a disk returns is not always what was written to it, and a key has no second copy.
void check_written(AtomicFile& file, const StoredKey& key, const SecretText* passphrase) {
    if (::lseek(file.file().get(), 0, SEEK_SET) != 0) runtime::throw_errno("cannot read", file.target());
    const SecretText pem = read_to_end(file.file(), file.target());
    const std::unique_ptr<StoredKey> found =
        passphrase != nullptr ? read_encrypted_key(pem.view(), *passphrase) : read_plain_key(pem.view());
    if (found->public_key() != key.public_key() || found->secret() != key.secret())
        throw Error(Fault::io, "what was written is not the key; the old file stays");
}

} // namespace

KeyPairPaths key_pair_paths(const std::string& name) {
    std::string stem = name;
    if (stem.ends_with(".key") || stem.ends_with(".pub")) stem.resize(stem.size() - 4);
    if (stem.empty() || stem.ends_with('/'))
        throw Error(Fault::usage, manifests::in_quotes(name) + " names no file").hint("such as: -o release");
    return {stem + ".key", stem + ".pub"};
}

void refuse_existing(const KeyPairPaths& paths) {
    for (const std::string& path : {paths.secret_key, paths.public_key}) {
        try {
            runtime::refuse_existing(path);
        } catch (Error& problem) {
            problem.hint("choose another name; --force replaces the key, and what it signed stays signed by "
                         "the old one");
            throw;
        }
    }
}

void write_key_pair(const KeyPairPaths& paths, const StoredKey& key, const SecretText* passphrase,
                    Replace replace) {
    if (replace == Replace::refuse) refuse_existing(paths);
    AtomicFile secret_file(paths.secret_key, 0600);
    refuse_open_file_system(secret_file);
    AtomicFile public_file(paths.public_key, 0644);
    put_key(secret_file, key, passphrase);
    put(public_file, key.public_key().pem());
    secret_file.commit(replace);
    try {
        public_file.commit(replace);
    } catch (const Error&) {
        if (replace == Replace::refuse) ::unlink(paths.secret_key.c_str()); // ours: it was not there before
        throw;
    }
}

std::unique_ptr<StoredKey> load_key(const std::string& path, const PassphraseSource& source) {
    return with_place(path, [&] { return read_key(path, source); });
}

AnyKey load_any_key(const std::string& path, const PassphraseSource& source) {
    return with_place(path, [&] { return read_any_key(path, source); });
}

SecretKey load_secret_key(const std::string& path, const PassphraseSource& source) {
    const std::unique_ptr<StoredKey> key = load_key(path, source);
    if (auto* ed25519 = dynamic_cast<SecretKey*>(key.get())) return std::move(*ed25519);
    throw Error(Fault::missing, "found a key of type " + std::string(name_of(key->public_key().type())) +
                                    ", wanted an Ed25519 key")
        .in(path);
}

void rewrite_key(const std::string& path, const StoredKey& key, const SecretText* passphrase) {
    AtomicFile file(path, 0600);
    refuse_open_file_system(file);
    refuse_other_owner(path);
    put_key(file, key, passphrase);
    check_written(file, key, passphrase);
    file.commit(Replace::allow);
}

} // namespace packager
