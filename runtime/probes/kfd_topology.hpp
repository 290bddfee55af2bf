#pragma once
// The topology that the driver of AMD-like devices shows: one folder for each node, processors and devices
// alike. In partitioned modes one GPU is up to eight nodes (63 nodes for 8 GPUs were seen), so nodes are
// grouped by what they have in common.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runtime {

/// A node that computes; nodes of processors alone are none.
struct KfdNode {
    std::string unique_id; ///< as text, it exceeds 2^53; "" or "0" if the driver gives none
    std::string bus;       ///< "0000:c1:00": domain, bus and device
    std::uint64_t memory_bytes = 0;
};

/// From a node's `properties`, lines of a name and a number.
/// @return nothing for a node without compute units, or a text that does not say where the device is
/// Source: Linux drivers/gpu/drm/amd/amdkfd/kfd_topology.c, node_show().
std::optional<KfdNode> read_kfd_node(std::string_view properties);

/// The bytes of one memory bank: 0 unless it is memory of the device (heap types 1 and 2, visible to the host
/// or not). @return nothing if the text makes no sense
std::optional<std::uint64_t> read_kfd_bank(std::string_view properties);

/// One GPU: what stands behind one PCI function.
struct KfdGroup {
    std::string bus;                ///< of its first node
    std::uint64_t devices = 0;      ///< nodes: what an engine counts
    std::uint64_t memory_bytes = 0; ///< of the smallest of them; 0: unknown
};

/// Nodes with the same unique_id are one GPU, and of those without one, nodes with the same bus; in the order
/// of their first nodes.
std::vector<KfdGroup> group_kfd_nodes(const std::vector<KfdNode>& nodes);

} // namespace runtime
