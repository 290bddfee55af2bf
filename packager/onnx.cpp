#include "packager/onnx.hpp"

#include <algorithm>
#include <optional>

namespace packager {
namespace {

enum WireType : std::uint64_t { wire_varint = 0, wire_length = 2 };

constexpr std::uint64_t ir_version_field = 1;
constexpr std::uint64_t graph_field = 7;
constexpr std::uint64_t most_fields = 10'000; // operator sets, functions, notes

class Fields {
public:
    Fields(std::uint64_t size_bytes, const ReadBytes& read) : size_bytes_(size_bytes), read_(read) {}

    bool at_end() const { return at_ == size_bytes_; }
    std::optional<std::uint64_t> varint() {
        constexpr std::uint64_t most_bytes = 10;
        const std::uint64_t most = std::min(most_bytes, size_bytes_ - at_);
        const std::string bytes = read_(at_, static_cast<std::size_t>(most));
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            const auto byte = static_cast<unsigned char>(bytes[i]);
            value |= std::uint64_t{byte & 0x7fU} << (7 * i);
            if (byte < 0x80) return at_ += i + 1, value;
        }
        return std::nullopt;
    }
    bool skip(std::uint64_t length) {
        if (length > size_bytes_ - at_) return false;
        at_ += length;
        return true;
    }

private:
    std::uint64_t size_bytes_;
    const ReadBytes& read_;
    std::uint64_t at_ = 0;
};

std::optional<std::uint64_t> wire_type_of(std::uint64_t field) {
    switch (field) {
    case ir_version_field:
    case 5: // model_version
        return wire_varint;
    case 2: // producer_name
    case 3: // producer_version
    case 4: // domain
    case 6: // doc_string
    case graph_field:
    case 8:  // opset_import
    case 14: // metadata_props
    case 20: // training_info
    case 25: // functions
    case 26: // configuration
        return wire_length;
    default:
        return std::nullopt;
    }
}

} // namespace

bool is_onnx(std::uint64_t size_bytes, const ReadBytes& read) {
    Fields fields(size_bytes, read);
    bool version = false;
    bool graph = false;
    for (std::uint64_t i = 0; i < most_fields && !fields.at_end(); ++i) {
        const auto tag = fields.varint();
        if (!tag || wire_type_of(*tag >> 3) != (*tag & 7)) return false;
        const auto value = fields.varint();
        if (!value || ((*tag & 7) == wire_length && !fields.skip(*value))) return false;
        version = version || *tag >> 3 == ir_version_field;
        graph = graph || *tag >> 3 == graph_field;
    }
    return fields.at_end() && version && graph;
}

} // namespace packager
