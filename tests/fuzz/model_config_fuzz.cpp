// config.json, an index and a ModelSlim description: a value or an Error about the bytes, nothing else; what
// is accepted is a JSON object for the strict reader too, and no number in it is beyond what the rules allow.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "manifests/error.hpp"
#include "packager/model_config.hpp"
#include "packager/model_parameters.hpp"
#include "packager/shard_index.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// @return whether it was accepted
template<typename Action>
bool accepts(const Action& action) {
    try {
        action();
        return true;
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "only the bytes can be wrong");
        return false;
    }
}

void check_config(std::string_view text) {
    const bool accepted = accepts([&] {
        const packager::ModelShape shape = packager::read_model_config(text);
        demand(shape.layers <= 65'536, "layers have an end");
        demand(shape.hidden <= std::uint64_t{1} << 40, "widths have an end");
        const auto count = packager::count_parameters(shape);
        demand(!count || count->active <= count->total, "no token takes more than there is");
        shape.has_experts(shape.layers);
        shape.kv_heads_of(shape.layers);
    });
    const nlohmann::json value = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    demand(!accepted || value.is_object(), "a configuration is an object");
    const bool negative = value.is_object() && value.contains("vocab_size") &&
                          !value.contains("text_config") && !value.contains("llm_config") &&
                          !value.contains("language_config") && value["vocab_size"].is_number() &&
                          !value["vocab_size"].is_number_unsigned();
    demand(!accepted || !negative, "a count is a count");
}

void check_index(std::string_view text) {
    accepts([&] {
        const packager::ShardIndex index = packager::ShardIndex::parse(text);
        const nlohmann::json value = nlohmann::json::parse(text.begin(), text.end());
        demand(value.at("weight_map").size() == index.tensors(), "every tensor is kept");
        for (std::size_t i = 0; i < index.files().size(); ++i) {
            const std::string& name = index.files()[i];
            demand(name.find('/') == std::string::npos && name != "..", "no name leads elsewhere");
            std::vector<packager::Tensor> tensors;
            for (const auto& [tensor, file] : value.at("weight_map").items())
                if (file.get_ref<const std::string&>() == name) tensors.push_back({tensor, "U8", {}, 0, 0});
            demand(index.difference(i, tensors).empty(), "a file holds what is mapped to it");
            tensors.pop_back();
            demand(!index.difference(i, tensors).empty(), "what is not there is missed");
        }
    });
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check_config(text);
    check_index(text);
    accepts([&] { packager::read_modelslim_description(text); });
    accepts([&] { packager::names_own_code(text); });
    return 0;
}
