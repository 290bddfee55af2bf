// A main for fuzz targets where libFuzzer is not: runs every seed of a corpus folder, then the same seeds
// with single bits flipped and with their ends cut off. No chance is involved, so what fails once fails
// always; the input that fails is named and kept.

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

// Bounds the time of a target whose seeds are large: all inputs of all seeds together.
constexpr std::uint64_t most_total_bytes = 96ULL << 20;
constexpr std::uint64_t most_flips = 4096;    // of one seed
constexpr std::uint64_t usual_flips = 24'000; // of all seeds together, for targets that check signatures
constexpr std::uint64_t least_flips = 256;    // of one seed, however many there are
constexpr std::uint64_t most_cuts = 512;      // of one seed

std::string current_input; // for the report when the target ends the process
std::string current_name;

void keep_input() {
    std::ofstream file("replay-failed-input", std::ios::binary);
    file.write(current_input.data(), static_cast<std::streamsize>(current_input.size()));
}

[[noreturn]] void fail(const std::string& why) {
    keep_input();
    std::fprintf(stderr, "FAILED on %s: %s\ninput kept in replay-failed-input\n", current_name.c_str(),
                 why.c_str());
    std::_Exit(1);
}

extern "C" void on_abort(int) {
    fail("the target stopped the program"); // we are about to die anyway, so this need not be signal-safe
}

void run(const std::string& name, std::string input) {
    current_name = name;
    current_input = std::move(input);
    try {
        // A copy of exactly this size, so that a sanitizer sees a read past the end.
        const std::vector<std::uint8_t> bytes(current_input.begin(), current_input.end());
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    } catch (const std::exception& error) {
        fail(std::string("an exception came out: ") + error.what());
    } catch (...) {
        fail("an exception of an unknown type came out");
    }
}

std::string contents_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// All of 0 .. count-1 when that is not more than `most`, else `most` of them, evenly spread.
std::vector<std::uint64_t> spread(std::uint64_t count, std::uint64_t most) {
    std::vector<std::uint64_t> picks;
    const std::uint64_t wanted = std::min(count, most);
    for (std::uint64_t i = 0; i < wanted; ++i)
        picks.push_back(i * count / wanted);
    return picks;
}

std::uint64_t run_seed(const std::string& name, const std::string& seed, std::uint64_t budget_bytes,
                       std::uint64_t budget_flips) {
    const std::uint64_t affordable = budget_bytes / std::max<std::uint64_t>(seed.size(), 1);
    const auto flips = spread(seed.size() * 8ULL, std::min(budget_flips, affordable));
    const auto cuts = spread(seed.size(), std::min(most_cuts, affordable));
    run(name, seed);
    for (const std::uint64_t bit : flips) {
        std::string flipped = seed;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        run(name + " with bit " + std::to_string(bit) + " flipped", std::move(flipped));
    }
    for (const std::uint64_t length : cuts)
        run(name + " cut after " + std::to_string(length) + " bytes", seed.substr(0, length));
    return 1 + flips.size() + cuts.size();
}

} // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: NAME_fuzz CORPUS-FOLDER-OR-FILE\n");
        return 2;
    }
    std::signal(SIGABRT, on_abort);
    std::signal(SIGSEGV, on_abort);
    const std::filesystem::path place = arguments[1];
    std::vector<std::filesystem::path> seeds;
    if (std::filesystem::is_directory(place)) {
        for (const auto& entry : std::filesystem::directory_iterator(place))
            if (entry.is_regular_file()) seeds.push_back(entry.path());
    } else if (std::filesystem::exists(place)) {
        seeds.push_back(place);
    }
    if (seeds.empty()) {
        std::fprintf(stderr, "FAILED: no seed in %s; its corpus script has to write some\n", place.c_str());
        return 1;
    }
    std::sort(seeds.begin(), seeds.end());
    std::uint64_t inputs = 0;
    const std::uint64_t flips = std::clamp(usual_flips / seeds.size(), least_flips, most_flips);
    for (const auto& seed : seeds)
        inputs +=
            run_seed(seed.filename().string(), contents_of(seed), most_total_bytes / seeds.size(), flips);
    std::printf("%zu seeds, %llu inputs\n", seeds.size(), static_cast<unsigned long long>(inputs));
    return 0;
}
