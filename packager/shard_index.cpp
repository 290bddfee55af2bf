#include "packager/shard_index.hpp"

#include <algorithm>
#include <tuple>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "manifests/json.hpp"
#include "manifests/json_members.hpp"
#include "manifests/text.hpp"

namespace packager {
namespace {

using manifests::in_quotes;
using manifests::Json;
using manifests::refuse_document;

constexpr std::size_t most_files = 1'000'000;

void check_file_name(const std::string& name) {
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos ||
        name.find('\\') != std::string::npos)
        refuse_document("names the file " + in_quotes(name) + ", wanted a name in its own folder");
}

std::optional<std::uint64_t> read_total(const Json& rest) {
    const auto metadata = rest.find("metadata");
    if (metadata == rest.end() || metadata->is_null()) return std::nullopt;
    if (!metadata->is_object()) refuse_document("member 'metadata' is not an object");
    const auto total = metadata->find("total_size");
    if (total == metadata->end()) return std::nullopt;
    if (total->is_number_unsigned()) return total->get<std::uint64_t>();
    // Some tools write it as 123.0; beyond 2^53 that would be another number.
    constexpr double exact = 9007199254740992.0;
    const double value = total->is_number_float() ? total->get<double>() : -1;
    if (!(value >= 0 && value <= exact) || value != static_cast<double>(static_cast<std::uint64_t>(value)))
        refuse_document("member 'total_size' is not a count");
    return static_cast<std::uint64_t>(value);
}

std::uint64_t read_digits(std::string_view text) {
    constexpr std::size_t least_digits = 5;
    constexpr std::size_t most_digits = 9;
    if (text.size() < least_digits || text.size() > most_digits) return 0;
    std::uint64_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return 0;
        number = 10 * number + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

} // namespace

void ShardIndex::add(const std::string& tensor, const std::string& file, std::vector<std::string>& found) {
    // Neighbours are mostly in one file.
    if (found.empty() || found.back() != file) {
        check_file_name(file);
        if (found.size() == most_files) refuse_document("names too many files");
        found.push_back(file);
    }
    places_.push_back({static_cast<std::uint32_t>(found.size() - 1),
                       static_cast<std::uint32_t>(tensor.size()), names_.size()});
    names_ += tensor;
}

// Runs of one file become one file, and the files rise by name.
void ShardIndex::sort(const std::vector<std::string>& found) {
    files_ = found;
    std::sort(files_.begin(), files_.end());
    files_.erase(std::unique(files_.begin(), files_.end()), files_.end());
    std::vector<std::uint32_t> numbers;
    for (const std::string& file : found)
        numbers.push_back(static_cast<std::uint32_t>(std::lower_bound(files_.begin(), files_.end(), file) -
                                                     files_.begin()));
    for (Place& place : places_)
        place.file = numbers[place.file];
    std::sort(places_.begin(), places_.end(), [&](const Place& a, const Place& b) {
        return std::tuple(a.file, name(a)) < std::tuple(b.file, name(b));
    });
}

ShardIndex ShardIndex::parse(std::string_view text) {
    ShardIndex index;
    std::vector<std::string> found;
    const auto on_member = [&](const std::string& tensor, const Json& file) {
        if (!file.is_string()) refuse_document("tensor " + in_quotes(tensor) + " is mapped to no file name");
        index.add(tensor, file.get_ref<const std::string&>(), found);
    };
    const Json rest = manifests::read_json_members(text, "weight_map", on_member,
                                                   {.most_bytes = most_header_bytes,
                                                    .most_depth = 8,
                                                    .most_members = most_header_bytes, // bounded by its bytes
                                                    .comments = false,
                                                    .floats = true});
    if (!rest.is_object() || !rest.contains("weight_map") || !rest["weight_map"].is_object())
        refuse_document("has no member 'weight_map' that is an object");
    index.total_bytes_ = read_total(rest);
    index.sort(found);
    return index;
}

std::string ShardIndex::difference(std::size_t file, const std::vector<Tensor>& tensors) const {
    std::vector<std::string_view> there;
    for (const Tensor& tensor : tensors)
        there.push_back(tensor.name);
    std::sort(there.begin(), there.end());
    const auto before = [](const Place& place, std::size_t wanted) { return place.file < wanted; };
    auto mapped = std::lower_bound(places_.begin(), places_.end(), file, before);
    auto found = there.begin();
    while (true) {
        const bool no_more = mapped == places_.end() || mapped->file != file;
        if (no_more && found == there.end()) return "";
        if (no_more || (found != there.end() && *found < name(*mapped)))
            return "it holds tensor " + in_quotes(*found) + ", which the index does not map to it";
        if (found == there.end() || name(*mapped) < *found)
            return "it lacks tensor " + in_quotes(name(*mapped)) + ", which the index maps to it";
        ++mapped;
        ++found;
    }
}

std::optional<ShardName> parse_shard_name(std::string_view name) {
    constexpr std::string_view of = "-of-";
    const std::size_t middle = name.rfind(of);
    const std::size_t dot = name.find('.', middle == std::string_view::npos ? 0 : middle);
    if (middle == std::string_view::npos || dot == std::string_view::npos) return std::nullopt;
    const std::size_t dash = name.rfind('-', middle == 0 ? 0 : middle - 1);
    if (dash == std::string_view::npos || dash >= middle) return std::nullopt;
    ShardName shard;
    shard.front = name.substr(0, dash);
    shard.ending = name.substr(dot);
    const std::string_view number = name.substr(dash + 1, middle - dash - 1);
    const std::string_view count = name.substr(middle + of.size(), dot - middle - of.size());
    shard.number = read_digits(number);
    shard.count = read_digits(count);
    shard.number_digits = number.size();
    shard.count_digits = count.size();
    if (shard.number == 0 || shard.count == 0) return std::nullopt;
    return shard;
}

std::string part_name(const ShardName& shard, std::uint64_t number) {
    const auto padded = [](std::uint64_t value, std::size_t digits) {
        const std::string text = std::to_string(value);
        return text.size() < digits ? std::string(digits - text.size(), '0') + text : text;
    };
    return shard.front + "-" + padded(number, shard.number_digits) + "-of-" +
           padded(shard.count, shard.count_digits) + shard.ending;
}

} // namespace packager
