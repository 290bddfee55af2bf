#pragma once
// The subjects of the verdict, one function each: reads one part of the question, adds its lines. For fit.cpp
// and its tests; everybody else asks fit().

#include <string>
#include <string_view>
#include <vector>

#include "runtime/fit.hpp"

namespace runtime {

using FitLines = std::vector<FitLine>;

/// Architecture, processor, instructions. @return false for another architecture: nothing else that is said
/// of the machine matters then
bool add_cpu_lines(const FitQuestion& question, FitLines& lines);
/// What the profile asks of the host's memory.
void add_host_memory_line(const FitQuestion& question, FitLines& lines);
/// Number, SoC names, boards' memory and nodes of each accelerator of the profile, and the chips that kernels
/// are declared for. @return false if the accelerators are not there, or cannot be recognised
bool add_device_lines(const FitQuestion& question, FitLines& lines);
/// The model in the memory of the devices; of the host where the profile has no accelerators.
void add_device_memory_line(const FitQuestion& question, FitLines& lines);
void add_device_node_line(const FitQuestion& question, const manifests::AcceleratorRequirement& wanted,
                          std::uint64_t devices, FitLines& lines);
void add_number_type_lines(const FitQuestion& question, FitLines& lines);
/// Drivers, firmware, toolkits, the kernel, the system and its libraries.
void add_software_lines(const FitQuestion& question, FitLines& lines);
void add_abi_lines(const FitQuestion& question, FitLines& lines);
void add_validated_set_line(const FitQuestion& question, FitLines& lines);
void add_file_mode_lines(const FitQuestion& question, FitLines& lines);
void add_room_line(const FitQuestion& question, FitLines& lines);

// What several subjects share.

/// Devices as an engine counts them, of one kind of accelerator.
struct DevicesFound {
    std::uint64_t count = 0;
    std::vector<std::uint64_t> memory_bytes;           ///< of each device; 0: not said
    std::vector<const manifests::PciFound*> functions; ///< that they stand behind
};
DevicesFound devices_of(const manifests::AcceleratorRequirement& wanted, const manifests::Machine& machine);

/// Whether the machine has accelerators, and none of them is of the profile.
bool has_other_chips(const manifests::Profile& profile, const manifests::Machine& machine);
/// The known profiles that these may be of; several where one PCI id stands for several chips.
std::vector<const manifests::Profile*> other_chips(const FitQuestion& question);
/// "Ascend 910B", safe to show
std::string chip_of(const manifests::Profile& profile);

/// How many devices this machine has to have: the profile's quantity, or this machine's share of the model's.
std::uint64_t wanted_devices(const FitQuestion& question, std::uint64_t quantity);

/// Software of this kind and name, from files and, where these say nothing, from vendors' tools; none if
/// these contradict each other.
std::vector<const manifests::SoftwareFound*> software_of(const manifests::Machine& machine,
                                                         std::string_view kind, std::string_view name);

/// "vers:generic/>=24.1|<26" as people say it: "24.1 or newer, below 26".
std::string range_text(std::string_view range);
/// Binary units, as memory is sold: "64 GiB", "60.4 GiB".
enum class Rounding { down, up };
std::string memory_text(std::uint64_t bytes, Rounding rounding = Rounding::down);
/// "two", "16"
std::string number_word(std::uint64_t count);
std::string joined(const std::vector<std::string>& list, std::string_view between = " ");
bool contains(const std::vector<std::string>& list, const std::string& item);
/// Whether ASCII letters of any case spell the same.
bool same_name(std::string_view left, std::string_view right);
/// Some source that starts so exists and could not be read.
bool is_unreadable(const manifests::Machine& machine, std::string_view start);

} // namespace runtime
