#pragma once
// What a bundle asks of a machine beyond what its profile says: `build` reads it from the headers of weights
// and binaries and from the recipe, and it stands in the bundle document, so a site decides in a second,
// without opening a weight file.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "manifests/json.hpp"

namespace manifests {

// What no deployment reaches.
inline constexpr std::uint64_t most_devices = 65536;             ///< the largest supernodes have fewer
inline constexpr std::uint64_t most_context_tokens = 1ULL << 30; ///< of published models: 10 million
inline constexpr std::uint64_t most_sequences = 1ULL << 20;      ///< at once; engines serve thousands
inline constexpr std::uint64_t most_device_bytes = 1ULL << 50;   ///< devices have a few hundred gibibytes

/// A symbol version that engine or kernel binaries want of the host's libraries: the highest of all of them.
struct AbiNeed {
    std::string name;    ///< "CXXABI", "GLIBC", "GLIBCXX"
    std::string version; ///< numbers and dots: "2.34"

    friend bool operator==(const AbiNeed&, const AbiNeed&) = default;
};

/// The engine as the release engineer declares it: which program it is cannot be read from its bytes.
struct EngineFacts {
    std::string name;    ///< "vllm-ascend"; empty: not declared
    std::string version; ///< "0.23.0"

    friend bool operator==(const EngineFacts&, const EngineFacts&) = default;
};

/// How the model is spread over devices, and what one of them then holds.
struct MemoryNeed {
    std::uint64_t tensor_parallel = 1;
    std::uint64_t pipeline_parallel = 1;
    std::uint64_t data_parallel = 1;  ///< copies of the model, each on tensor * pipeline devices
    std::uint64_t context_tokens = 0; ///< of one sequence
    std::uint64_t sequences = 1;      ///< at the same time, in one copy of the model
    std::uint64_t weight_bytes = 0;   ///< of one device, as the next two
    std::uint64_t cache_bytes = 0;
    std::uint64_t overhead_bytes = 0; ///< activations, graphs, communication, as the recipe declares them
    std::uint64_t utilisation_percent = 90; ///< how much of a device's memory the engine may take

    std::uint64_t devices() const { return tensor_parallel * pipeline_parallel * data_parallel; }
    /// Of one device's whole memory; saturates.
    std::uint64_t least_device_bytes() const;

    friend bool operator==(const MemoryNeed&, const MemoryNeed&) = default;
};

struct Needs {
    std::string architecture; ///< of the engine's binaries: "aarch64"; empty: it has none
    std::vector<AbiNeed> abi; ///< rising by name
    EngineFacts engine;
    std::vector<std::string> tensor_types; ///< of the weights, as their files spell them; rising
    std::optional<MemoryNeed> memory;      ///< absent: the recipe has no deployment

    bool empty() const { return *this == Needs{}; }
    friend bool operator==(const Needs&, const Needs&) = default;
};

/// Refuses what no deployment can be: 0 or over 65536 devices, no sequence, over 100 percent, and
/// the like.
/// @throws Error  Fault::damaged
void check_memory_need(const MemoryNeed& need);

/// As in the bundle document, member `target.needs`. @throws Error  Fault::damaged
Needs read_needs(const Json& value);
/// An object without members if there is nothing to say.
OrderedJson write_needs(const Needs& needs);

} // namespace manifests
