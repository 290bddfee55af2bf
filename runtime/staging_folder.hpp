#pragma once
// A folder that is filled beside its final name and appears by one rename. What a process that was killed
// left of one is found and removed by the next that wants the same name.

#include <string>

#include "runtime/cleanup.hpp"
#include "runtime/file_descriptor.hpp"

namespace runtime {

class StagingFolder {
public:
    /// Makes ".NAME.sealift-<16 hex>" in the folder of `target`, mode 0755, and removes abandoned ones.
    /// @param target  no slash at its end
    /// @throws Error  Fault::io
    explicit StagingFolder(const std::string& target);

    const std::string& path() const { return path_; }
    /// The folder that holds it.
    const std::string& parent() const { return parent_; }
    /// It has its name now: the destructor leaves it alone.
    void keep() { cleanup_.keep(); }

private:
    std::string parent_;
    std::string path_;
    TemporaryPath cleanup_;
    FileDescriptor lock_; ///< held as long as somebody works on the folder; goes with the process
};

} // namespace runtime
