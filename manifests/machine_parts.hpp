#pragma once
// The members of a machine document, each read and written by itself. Only for the files that read machines
// (machine.cpp) and what plug-ins say about them (probe_evidence.cpp).

#include <string>
#include <vector>

#include "manifests/json.hpp"
#include "manifests/machine.hpp"

namespace manifests {

// What says nothing is left out.
void put(OrderedJson& object, const char* name, const std::string& text);
void put(OrderedJson& object, const char* name, std::uint64_t number);
void put(OrderedJson& object, const char* name, const std::vector<std::string>& list);

OrderedJson write_cpu(const CpuFound& cpu);
CpuFound read_cpu(const Json& value);
OrderedJson write_numa_node(const NumaNodeFound& node);
NumaNodeFound read_numa_node(const Json& value);
OrderedJson write_pci(const PciFound& device);
PciFound read_pci(const Json& value);
OrderedJson write_device_node(const DeviceNodeFound& node);
DeviceNodeFound read_device_node(const Json& value);
OrderedJson write_software(const SoftwareFound& software);
SoftwareFound read_software(const Json& value);
OrderedJson write_abi(const AbiFound& abi);
AbiFound read_abi_found(const Json& value);
OrderedJson write_block_device(const BlockDeviceFound& device);
BlockDeviceFound read_block_device(const Json& value);
OrderedJson write_evidence_device(const EvidenceFound::Device& device);
EvidenceFound::Device read_evidence_device(const Json& value);
OrderedJson write_evidence(const EvidenceFound& evidence);
EvidenceFound read_evidence(const Json& value);
OrderedJson write_firmware(const FirmwareFound& firmware);
FirmwareFound read_firmware(const Json& value);
OrderedJson write_identities(const IdentitiesFound& identities);
IdentitiesFound read_identities(const Json& value);

/// "driver", "firmware", "toolkit" or "library". @throws Error  Fault::damaged
void check_software_kind(const std::string& kind);

/// "N/A" and "unknown" sort before every number and would be in every range without a lower end.
/// @throws Error  Fault::damaged unless there is a digit in it
void check_software_version(const std::string& version);

/// @throws Error  Fault::damaged unless key(element) rises strictly
template<typename List, typename Key>
void must_rise(const List& list, const char* what, Key key) {
    for (std::size_t i = 1; i < list.size(); ++i) {
        if (!(key(list[i - 1]) < key(list[i])))
            refuse_document(std::string(what) + " are not sorted or repeat");
    }
}

} // namespace manifests
