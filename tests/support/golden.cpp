#include "tests/support/golden.hpp"

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "manifests/text.hpp"
#include "tests/support/files.hpp"

namespace tests {
namespace {

std::string_view line_at(std::string_view text, std::size_t start) {
    return start < text.size() ? text.substr(start, text.find('\n', start) - start) : "(the end)";
}

void show_difference(std::string_view path, std::string_view wanted, std::string_view found) {
    std::size_t line = 1;
    std::size_t start = 0;
    for (std::size_t i = 0; i < wanted.size() && i < found.size() && wanted[i] == found[i]; ++i)
        if (wanted[i] == '\n') ++line, start = i + 1;
    std::cerr << path << ":" << line << " differs\n  golden: " << manifests::escaped(line_at(wanted, start))
              << "\n  found:  " << manifests::escaped(line_at(found, start)) << "\n";
}

bool update_is_asked_for() {
    const char* value = std::getenv("SEALIFT_UPDATE_GOLDEN"); // NOLINT(concurrency-mt-unsafe)
    return value != nullptr && std::string_view(value) == "1";
}

} // namespace

bool matches_golden(std::string_view path, std::string_view found) {
    const std::string full_path = source_file(path);
    const bool exists = std::filesystem::exists(full_path);
    const std::string wanted = exists ? read_file(full_path) : "";
    if (exists && wanted == found) return true;
    show_difference(path, wanted, found);
    if (update_is_asked_for()) {
        write_file(full_path, found);
        std::cerr << path << ": written anew; look at the difference, then run the test again\n";
    } else {
        std::cerr << path << ": SEALIFT_UPDATE_GOLDEN=1 writes it anew\n";
    }
    return false;
}

} // namespace tests
