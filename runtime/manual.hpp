#pragma once
// The manual page, made from the very objects that parse the command line and print --help, so that it cannot
// say anything else. Completion, of the same making, comes with it.

#include <string>

#include "runtime/completion.hpp"

namespace runtime {

/// A page for man(7), section 1: one per program, with a subsection for each command. Sections of a footer
/// ("Exit status:" and indented lines) become sections of the page.
/// @param date  "2026-02-03", or empty
std::string man_page(const CLI::App& app, const std::string& date = "");

/// The command "man", which prints the page, or with -o DIR writes DIR/NAME.1. Its date is
/// SOURCE_DATE_EPOCH's, if that is set.
void add_manual(CLI::App& app, int& status);

} // namespace runtime
