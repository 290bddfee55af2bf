// parse_argument: only Error comes out; pieces are in a normal form; plain_argument makes text of anything.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "manifests/argument.hpp"
#include "manifests/bundle_path.hpp"
#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

using Kind = manifests::ArgumentPiece::Kind;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        bool after_text = false;
        for (const auto& piece : manifests::parse_argument(text)) {
            const bool is_text = piece.kind == Kind::text;
            demand(!(is_text && after_text), "adjacent text is one piece");
            demand(!is_text || !piece.value.empty(), "no piece of text is empty");
            if (!is_text && piece.kind != Kind::port && piece.kind != Kind::threads)
                demand(manifests::BundlePath::parse(piece.value).text() == piece.value, "paths are clean");
            after_text = is_text;
        }
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
    const auto plain = manifests::parse_argument(manifests::plain_argument(text));
    demand(plain.size() == (text.empty() ? 0 : 1), "plain text is one piece");
    demand(text.empty() || (plain[0].kind == Kind::text && plain[0].value == text), "plain text comes back");
    return 0;
}
