#pragma once
// What the stub engine answers, in the form of a bundle's known-answer file: for the stub and for the tests
// that put the file into a bundle.

namespace support {

inline constexpr const char* stub_known_answer = R"({
  "prompt": "Who are you?",
  "text": "I am a stub.",
  "tokens": [11, 22, 33, 44, 1],
  "logprobs": [-0.25, -0.5, -0.125, -1.5, -0.0625],
  "logprob_tolerance": 0.05
})";

} // namespace support
