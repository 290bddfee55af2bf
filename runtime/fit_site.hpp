#pragma once
// The verdict on an opened bundle, and what a site adds to the question: who asks, and how much room there
// is.

#include "runtime/bundle.hpp"
#include "runtime/fit.hpp"
#include "runtime/site.hpp"

namespace runtime {

/// What is not read from the bundle or the machine.
struct FitConditions {
    std::optional<Opener> opener = {};
    std::optional<Room> room = {};
    std::uint64_t nodes = 1;
    std::string profiles_folder =
        {}; ///< of other chips than the bundle's; empty: as profiles_folder() has it
};

/// The verdict on this bundle and this machine, by the documents of the bundle. Only what another chip
/// computes that is found in place of the bundle's is looked up in the profiles here.
/// @throws Error  for a folder that was asked for and is none of profiles
Fit fit_of(const Bundle& bundle, const manifests::Machine& machine, const FitConditions& conditions);

/// The user and the groups of this process, which an engine that it starts has too.
Opener own_opener();

/// Room that an install of `bundle` takes at `site`, and what is free there: for this user, and with what an
/// interrupted install has left behind, which the next one removes. Makes nothing; where room is short it
/// tries, with a file that has no name, whether the bundle's blocks can be shared.
/// @throws Error  Fault::io
Room room_for(const Bundle& bundle, const Site& site);

/// Nothing, if the newest generation of `site` is this bundle already.
std::optional<Room> room_to_install(const Bundle& bundle, const Site& site);

} // namespace runtime
