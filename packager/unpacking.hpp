#pragma once
// libarchive on bytes that are read on demand: one format or one compression, the one that is asked for.

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "packager/look_budget.hpp"
#include "packager/look_spool.hpp"
#include "packager/tensors.hpp"

struct archive;
struct archive_entry;

namespace packager {

enum class Packing { zip_member, seven_zip, tar, gzip, bzip2, xz, lzma, lzip, zstd, lz4 };

class Unpacker {
public:
    /// @param read  must live as long
    Unpacker(Packing packing, std::uint64_t size_bytes, const ReadBytes& read);
    Unpacker(const Unpacker&) = delete;
    Unpacker& operator=(const Unpacker&) = delete;
    ~Unpacker();

    /// @return whether there is one more file; if not, problem() says whether the end was reached
    /// @throws  whatever `read` throws, as the others
    bool next();
    const std::string& problem() const { return problem_; }

    std::string name() const;
    std::uint64_t size_bytes() const;
    bool is_encrypted() const;
    /// Whether its bytes stand in the tar as they are, all of them and in one piece.
    bool is_plain() const;
    /// Where what is read next begins, in what is unpacked.
    std::uint64_t position() const;
    /// Unpacks the file to its end, or what can be had of it: see problem().
    void unpack(LookSpool& spool, LookBudget& budget);

private:
    struct Source;
    struct Closer {
        void operator()(archive* reader) const;
    };
    void note_problem();
    void note_rest();
    void rethrow();

    bool is_compression_;
    std::unique_ptr<Source> source_;
    std::unique_ptr<archive, Closer> reader_;
    archive_entry* entry_ = nullptr;
    std::string problem_;
};

} // namespace packager
