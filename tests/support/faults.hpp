#pragma once
// Catch matchers for Error: tests compare what kind of fault it is, not how the message is worded.
//
//     REQUIRE_THROWS_MATCHES(read_json("{"), manifests::Error, faults_with(Fault::damaged,
//     Code::format_json));

#include <optional>
#include <string>

#include <catch2/catch.hpp>

#include "manifests/error.hpp"

namespace tests {

class FaultMatcher final : public Catch::MatcherBase<manifests::Error> {
public:
    FaultMatcher(manifests::Fault fault, std::optional<manifests::Code> code) : fault_(fault), code_(code) {}
    bool match(const manifests::Error& error) const override;
    std::string describe() const override;

private:
    manifests::Fault fault_;
    std::optional<manifests::Code> code_;
};

/// Any code, or none, will do.
FaultMatcher faults_with(manifests::Fault fault);
FaultMatcher faults_with(manifests::Fault fault, manifests::Code code);

/// "damaged"; for messages of tests.
std::string name_of(manifests::Fault fault);

} // namespace tests

/// Shows an Error in a failed test as its fault, code and text.
template<>
struct Catch::StringMaker<manifests::Error> {
    static std::string convert(const manifests::Error& error);
};
