#pragma once
// model.safetensors.index.json: which tensor is in which file of a model that is cut into several. Of
// DeepSeek-V3 it has nine megabytes, so what is kept is the names in one text and three numbers for each.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packager/tensors.hpp"

namespace packager {

class ShardIndex {
public:
    /// File names in it are names in the same folder: not empty, no separator, no "." or "..".
    /// @throws Error  Fault::damaged: a tensor given twice, a name that leads elsewhere, another kind of
    /// value Source: huggingface/transformers, modeling_utils; the rules are those of read_json
    static ShardIndex parse(std::string_view text);

    /// The files, rising by name.
    const std::vector<std::string>& files() const { return files_; }
    std::size_t tensors() const { return places_.size(); }
    /// metadata.total_size, if it is there: bytes of all tensors.
    std::optional<std::uint64_t> total_bytes() const { return total_bytes_; }

    /// The first tensor that is in the file and not mapped to it, or mapped to it and not there, with what is
    /// wrong; empty if the file holds exactly what is mapped to it.
    /// @param file  a place in files()
    std::string difference(std::size_t file, const std::vector<Tensor>& tensors) const;

private:
    struct Place {
        std::uint32_t file;
        std::uint32_t length;
        std::uint64_t offset; // in names_
    };
    std::string_view name(const Place& place) const {
        return std::string_view(names_).substr(static_cast<std::size_t>(place.offset), place.length);
    }
    void add(const std::string& tensor, const std::string& file, std::vector<std::string>& found);
    void sort(const std::vector<std::string>& found);

    std::string names_;
    std::vector<Place> places_; // by file, then name
    std::vector<std::string> files_;
    std::optional<std::uint64_t> total_bytes_;
};

/// "model-00002-of-00163.safetensors": the part's number from 1 on, how many there are, and what they share.
struct ShardName {
    std::string front;  ///< "model"
    std::string ending; ///< ".safetensors"
    std::uint64_t number = 0;
    std::uint64_t count = 0;
    std::size_t number_digits = 5, count_digits = 5; ///< DeepSeek-V3 has 00001-of-000163
};
/// Nothing if it is no name of this form: five to nine digits on both sides.
std::optional<ShardName> parse_shard_name(std::string_view name);
/// The name of another part, with as many digits as this one has.
std::string part_name(const ShardName& shard, std::uint64_t number);

} // namespace packager
