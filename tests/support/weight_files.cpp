#include "tests/support/weight_files.hpp"

#include <nlohmann/json.hpp>

namespace tests {

std::string safetensors_file(std::string_view header, std::string_view data) {
    return GgufWriter().number(header.size(), 8).raw(header).raw(data).bytes;
}

std::string make_safetensors(const std::vector<WeightTensor>& tensors, const std::string& metadata) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header["__metadata__"] = {{"note", metadata}};
    std::string data;
    for (const WeightTensor& tensor : tensors) {
        const std::size_t from = data.size();
        data += tensor.data;
        header[tensor.name] = {
            {"dtype", tensor.type}, {"shape", tensor.shape}, {"data_offsets", {from, data.size()}}};
    }
    return safetensors_file(header.dump(), data);
}

GgufWriter& GgufWriter::number(std::uint64_t value, std::size_t length_bytes) {
    for (std::size_t i = 0; i < length_bytes; ++i)
        bytes += static_cast<char>((value >> (8 * i)) & 0xff);
    return *this;
}

GgufWriter& GgufWriter::text(std::string_view text) {
    return number(text.size(), 8).raw(text);
}

GgufWriter& GgufWriter::raw(std::string_view data) {
    bytes += data;
    return *this;
}

GgufWriter& GgufWriter::start(std::uint64_t tensors, std::uint64_t pairs, std::uint32_t version) {
    return raw("GGUF").number(version, 4).number(tensors, 8).number(pairs, 8);
}

GgufWriter& GgufWriter::pair(std::string_view key, std::uint32_t value) {
    return text(key).number(4, 4).number(value, 4);
}

GgufWriter& GgufWriter::tensor(std::string_view name, const std::vector<std::uint64_t>& shape,
                               std::uint32_t type, std::uint64_t offset) {
    text(name).number(shape.size(), 4);
    for (const std::uint64_t dimension : shape)
        number(dimension, 8);
    return number(type, 4).number(offset, 8);
}

GgufWriter& GgufWriter::pad(std::size_t unit) {
    bytes.resize((bytes.size() + unit - 1) / unit * unit, '\0');
    return *this;
}

std::string make_plain_gguf(const std::string& data) {
    constexpr std::uint32_t type_i8 = 24;
    return GgufWriter().start(1, 0).tensor("t", {data.size()}, type_i8, 0).pad(32).raw(data).bytes;
}

std::string make_gguf(const std::vector<WeightTensor>& tensors, const std::string& architecture) {
    constexpr std::size_t alignment = 32;
    GgufWriter file;
    file.start(tensors.size(), 3).text("general.architecture").number(8, 4).text(architecture);
    file.text("tokens").number(9, 4).number(8, 4).number(2, 8).text("a").text("bc"); // an array of texts
    file.pair("general.alignment", alignment);
    GgufWriter data;
    for (const WeightTensor& tensor : tensors) {
        file.tensor(tensor.name, tensor.shape, static_cast<std::uint32_t>(std::stoul(tensor.type)),
                    data.bytes.size());
        data.raw(tensor.data).pad(alignment);
    }
    return file.pad(alignment).raw(data.bytes).bytes;
}

} // namespace tests
