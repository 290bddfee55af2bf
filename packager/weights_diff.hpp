#pragma once
// Two versions of weight files compared tensor by tensor: which were added, removed, described differently,
// and which of those that look the same have other bytes. Each comparison stops at its first difference, and
// the tensors of all files are compared side by side, so the threads are busy with one large file too.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "packager/tensors.hpp"
#include "runtime/blob_source.hpp"
#include "runtime/content.hpp"

namespace packager {

/// One file as A and as B have it.
struct FilePair {
    std::string path;
    runtime::BlobAt a;
    runtime::BlobAt b;
    bool may_have_tensors = true; ///< false: bytes are compared, headers are not looked at
};

struct TensorChange {
    enum class Kind { added, removed, described, bytes };
    Kind kind = Kind::bytes;
    std::optional<Tensor> before; ///< of A; absent: added
    std::optional<Tensor> after;  ///< of B; absent: removed
    std::uint64_t at = 0;         ///< for Kind::bytes, the first byte that differs, counted in the tensor
};

struct FileDiff {
    std::string path;
    std::uint64_t size_a = 0, size_b = 0;
    std::string format = {};                ///< of the tensors, "" if they cannot be listed in both files
    std::string reason = {};                ///< why not; "" if nobody asked
    std::vector<TensorChange> changes = {}; ///< as they lie in A, then the added ones as in B
    std::size_t same_tensors = 0;           ///< same name, type, shape and bytes
    /// The first byte that differs, where that is outside of tensors: both have the same tensors, or there
    /// is no list. Nothing if the shorter file is the front of the longer one.
    std::optional<std::uint64_t> other_byte = std::nullopt;
    bool same_bytes = false;       ///< every byte was compared and is the same
    bool content_compared = false; ///< false: --no-content
};

enum class Content { skip, compare };

/// Called once, before the first byte, with the bytes to come.
using OnStart = std::function<runtime::OnBytes(std::uint64_t total_bytes)>;

/// @param jobs  0: one for each processor
/// @return in the order of `pairs`
/// @throws Error  Fault::io; Fault::damaged, Code::format_truncated for a file that became shorter
std::vector<FileDiff> diff_files(const std::vector<FilePair>& pairs, Content content, unsigned jobs,
                                 const OnStart& on_start);

/// Lists the tensors of a blob.
TensorListing list_tensors(const runtime::BlobAt& blob, NamedAs named = NamedAs::anything);

/// "added", "removed", "described", "bytes"
std::string_view name_of(TensorChange::Kind kind);

} // namespace packager
