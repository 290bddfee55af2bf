#include "tests/support/faults.hpp"

namespace tests {

using manifests::Fault;

std::string name_of(Fault fault) {
    switch (fault) {
    case Fault::internal:
        return "internal";
    case Fault::usage:
        return "usage";
    case Fault::damaged:
        return "damaged";
    case Fault::refused:
        return "refused";
    case Fault::io:
        return "io";
    case Fault::missing:
        return "missing";
    }
    return "unknown";
}

bool FaultMatcher::match(const manifests::Error& error) const {
    return error.fault() == fault_ && (!code_ || error.code() == code_);
}

std::string FaultMatcher::describe() const {
    return "faults with " + name_of(fault_) + (code_ ? " " + std::string(manifests::name_of(*code_)) : "");
}

FaultMatcher faults_with(Fault fault) {
    return {fault, std::nullopt};
}

FaultMatcher faults_with(Fault fault, manifests::Code code) {
    return {fault, code};
}

} // namespace tests

std::string Catch::StringMaker<manifests::Error>::convert(const manifests::Error& error) {
    return tests::name_of(error.fault()) + " " +
           (error.code() ? std::string(manifests::name_of(*error.code())) : "without code") + ": " +
           error.what();
}
