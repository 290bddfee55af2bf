#pragma once
// A tree copied from a machine, made file by file; it goes away by itself.

#include <filesystem>
#include <stdexcept>
#include <string>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "tests/support/files.hpp"
#include "tests/support/temp_dir.hpp"

namespace tests {

class Tree {
public:
    void write(const std::string& path, const std::string& text) { write_file(path_of(path), text); }
    void link(const std::string& path, const std::string& target) {
        make_parent(path);
        std::filesystem::create_symlink(target, path_of(path));
    }
    void folder(const std::string& path) { std::filesystem::create_directories(path_of(path)); }
    // Opening works, reading fails, for every user: what root cannot read either.
    void unreadable(const std::string& path) { folder(path); }
    // Number 0:0, which every user may make.
    void device(const std::string& path, unsigned mode) {
        make_parent(path);
        const std::string whole = path_of(path);
        if (::mknod(whole.c_str(), S_IFCHR | mode, ::makedev(0, 0)) != 0 || ::chmod(whole.c_str(), mode) != 0)
            throw std::runtime_error("cannot make the device " + whole);
    }
    void pci(const std::string& address, const std::string& vendor, const std::string& device,
             const std::string& class_code) {
        const std::string folder = "/sys/bus/pci/devices/" + address;
        write(folder + "/vendor", "0x" + vendor + "\n");
        write(folder + "/device", "0x" + device + "\n");
        write(folder + "/class", "0x" + class_code + "\n");
    }
    void subsystem(const std::string& address, const std::string& vendor, const std::string& device) {
        const std::string folder = "/sys/bus/pci/devices/" + address;
        write(folder + "/subsystem_vendor", "0x" + vendor + "\n");
        write(folder + "/subsystem_device", "0x" + device + "\n");
    }
    const std::string& path() const { return folder_.path(); }
    std::string path_of(const std::string& path) const { return folder_.path() + path; }

private:
    void make_parent(const std::string& path) {
        std::filesystem::create_directories(std::filesystem::path(path_of(path)).parent_path());
    }
    TempDir folder_;
};

} // namespace tests
