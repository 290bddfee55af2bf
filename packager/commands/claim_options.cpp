#include "packager/commands/claim_options.hpp"

#include <CLI/CLI.hpp>

#include "manifests/error.hpp"
#include "packager/commands/release_option_group.hpp"
#include "runtime/file_descriptor.hpp"
#include "runtime/whole_number.hpp"

namespace packager {
namespace {

const std::vector<std::string> file_roles{"weights", "model-config", "kernel", "engine", "config", "doc"};

std::vector<std::string> known_claims() {
    std::vector<std::string> words = file_roles;
    for (const char* word : {"release", "builder", "predicate", "release-set", "rollback-permit"})
        words.emplace_back(word);
    return words;
}

std::string read_claim_file(const std::string& option, const std::string& path) {
    if (path.empty()) throw manifests::Error(manifests::Fault::usage, option + " is missing");
    return runtime::read_small_file(path, manifests::Statement::most_bytes);
}

} // namespace

std::vector<Claim> claims_about(const runtime::Bundle& bundle, const ClaimOptions& options) {
    if (options.as == "release")
        return claims(bundle, ReleaseClaim{options.release.terms(), options.release.with_sm3});
    if (options.as == "builder") return claims(bundle, BuilderClaim{});
    if (options.as == "predicate") {
        if (options.predicate_type.empty())
            throw manifests::Error(manifests::Fault::usage, "--predicate-type is missing");
        return claims(bundle, PredicateClaim{options.predicate_type,
                                             read_claim_file("--predicate", options.predicate)});
    }
    if (options.as == "release-set") {
        return claims(bundle, manifests::ReleaseSet::parse_predicate(
                                  read_claim_file("--release-set", options.release_set)));
    }
    if (options.as == "rollback-permit") return claims(bundle, options.permit);
    return claims(bundle, ComponentClaim{manifests::parse_role(options.as)});
}

void add_claim_options(CLI::App& command, ClaimOptions& options) {
    command
        .add_option(
            "--as", options.as,
            "What is signed: release (unless told otherwise); builder: provenance and BOM statement; "
            "files of one role: weights, model-config, kernel, engine, config or doc; predicate: another "
            "tool's; release-set; rollback-permit")
        ->check(CLI::IsMember(known_claims()).description(""))
        ->type_name("CLAIM");
    constexpr const char* group = "Other statements";
    command.add_option("--predicate", options.predicate, "File with the predicate (JSON)")->group(group);
    command
        .add_option("--predicate-type", options.predicate_type,
                    "Its type, such as https://in-toto.io/attestation/test-result/v0.1")
        ->group(group);
    command
        .add_option("--release-set", options.release_set,
                    "File with the set (JSON): {\"set\", \"counter\", \"members\": [{name, digest, role}]}")
        ->group(group);
    command
        .add_option("--from-counter", options.permit.from_counter,
                    "Rollback permit: the release counter that the sites have now")
        ->check(runtime::whole_number_from(0))
        ->group(group);
    command
        .add_option("--permit-site", options.permit.sites,
                    "Rollback permit: id of a site that may go back to this bundle; may be given again")
        ->allow_extra_args(false)
        ->group(group);
    command.add_option("--permit-expires", options.permit.expires, "Rollback permit: until when")
        ->group(group);
    command.add_option("--reason", options.permit.reason, "Rollback permit: why")->group(group);
    add_release_options(command, options.release);
}

} // namespace packager
