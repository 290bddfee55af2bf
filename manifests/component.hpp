#pragma once
// The statement of somebody who vouches for files and not for a bundle: the vendor of kernels, the team that
// trained the weights. Its subjects are the files themselves, so it can be signed before there is a bundle
// and travels from one to the next.

#include <string>
#include <string_view>
#include <vector>

#include "manifests/bundle_document.hpp"
#include "manifests/statement.hpp"

namespace manifests {

struct ComponentStatement {
    /// So many fit a signed payload; more files take more statements.
    static constexpr std::size_t most_subjects = 64;

    Role role; ///< what the files are, in the words of the bundle document
    /// Files, or for weights, model-config and doc also the model manifest, which pins all three.
    std::vector<Subject> subjects;

    /// @throws Error  Fault::damaged, Code::trust_statement
    static ComponentStatement from(const Statement& statement);
    std::string encode() const;
};

} // namespace manifests
