#include "packager/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "packager/gguf_model.hpp"
#include "packager/model_config.hpp"
#include "packager/shard_index.hpp"
#include "packager/tensor_totals.hpp"
#include "packager/weights_diff.hpp"

namespace packager {
namespace {

using manifests::Code;
using manifests::Error;
using manifests::Fault;
using manifests::in_quotes;
using manifests::Report;

constexpr std::uint64_t most_config_bytes = 16ULL << 20;
constexpr std::string_view config_name = "config.json";
constexpr std::string_view description_name = "quant_model_description.json"; // of Ascend ModelSlim
// Of tokenizers and of what prepares pictures and sound, which can name code of their own as well.
constexpr std::array<std::string_view, 4> side_config_names{"tokenizer_config.json", "processor_config.json",
                                                            "preprocessor_config.json",
                                                            "video_preprocessor_config.json"};
constexpr std::string_view index_ending = ".safetensors.index.json";
constexpr std::string_view gguf_ending = ".gguf";
constexpr std::string_view safetensors_ending = ".safetensors";

std::string_view name_in(const std::string& path) {
    return std::string_view(path).substr(path.rfind('/') + 1);
}

std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// Saves most documents from being parsed for it; an escape can spell the name as well.
bool may_name_code(std::string_view text) {
    return text.find("auto_map") != std::string_view::npos || text.find("\\u") != std::string_view::npos;
}

void refuse_format(Report& report, const std::string& path, const std::string& why) {
    report.add({Code::model_format, path, why,
                "fetch the file again and compare its size and digest with what its publisher says; do not "
                "load it"});
}

void refuse_parts(Report& report, const std::string& path, const std::string& why, const std::string& hint) {
    report.add({Code::model_shards, path, why, hint});
}

// The parts of one model in one folder, while their files are read.
struct IndexSeen {
    std::string path;
    ShardIndex index;
    std::vector<bool> seen; // for each file of it
    std::uint64_t tensor_bytes = 0;
    bool broken = false; // one of its files has no list: sums say nothing
};

struct SetSeen { // parts that count themselves in their names
    ShardName shard;
    std::string path; // of the first that was met
    std::vector<bool> seen;
    std::unordered_set<std::string> names; // only without an index, which tells as well
    std::uint64_t tensors = 0;
    std::optional<std::uint64_t> wanted_tensors;
    bool indexed = false;
    bool broken = false;
};

class Reader {
public:
    Reader(Checkpoint& checkpoint, const OnTensors& on_tensors)
        : checkpoint_(checkpoint), on_tensors_(on_tensors) {}

    void read(const std::vector<ModelFile>& files) {
        for (const ModelFile& file : files)
            if (name_in(file.path).ends_with(index_ending)) read_index(file);
        for (const ModelFile& file : files)
            read_file(file);
        for (const IndexSeen& index : indexes_)
            finish(index);
        for (const auto& [name, set] : sets_)
            finish(set);
        totals_.finish(checkpoint_);
    }

private:
    void read_index(const ModelFile& file) {
        try {
            const std::string text = runtime::read_blob(file.open(), most_header_bytes);
            ShardIndex index = ShardIndex::parse(text);
            const std::size_t count = index.files().size();
            indexes_.push_back({file.path, std::move(index), std::vector<bool>(count), 0, false});
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse_parts(checkpoint_.report, file.path, error.what(), "fetch the index again");
        }
    }

    void read_file(const ModelFile& file) {
        const std::string_view name = name_in(file.path);
        if (name == config_name) read_config(file);
        if (is_side_config_name(name)) read_side_config(file);
        if (name == description_name) read_description(file);
        if (file.is_weights) read_weights(file);
    }

    void read_config(const ModelFile& file) {
        try {
            const std::string text = runtime::read_blob(file.open(), most_config_bytes);
            ModelShape shape = read_model_config(text);
            note_code(text, file.path);
            if (shape.layers != 0 && (checkpoint_.shape_source.empty() || is_nearer(file.path)))
                set_shape(std::move(shape), file.path);
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse_format(checkpoint_.report, file.path, error.what());
        }
    }
    void read_side_config(const ModelFile& file) {
        try {
            note_code(runtime::read_blob(file.open(), most_config_bytes), file.path);
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse_format(checkpoint_.report, file.path, error.what());
        }
    }
    void note_code(const std::string& text, const std::string& path) {
        std::string& source = checkpoint_.code_source;
        const bool is_first =
            source.empty() || (name_in(path) == config_name && name_in(source) != config_name);
        if (is_first && may_name_code(text) && names_own_code(text)) source = path;
    }
    // Pipelines have a config.json for each of their parts.
    bool is_nearer(const std::string& path) const {
        return std::count(path.begin(), path.end(), '/') <
               std::count(checkpoint_.shape_source.begin(), checkpoint_.shape_source.end(), '/');
    }
    void set_shape(ModelShape shape, const std::string& path) {
        checkpoint_.shape = std::move(shape);
        checkpoint_.shape_source = path;
    }

    void read_description(const ModelFile& file) {
        try {
            described_ = read_modelslim_description(runtime::read_blob(file.open(), most_header_bytes));
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse_format(checkpoint_.report, file.path, error.what());
        }
    }

    void read_weights(const ModelFile& file) {
        const std::string_view name = name_in(file.path);
        const bool by_name = name.ends_with(gguf_ending) || name.ends_with(safetensors_ending);
        if (file.size_bytes == 0 && !by_name) return;
        const TensorListing listing = list_tensors(
            file.open(), name.ends_with(safetensors_ending) ? NamedAs::safetensors : NamedAs::anything);
        if (!listing.list) {
            if (!by_name && !listing.is_format) return; // weights of another kind
            refuse_format(checkpoint_.report, file.path, listing.reason);
            note_broken(file.path);
            return;
        }
        const TensorList& list = *listing.list;
        if (on_tensors_) on_tensors_(file, list);
        std::uint64_t tensor_bytes = 0;
        for (const Tensor& tensor : list.tensors) {
            tensor_bytes += tensor.size_bytes;
            checkpoint_.weights.add(tensor.name, tensor.shape.size(), tensor.size_bytes);
        }
        totals_.add(list, checkpoint_);
        checkpoint_.files.push_back(
            {file.path, list.format, file.size_bytes, list.tensors.size(), tensor_bytes});
        check_part(file.path, list, check_index(file.path, list, tensor_bytes));
        if (list.format == "gguf") read_gguf_shape(file.path, list);
    }

    void read_gguf_shape(const std::string& path, const TensorList& list) {
        try {
            ModelShape shape = model_of(list.metadata);
            if (shape.layers != 0 && checkpoint_.shape_source.empty()) set_shape(std::move(shape), path);
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            refuse_format(checkpoint_.report, path, error.what());
        }
    }

    // @return whether an index names the file
    bool check_index(const std::string& path, const TensorList& list, std::uint64_t tensor_bytes) {
        bool indexed = false;
        for_indexes_of(path, [&](IndexSeen& one, std::size_t place) {
            indexed = true;
            one.seen[place] = true;
            one.tensor_bytes += tensor_bytes;
            const std::string difference = one.index.difference(place, list.tensors);
            if (!difference.empty())
                refuse_parts(checkpoint_.report, path, difference,
                             "take the index and the parts from the same release of the model");
        });
        return indexed;
    }
    void note_broken(const std::string& path) {
        for_indexes_of(path, [](IndexSeen& one, std::size_t place) {
            one.seen[place] = true;
            one.broken = true;
        });
        if (const auto shard = parse_shard_name(name_in(path))) {
            SetSeen* set = set_of(path, *shard);
            if (set != nullptr) set->broken = set->seen[static_cast<std::size_t>(shard->number - 1)] = true;
        }
    }
    template<typename Action>
    void for_indexes_of(const std::string& path, const Action& action) {
        const std::string name(name_in(path));
        for (IndexSeen& one : indexes_) {
            if (folder_of(one.path) != folder_of(path)) continue;
            const auto& files = one.index.files();
            const auto found = std::lower_bound(files.begin(), files.end(), name);
            if (found != files.end() && *found == name)
                action(one, static_cast<std::size_t>(found - files.begin()));
        }
    }

    // nullptr if its number is beyond their count, which is said
    SetSeen* set_of(const std::string& path, const ShardName& shard) {
        constexpr std::uint64_t most_parts = 100'000;
        if (shard.number > shard.count || shard.count > most_parts) {
            refuse_parts(checkpoint_.report, path,
                         "its name says it is part " + std::to_string(shard.number) + " of " +
                             std::to_string(shard.count),
                         "give the file the name that its publisher gave it");
            return nullptr;
        }
        const std::string key = folder_of(path) + part_name(shard, shard.count);
        const auto [set, is_new] = sets_.try_emplace(key);
        if (is_new)
            set->second = {shard, path, std::vector<bool>(static_cast<std::size_t>(shard.count)),
                           {},    0,    std::nullopt,
                           false, false};
        return &set->second;
    }

    void check_part(const std::string& path, const TensorList& list, bool indexed) {
        const auto shard = parse_shard_name(name_in(path));
        if (list.format == "gguf" && !check_split(path, list, shard)) return;
        if (!shard) return;
        SetSeen* set = set_of(path, *shard);
        if (set == nullptr) return;
        set->seen[static_cast<std::size_t>(shard->number - 1)] = true;
        set->tensors += list.tensors.size();
        if (list.format == "gguf" && !set->wanted_tensors)
            set->wanted_tensors = list.metadata.count("split.tensors.count");
        check_indexed(path, *set, indexed);
        if (indexed) return;
        for (const Tensor& tensor : list.tensors) {
            if (set->names.insert(tensor.name).second) continue;
            refuse_parts(checkpoint_.report, path,
                         "tensor " + in_quotes(tensor.name) + " is in another part too",
                         "take all parts from the same release of the model");
            return;
        }
    }

    // Where an index speaks of some parts, it speaks of all of them.
    void check_indexed(const std::string& path, SetSeen& set, bool indexed) {
        set.indexed = set.indexed || indexed;
        const bool has_index = std::any_of(indexes_.begin(), indexes_.end(), [&](const IndexSeen& one) {
            return folder_of(one.path) == folder_of(path) &&
                   name_in(one.path) == set.shard.front + std::string(index_ending);
        });
        if (!indexed && has_index && set.shard.ending == safetensors_ending)
            refuse_parts(checkpoint_.report, path, "the index does not name this part",
                         "take the index and the parts from the same release of the model");
    }

    // @return false if it contradicts its own name
    bool check_split(const std::string& path, const TensorList& list, const std::optional<ShardName>& shard) {
        const auto refuse = [&](const std::string& why) {
            refuse_parts(checkpoint_.report, path, why, "keep the names that the tool gave the parts");
            return false;
        };
        try {
            const std::uint64_t count = list.metadata.count("split.count").value_or(0);
            const std::uint64_t number = list.metadata.count("split.no").value_or(0);
            if (count <= 1 && !shard) return true;
            if (count > 1 && !shard)
                return refuse("it is part " + std::to_string(number + 1) + " of " + std::to_string(count) +
                              ", and its name does not say so");
            if (count != shard->count && !(count == 0 && shard->count == 1))
                return refuse("its name says " + std::to_string(shard->count) + " parts, split.count says " +
                              std::to_string(count));
            if (number + 1 != shard->number)
                return refuse("its name says part " + std::to_string(shard->number) + ", split.no says " +
                              std::to_string(number) + ", which is part " + std::to_string(number + 1));
            list.metadata.count("split.tensors.count");
        } catch (const Error& error) {
            if (error.fault() != Fault::damaged) throw;
            return refuse(error.what());
        }
        return true;
    }

    void finish(const IndexSeen& one) {
        bool complete = !one.broken;
        for (std::size_t i = 0; i < one.seen.size(); ++i) {
            if (one.seen[i]) continue;
            complete = false;
            refuse_parts(checkpoint_.report, one.path,
                         "names " + in_quotes(one.index.files()[i]) +
                             ", which is not there among the weights",
                         "add the missing part to the weights");
        }
        const auto total = one.index.total_bytes();
        if (complete && total && *total != one.tensor_bytes)
            refuse_parts(checkpoint_.report, one.path,
                         "says the tensors have " + std::to_string(*total) + " bytes, found " +
                             std::to_string(one.tensor_bytes),
                         "take the index and the parts from the same release of the model, or correct "
                         "metadata.total_size");
    }

    void finish(const SetSeen& set) {
        std::string missing;
        std::size_t lacking = 0;
        for (std::size_t i = 0; i < set.seen.size(); ++i) {
            if (set.seen[i] || set.indexed) continue; // the index tells which parts there are
            if (++lacking <= 3) missing += (missing.empty() ? "" : ", ") + part_name(set.shard, i + 1);
        }
        if (lacking > 0) {
            refuse_parts(checkpoint_.report, set.path,
                         "of " + std::to_string(set.shard.count) + " parts " + std::to_string(lacking) +
                             " are not there: " + manifests::escaped(missing) + (lacking > 3 ? ", ..." : ""),
                         "add the missing parts to the weights");
        } else if (!set.broken && set.wanted_tensors && *set.wanted_tensors != set.tensors) {
            refuse_parts(checkpoint_.report, set.path,
                         "split.tensors.count says " + std::to_string(*set.wanted_tensors) +
                             " tensors, the parts have " + std::to_string(set.tensors),
                         "take all parts from the same release of the model");
        }
    }

public:
    std::optional<Quantisation> described() const { return described_; }

private:
    Checkpoint& checkpoint_;
    const OnTensors& on_tensors_;
    std::vector<IndexSeen> indexes_;
    std::map<std::string, SetSeen> sets_;
    std::optional<Quantisation> described_;
    TensorTotals totals_;
};

} // namespace

bool is_model_file_name(std::string_view name) {
    return name == config_name || name == description_name || name.ends_with(index_ending) ||
           name.ends_with(gguf_ending) || name.ends_with(safetensors_ending);
}

bool is_side_config_name(std::string_view name) {
    return std::find(side_config_names.begin(), side_config_names.end(), name) != side_config_names.end();
}

std::string Checkpoint::format() const {
    std::string text;
    for (const char* name : {"gguf", "safetensors"}) {
        const auto is_it = [&](const WeightFile& file) { return file.format == name; };
        if (std::any_of(files.begin(), files.end(), is_it))
            text += (text.empty() ? "" : ", ") + std::string(name);
    }
    return text;
}

Checkpoint read_checkpoint(std::vector<ModelFile> files, const OnTensors& on_tensors) {
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    Checkpoint checkpoint;
    Reader reader(checkpoint, on_tensors);
    reader.read(files);
    if (reader.described() && checkpoint.shape.quantisation.method.empty())
        checkpoint.shape.quantisation = *reader.described();
    return checkpoint;
}

} // namespace packager
