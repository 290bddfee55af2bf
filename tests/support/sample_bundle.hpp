#pragma once
// A small real bundle, built by the packager from files written on the spot: three weights (one over the
// alignment limit, so that padding and offsets matter, one of three chunks), a kernel and an engine library
// for this machine's architecture, configuration, a document, and the stub engine when it is to be booted.
//
//     const TempDir folder;
//     const SampleBundle sample = make_sample(folder, {.misbehave = "wrong-answer"});
//     runtime::Bundle::open(sample.path);

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "manifests/digest.hpp"
#include "manifests/public_key.hpp"
#include "tests/support/temp_dir.hpp"

namespace tests {

struct SampleOptions {
    enum class Form { file, folder };
    Form form = Form::file;
    /// One letter for each key that signs; the same letter is the same key in every test. "": unsigned.
    std::string signers = "a";
    std::string name = "sample";
    std::string version = "1.0.0";
    std::uint64_t release_counter = 1;
    /// Without: no runtime section, and a few bytes of ELF in the place of the stub (which has megabytes).
    bool bootable = true;
    std::string misbehave = {};    ///< of the stub engine; see stub_engine.cpp
    std::string known_answer = {}; ///< empty: what the stub answers; "none": the bundle has none
    std::uint64_t ready_timeout_s = 20;
    std::vector<std::string> more_arguments = {}; ///< for the engine, after the usual ones
    std::vector<std::pair<std::string, std::string>> environment = {};
    std::string entrypoint = {}; ///< path of a program to take for the stub engine
    /// Of weights/model-00003.gguf, the one file with a chunk table: two whole chunks and a part of one.
    std::uint64_t large_bytes = 1'200'000;
    std::string output = {}; ///< name of the bundle in its folder; empty: "sample.sealift"
};

struct SampleBundle {
    std::string path;
    std::string inputs; ///< the folder it was built from; sealift.json is in it
    manifests::Digest digest;
};

/// Builds in `folder`, under names that follow from `options.output`.
SampleBundle make_sample(const TempDir& folder, const SampleOptions& options = {});

/// The same without building: a folder with inputs, sealift.json and profile.json. @return its path
std::string write_sample_inputs(const TempDir& folder, const SampleOptions& options = {});

/// The key of that letter; its PEM text is public_key(letter).pem().
manifests::PublicKey sample_key(char letter);

/// A profile that every machine of this architecture meets.
std::string sample_profile();

/// "x86_64" or "aarch64": what this test runs on.
std::string this_architecture();

/// Bytes that do not repeat, the same for the same seed.
std::string sample_bytes(std::size_t count, std::uint32_t seed);

} // namespace tests
