#pragma once
// Small texts that documents need in one exact spelling.

#include <cstdint>
#include <string>
#include <string_view>

namespace manifests {

/// A name based UUID, version 5: "urn:uuid:" and 36 characters, from SHA-1 over the URL name space and
/// `name`. Source: RFC 9562, 5.5.
std::string name_based_uuid(std::string_view name);

/// "2026-01-01T00:00:00Z", as RFC 3339 has it. @throws Error  Fault::usage beyond the year 9999
std::string timestamp_text(std::uint64_t time_s);

/// `path` as an IRI reference: everything but unreserved characters and '/' is percent-encoded.
/// Source: RFC 3986, 2.3.
std::string url_of_path(std::string_view path);

} // namespace manifests
