#pragma once
// Shapes of published models, as their config.json says them.

#include "packager/model_shape.hpp"

namespace tests {

/// 61 layers, 671,026,419,200 parameters, and one speculative layer.
packager::ModelShape deepseek_v3();
/// The same with an indexer.
packager::ModelShape deepseek_v32();
/// As V3 with half the heads and half as many experts more; a trillion parameters.
packager::ModelShape kimi_k2();
/// 94 layers with 4 key and value heads; 235,093,634,560 parameters.
packager::ModelShape qwen3_235b();
/// 54 layers, the first three dense.
packager::ModelShape ernie_300b();
/// 32 layers, 8 key and value heads, no experts.
packager::ModelShape llama3_8b();
/// What its cache follows from: two layers with a window alone or strong compression, then one of 4 and one
/// of 128 in turn.
packager::ModelShape deepseek_v4(std::uint64_t layers, std::uint64_t heads, std::uint64_t first_ratio);

} // namespace tests
