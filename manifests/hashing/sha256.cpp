#include "manifests/hashing/sha256.hpp"

#include <algorithm>
#include <atomic>
#include <utility>
#include <variant>

#include "manifests/error.hpp"
#include "manifests/hashing/evp.hpp"
#include "manifests/hashing/kernels.hpp"
#include "manifests/hashing/own_stream.hpp"

namespace hashing {
namespace {

using manifests::Error;
using manifests::Fault;

// Null as long as nothing is forced. A pointer to a kernel of the table, which never changes.
std::atomic<const Kernel*> forced_kernel = nullptr;

Selection selection() {
    if (const Kernel* const kernel = forced_kernel.load(std::memory_order_relaxed))
        return {kernel, kernel->compress != nullptr ? kernel : &kernels().back()};
    static const Selection automatic = select(kernels(), this_processor());
    return automatic;
}

// What fits into the caches beside two hashes at work: blocks and stream read these bytes one after the
// other.
constexpr std::size_t blocks_at_a_time = 16;

} // namespace

void hash_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    if (count != 0) selection().blocks->hash_blocks(data, count, out);
}

Hash hash(const void* data, std::size_t length_bytes) {
    const Kernel& kernel = *selection().stream;
    if (kernel.compress == nullptr) return evp::hash(data, length_bytes);
    OwnStream stream(kernel);
    stream.update(static_cast<const unsigned char*>(data), length_bytes);
    return stream.finish();
}

struct Stream::State {
    using Inner = std::variant<OwnStream, evp::Stream>;

    explicit State(const Selection& selected) : blocks(selected.blocks), inner(inner_of(*selected.stream)) {}

    static Inner inner_of(const Kernel& kernel) {
        if (kernel.compress == nullptr) return evp::Stream();
        return OwnStream(kernel);
    }

    void update(const unsigned char* data, std::size_t length_bytes) {
        std::visit([&](auto& stream) { stream.update(data, length_bytes); }, inner);
    }

    const Kernel* blocks;
    Inner inner;
};

Stream::Stream() : state_(std::make_unique<State>(selection())) {}
Stream::~Stream() = default;
Stream::Stream(Stream&&) noexcept = default;
Stream& Stream::operator=(Stream&&) noexcept = default;

Stream::State& Stream::running() {
    if (!state_) throw Error(Fault::internal, "this SHA-256 stream has ended");
    return *state_;
}

void Stream::update(const void* data, std::size_t length_bytes) {
    running().update(static_cast<const unsigned char*>(data), length_bytes);
}

void Stream::update_blocks(const unsigned char* data, std::size_t count, Hash* out) {
    State& state = running();
    OwnStream* const own = std::get_if<OwnStream>(&state.inner);
    if (own != nullptr && own->is_between_parts()) return own->update_blocks(data, count, out);
    while (count > 0) {
        const std::size_t now = std::min(count, blocks_at_a_time);
        state.blocks->hash_blocks(data, now, out);
        state.update(data, now * block_bytes);
        data += now * block_bytes;
        out += now;
        count -= now;
    }
}

Hash Stream::finish() {
    const Hash hash = std::visit([](auto& stream) { return stream.finish(); }, running().inner);
    state_.reset();
    return hash;
}

Choice choice() {
    const Selection selected = selection();
    return {selected.blocks->name, selected.stream->name};
}

std::vector<std::string_view> available() {
    return names(kernels(), this_processor());
}

void force(std::string_view name) {
    forced_kernel = &find(kernels(), this_processor(), name);
}

} // namespace hashing
