#pragma once
// Whether an engine that was started is up, runs on what the bundle names, and computes: the three questions
// between "a process exists" and "booted". A known answer shows that the hardware computes and that the
// precision is right; it does not find corrupt weights (0 of 300 flipped bits changed it), so it comes on top
// of the hashes.

#include <optional>
#include <string>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/finding.hpp"
#include "runtime/engine_process.hpp"
#include "runtime/http_client.hpp"

namespace runtime {

/// Waits for the listening line and for a 200 on the health path.
/// @return where it answers, or nothing with the reason in `report`
std::optional<Endpoint> wait_until_ready(EngineProcess& engine, const manifests::RuntimeSection& runtime,
                                         std::uint64_t port, manifests::Report& report);

/// The engine must have mapped exactly the kernel binaries it was given, and say that it computes on the
/// right device.
void check_device(EngineProcess& engine, const std::vector<MappedFile>& kernels,
                  const manifests::RuntimeSection& runtime, const Endpoint& endpoint,
                  manifests::Report& report);

/// A question with its answer, as the bundle carries it: greedy tokens and their log-probabilities.
struct KnownAnswer {
    std::string prompt;
    std::string text;
    std::vector<std::uint64_t> tokens;
    std::vector<double> logprobs;
    double logprob_tolerance = 0.05;

    /// @throws Error  Fault::damaged
    static KnownAnswer parse(std::string_view bytes);
};

/// What an engine answered to the prompt, from the JSON of an OpenAI-style chat completion with logprobs.
/// @throws Error  Fault::damaged if it is not one
struct GivenAnswer {
    std::string text;
    std::vector<std::uint64_t> tokens; ///< empty if the engine gives no ids
    std::vector<double> logprobs;

    static GivenAnswer parse(std::string_view bytes);
};

/// Pure: what differs, in words, or nothing.
std::optional<std::string> difference_of(const KnownAnswer& known, const GivenAnswer& given);

void check_known_answer(EngineProcess& engine, const KnownAnswer& known, const Endpoint& endpoint,
                        std::uint64_t timeout_s, manifests::Report& report);

/// Devices and inodes in the text of /proc/PID/maps.
std::vector<MappedFile> parse_maps(std::string_view text);

} // namespace runtime
