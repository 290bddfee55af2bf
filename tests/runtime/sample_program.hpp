#pragma once
// A program with one of everything that a command line can have, for the tests of help, manual and
// completion.

#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "manifests/error.hpp"
#include "runtime/manual.hpp"
#include "runtime/program.hpp"

struct SampleOptions {
    runtime::OutputOptions output;
    std::string bundle;
    std::string to;
    std::vector<std::string> keys;
    bool dry_run = false;
    std::string end = "done";
};

inline void add_sample_verify(CLI::App& app, int& status, const std::shared_ptr<SampleOptions>& options) {
    using manifests::Error;
    using manifests::Fault;
    auto* command = app.add_subcommand("verify", "Say whether a bundle can be trusted, and why not");
    command->add_option("BUNDLE", options->bundle, "Bundle file or folder")->required();
    command->add_option("--key", options->keys, ".pem file with \"a back\\slash\"; may be given again")
        ->type_name("FILE");
    command->add_flag("--dry-run", options->dry_run, "'Quoted': change nothing");
    command->add_option("--end", options->end, "How it ends")
        ->check(CLI::IsMember({"done", "no", "damaged", "io", "memory", "other"}));
    runtime::add_output_options(*command, options->output);
    command->callback([options, &status] {
        if (options->end == "no") status = 1;
        if (options->end == "damaged") {
            Error error(Fault::damaged, manifests::Code::format_truncated, "file ends \x1b[2J");
            throw error.hint("copy it again").in("x.sealift");
        }
        if (options->end == "io") throw Error(Fault::io, "cannot read 'x'");
        if (options->end == "memory") throw std::bad_alloc();
        if (options->end == "other") throw 5;
    });
}

inline runtime::Program sample_program(const std::shared_ptr<SampleOptions>& options) {
    return {.name = "sealift-runtime",
            .description = "Prove, install and start a bundle",
            .add_commands =
                [options](CLI::App& app, int& status) {
                    add_sample_verify(app, status, options);
                    auto* policy = app.add_subcommand("policy", "Look at a trust policy");
                    policy->require_subcommand(1);
                    policy->add_subcommand("show", "Print it")->callback([] {});
                    policy->add_subcommand("pin", "Pin it")->callback([] {});
                    runtime::add_completion(app, status);
                    runtime::add_manual(app, status);
                },
            .environment = {{"SEALIFT_SITE", "the folder of the site"}}};
}
