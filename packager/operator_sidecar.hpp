#pragma once
// The JSON file that CANN keeps beside each operator object: it names the object and has its SHA-256, so that
// an object which was exchanged or built anew without it is noticed before it is shipped.

#include <string>
#include <string_view>

#include "packager/file_view.hpp"

namespace packager {

struct OperatorSidecar {
    std::string file_name; ///< of the object, in the same folder: "Add_0123.o"
    std::string sha256;    ///< of the object; 64 lower-case hex digits, or empty if it is not said
    std::string core_type; ///< "AiCore", "VectorCore", "MIX", ...; may be empty, as the next one
    std::string kernel_name;
};

/// Small JSON objects with a `binFileName`. Anything else is an answer too.
bool is_operator_sidecar(const FileView& file);

/// Reads the four members; others are ignored.
/// @throws Error  Fault::damaged for what is no such object, a name that is a path, or a SHA-256 that is none
/// Source: "Parsing the operator description file" of the CANN operator development guide.
OperatorSidecar read_operator_sidecar(std::string_view bytes);

} // namespace packager
