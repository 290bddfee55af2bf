// A target with known faults, by which check_replay sees that replay.cpp finds them.

#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    if (text == "throw") throw std::runtime_error("thrown");
    if (text == "abort") std::abort();
    if (text == "fmipped") std::abort(); // one bit away from "flipped"
    if (text == "cu") std::abort();      // "cut" without its end
    return 0;
}
