#include "packager/weights_diff.hpp"

#include <algorithm>
#include <unordered_map>

#include "packager/byte_compare.hpp"
#include "runtime/workers.hpp"

namespace packager {
namespace {

// Bytes of one tensor, or of what lies outside of tensors, that are to be compared.
struct Comparison {
    std::size_t file = 0;                   // index of the pair
    std::optional<TensorChange> if_differs; // nothing: not a tensor
    ByteRanges ranges;
    std::optional<std::uint64_t> found;
};

struct Listings {
    TensorListing a, b;
};

std::vector<Listings> list_all(const std::vector<FilePair>& pairs, unsigned jobs) {
    std::vector<Listings> listings(pairs.size());
    runtime::for_each_index(pairs.size(), jobs, [&](std::size_t i) {
        if (pairs[i].may_have_tensors) listings[i] = {list_tensors(pairs[i].a), list_tensors(pairs[i].b)};
    });
    return listings;
}

bool is_described_alike(const Tensor& a, const Tensor& b) {
    return a.type == b.type && a.shape == b.shape;
}

// What the two lists say without looking at the data; the rest goes to `comparisons`.
void compare_lists(const TensorList& a, const TensorList& b, std::size_t file, FileDiff& diff,
                   std::vector<Comparison>& comparisons) {
    std::unordered_map<std::string_view, const Tensor*> others;
    for (const Tensor& tensor : b.tensors)
        others.emplace(tensor.name, &tensor);
    for (const Tensor& tensor : a.tensors) {
        const auto other = others.find(tensor.name);
        if (other == others.end()) {
            diff.changes.push_back({TensorChange::Kind::removed, tensor, std::nullopt});
        } else if (!is_described_alike(tensor, *other->second)) {
            diff.changes.push_back({TensorChange::Kind::described, tensor, *other->second});
        } else {
            comparisons.push_back({file,
                                   TensorChange{TensorChange::Kind::bytes, tensor, *other->second},
                                   {tensor.offset, other->second->offset, tensor.size_bytes},
                                   std::nullopt});
        }
        if (other != others.end()) others.erase(other);
    }
    for (const Tensor& tensor : b.tensors) {
        if (others.contains(tensor.name))
            diff.changes.push_back({TensorChange::Kind::added, std::nullopt, tensor});
    }
}

// Everything in front of, between and behind tensors that lie at the same places in both files.
void compare_the_rest(const TensorList& list, std::size_t file, std::uint64_t shorter,
                      std::vector<Comparison>& comparisons) {
    std::uint64_t at = 0;
    const auto compare_up_to = [&](std::uint64_t end) {
        if (at < end) comparisons.push_back({file, std::nullopt, {at, at, end - at}, std::nullopt});
    };
    for (const Tensor& tensor : list.tensors) {
        compare_up_to(tensor.offset);
        at = std::max(at, tensor.offset + tensor.size_bytes);
    }
    compare_up_to(shorter);
}

void plan(const FilePair& pair, const Listings& listings, std::size_t file, FileDiff& diff,
          std::vector<Comparison>& comparisons) {
    diff = {.path = pair.path, .size_a = pair.a.size_bytes, .size_b = pair.b.size_bytes};
    const std::uint64_t shorter = std::min(diff.size_a, diff.size_b);
    if (listings.a.list && listings.b.list && listings.a.list->format == listings.b.list->format) {
        diff.format = listings.a.list->format;
        compare_lists(*listings.a.list, *listings.b.list, file, diff, comparisons);
        diff.same_bytes = diff.size_a == diff.size_b && listings.a.list->tensors == listings.b.list->tensors;
        if (listings.a.list->tensors == listings.b.list->tensors) {
            compare_the_rest(*listings.a.list, file, shorter, comparisons);
        } else if (diff.changes.empty()) { // the same tensors elsewhere: a header that grew, another order
            const std::uint64_t header = std::min(listings.a.list->data_offset, listings.b.list->data_offset);
            comparisons.push_back({file, std::nullopt, {0, 0, header}, std::nullopt});
        }
        return;
    }
    if (pair.may_have_tensors && listings.a.list && listings.b.list) {
        diff.reason = "one is " + listings.a.list->format + ", the other " + listings.b.list->format;
    } else if (pair.may_have_tensors) {
        diff.reason = listings.a.list ? listings.b.reason : listings.a.reason;
    }
    diff.same_bytes = diff.size_a == diff.size_b;
    comparisons.push_back({file, std::nullopt, {0, 0, shorter}, std::nullopt});
}

// `comparison` was made; tensors come before what lies outside of them, and their order is that of A.
void note_result(const Comparison& comparison, FileDiff& diff) {
    if (!comparison.found) {
        diff.same_tensors += comparison.if_differs ? 1 : 0;
        return;
    }
    diff.same_bytes = false;
    if (comparison.if_differs) {
        diff.changes.push_back(*comparison.if_differs);
        diff.changes.back().at = *comparison.found;
        return;
    }
    const std::uint64_t at = comparison.ranges.from_a + *comparison.found;
    diff.other_byte = std::min(diff.other_byte.value_or(at), at);
}

void sort_changes(FileDiff& diff) {
    const auto place = [](const TensorChange& change) {
        return std::pair(!change.before, change.before ? change.before->offset : change.after->offset);
    };
    std::stable_sort(diff.changes.begin(), diff.changes.end(),
                     [&](const TensorChange& a, const TensorChange& b) { return place(a) < place(b); });
}

} // namespace

TensorListing list_tensors(const runtime::BlobAt& blob, NamedAs named) {
    const auto read = [&](std::uint64_t offset, std::size_t length) {
        std::string bytes(length, '\0');
        bytes.resize(runtime::read_at(*blob.file, bytes.data(), length, blob.offset + offset, blob.where));
        return bytes;
    };
    return list_tensors(blob.size_bytes, read, named);
}

std::vector<FileDiff> diff_files(const std::vector<FilePair>& pairs, Content content, unsigned jobs,
                                 const OnStart& on_start) {
    const std::vector<Listings> listings = list_all(pairs, jobs);
    std::vector<FileDiff> diffs(pairs.size());
    std::vector<Comparison> comparisons;
    for (std::size_t i = 0; i < pairs.size(); ++i)
        plan(pairs[i], listings[i], i, diffs[i], comparisons);
    if (content == Content::compare) {
        std::uint64_t total_bytes = 0;
        for (const Comparison& one : comparisons)
            total_bytes += one.ranges.length_bytes;
        const runtime::OnBytes on_bytes = on_start ? on_start(total_bytes) : runtime::OnBytes{};
        runtime::for_each_index(comparisons.size(), jobs, [&](std::size_t i) {
            const FilePair& pair = pairs[comparisons[i].file];
            comparisons[i].found = first_difference(pair.a, pair.b, comparisons[i].ranges, on_bytes);
        });
        for (const Comparison& one : comparisons)
            note_result(one, diffs[one.file]);
    }
    for (FileDiff& diff : diffs) {
        diff.content_compared = content == Content::compare;
        diff.same_bytes = diff.same_bytes && diff.content_compared;
        sort_changes(diff);
    }
    return diffs;
}

std::string_view name_of(TensorChange::Kind kind) {
    switch (kind) {
    case TensorChange::Kind::added:
        return "added";
    case TensorChange::Kind::removed:
        return "removed";
    case TensorChange::Kind::described:
        return "described";
    case TensorChange::Kind::bytes:
        return "bytes";
    }
    return "bytes";
}

} // namespace packager
