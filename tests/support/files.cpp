#include "tests/support/files.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tests {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here sets variables
    if (value == nullptr)
        throw std::runtime_error(std::string(name) + " is not set; run the tests with ctest");
    return value;
}

} // namespace

void write_file(const std::string& path, std::string_view bytes) {
    const auto folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
}

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read " + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void flip_bit(const std::string& path, std::uint64_t byte_offset, unsigned bit) {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    char byte = 0;
    if (bit > 7 || !file.seekg(static_cast<std::streamoff>(byte_offset)) || !file.get(byte)) {
        throw std::runtime_error(path + " has no bit " + std::to_string(bit) + " at byte " +
                                 std::to_string(byte_offset));
    }
    byte = static_cast<char>(byte ^ (1 << bit));
    file.seekp(static_cast<std::streamoff>(byte_offset));
    file.put(byte);
    file.close();
    if (!file) throw std::runtime_error("cannot write " + path);
}

void resize_file(const std::string& path, std::uint64_t size_bytes) {
    std::filesystem::resize_file(path, size_bytes);
}

std::uint64_t blocks_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) throw std::runtime_error("cannot look at " + path);
    return static_cast<std::uint64_t>(status.st_blocks);
}

void drop_from_cache(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool dropped =
        file >= 0 && ::fsync(file) == 0 && ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0;
    if (file >= 0) ::close(file);
    if (!dropped) throw std::runtime_error("cannot drop " + path + " from the cache");
}

std::string built_program(std::string_view name) {
    return variable("SEALIFT_BIN") + "/" + std::string(name);
}

std::string source_file(std::string_view name) {
    return variable("SEALIFT_SOURCE") + "/" + std::string(name);
}

} // namespace tests
