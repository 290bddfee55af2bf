#include "packager/repair_session.hpp"

namespace packager {

using manifests::Digest;
using manifests::ItemKind;
using runtime::BlobAt;

namespace {

// What stands there has the right size too; a longer file begins with the right bytes and is another blob.
bool is_whole_in(const BundleCopy& copy, std::size_t item) {
    try {
        if (const auto* folder = dynamic_cast<const FolderCopy*>(&copy))
            if (folder->size_of(item) != copy.items()[item].size_bytes) return false;
        return is_proven(copy.place(item), copy.items()[item].digest);
    } catch (const manifests::Error& error) {
        if (error.fault() != manifests::Fault::damaged) throw;
        return false;
    }
}

} // namespace

RepairSession::RepairSession(KnownBundle known, std::unique_ptr<BundleCopy> target,
                             std::vector<std::unique_ptr<BundleCopy>> others, bool dry_run)
    : known_(std::move(known)),
      target_(std::move(target)),
      others_(std::move(others)),
      dry_run_(dry_run),
      result_{.digest = known_.digest()} {}

bool RepairSession::is_whole(std::size_t item) {
    return is_whole_in(*target_, item);
}

// The copy is remembered and not the open file: there may be 100,000 chunk tables.
const BundleCopy* RepairSession::find_proven(const Digest& digest) {
    const auto asked = target_->item_of(digest);
    if (!asked) return nullptr;
    proven_.resize(target_->items().size());
    std::optional<std::uint16_t>& found = proven_[*asked];
    const auto copy_at = [this](std::size_t i) { return i == 0 ? target_.get() : others_[i - 1].get(); };
    for (std::size_t i = 0; !found && i <= others_.size(); ++i) {
        const auto item = copy_at(i)->item_of(digest);
        if (item && is_whole_in(*copy_at(i), *item)) found = static_cast<std::uint16_t>(i + 1);
    }
    if (!found) found = 0;
    return *found == 0 ? nullptr : copy_at(*found - 1U);
}

void RepairSession::close_copies() {
    target_->sync();
    target_.reset();
    others_.clear();
    known_.document.reset();
    decltype(proven_)().swap(proven_); // = {} would keep the memory
}

void RepairSession::add(Replacement replacement, Written written) {
    if (written == Written::bytes) result_.bytes_replaced += replacement.length_bytes;
    if (!result_.replaced.empty()) {
        Replacement& last = result_.replaced.back();
        const bool goes_on = last.what == replacement.what && last.from == replacement.from &&
                             last.first_chunk && replacement.first_chunk &&
                             *last.first_chunk + last.chunks == *replacement.first_chunk;
        if (goes_on) {
            last.chunks += replacement.chunks;
            last.length_bytes += replacement.length_bytes;
            return;
        }
    }
    result_.replaced.push_back(std::move(replacement));
}

void RepairSession::remains(manifests::Code code, const std::string& where, const std::string& text,
                            const std::string& hint) {
    const bool fresh = named_.insert({code, where, text}).second;
    if (fresh) result_.remaining.add({code, where, text, hint});
}

runtime::Bundle RepairSession::front() {
    const auto find = [this](const Digest& digest) -> std::optional<BlobAt> {
        const auto item = target_->item_of(digest);
        if (!item) return std::nullopt;
        if (target_->items()[*item].kind == ItemKind::file) return target_->place(*item);
        const BundleCopy* const copy = find_proven(digest);
        return copy != nullptr ? copy->place(*copy->item_of(digest)) : target_->place(*item);
    };
    const auto form =
        target_->form() == Form::file ? runtime::Bundle::Form::file : runtime::Bundle::Form::folder;
    return runtime::Bundle::open_known(target_->path(), known_, gather(known_.contents(), find), form);
}

} // namespace packager
