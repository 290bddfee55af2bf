// KnownAnswer, GivenAnswer, RunState and the maps of a process: only Error comes out, and an answer is equal
// to itself.

#include <cmath>
#include <cstdint>
#include <string_view>

#include "manifests/error.hpp"
#include "manifests/text.hpp"
#include "runtime/engine_checks.hpp"
#include "runtime/run_state.hpp"
#include "tests/fuzz/demand.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

template<typename Parse>
void only_error(const Parse& parse) {
    try {
        parse();
    } catch (const manifests::Error& error) {
        demand(error.fault() == manifests::Fault::damaged, "bytes from outside are Fault::damaged");
        demand(manifests::is_utf8(error.what()), "a refusal can be printed");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    only_error([&] {
        const auto known = runtime::KnownAnswer::parse(text);
        demand(known.logprob_tolerance > 0, "a tolerance is over 0");
        for (const double one : known.logprobs)
            demand(std::isfinite(one), "a log-probability is a number");
        demand(!runtime::difference_of(known, {known.text, known.tokens, known.logprobs}),
               "an answer is itself");
    });
    only_error([&] { runtime::GivenAnswer::parse(text); });
    only_error([&] {
        const auto state = runtime::RunState::parse(text);
        demand(runtime::RunState::parse(state.encode()).phase == state.phase, "a written state reads back");
    });
    for (const runtime::MappedFile& file : runtime::parse_maps(text))
        demand(file.path.size() <= size, "a path comes out of the bytes");
    return 0;
}
