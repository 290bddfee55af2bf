// look_at_content: every file has a look, none a crash; nothing is read beyond the end; what begins as a
// pickle is always said to be one, but for weights whose header is so long, and a reason can be printed.

#include <cstdint>
#include <string_view>

#include "manifests/text.hpp"
#include "packager/content_look.hpp"
#include "packager/pickle.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto read = [&](std::uint64_t offset, std::size_t length) {
        demand(offset <= bytes.size() && length <= bytes.size() - offset, "reads stay inside of the file");
        return std::string(bytes.substr(static_cast<std::size_t>(offset), length));
    };
    packager::LookLimits limits; // a bomb would take its seconds each time
    limits.unpacked = 16 << 20;
    limits.kept = 4 << 20;
    limits.files = 2000;
    const packager::ContentLook look = packager::look_at_content(size, read, limits);
    demand(manifests::is_utf8(look.danger) && look.danger.find('\n') == std::string::npos,
           "one line says why");
    demand(look.danger.empty() || !look.kind.empty(), "what is dangerous is something");
    const bool begins_so = size >= 2 && data[0] == 0x80 && data[1] <= 5;
    const bool is_weights = look.kind == "safetensors" && data[8] == '{';
    demand(!begins_so || is_weights || !look.danger.empty(), "what begins as a pickle is one");
    const auto pickle = packager::look_for_pickle(size, read);
    demand(!begins_so || pickle.has_value(), "protocols 0 to 5 are known by two bytes");
    if (pickle) demand(pickle->names.size() <= 8, "some names are enough");
    if (pickle && !pickle->is_inert) demand(!look.danger.empty(), "a pickle is a danger");
    return 0;
}
