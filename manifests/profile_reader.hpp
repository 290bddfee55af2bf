#pragma once
// What the parts of the profile's reader share: manifests/profile.cpp puts them together. Internal to
// manifests.

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/json.hpp"
#include "manifests/profile.hpp"

namespace manifests::profile_reader {

/// Hands out the sources that figures name, and in the end knows those that none named.
class Sources {
public:
    explicit Sources(const std::vector<ProfileSource>& sources);
    /// The text of `member`. @throws Error  Fault::damaged if it is the id of no source
    std::string named_by(Fields& figure, std::string_view member = "source");
    void refuse_unused() const;

private:
    std::set<std::string> known_;
    std::set<std::string> unused_;
};

// Largest that is believed. Their product stays below 2^63, so sums over a machine cannot wrap.
inline constexpr std::uint64_t most_devices = 65536;           ///< more than the largest supernodes have
inline constexpr std::uint64_t most_device_bytes = 1ULL << 46; ///< 64 TiB; devices have some hundred GiB

/// A text that is there and not empty.
std::string some_text(Fields& fields, std::string_view member);
/// The same, or "" if the member is left out; an empty text is refused, for it says less than nothing.
std::string some_text_or_none(Fields& fields, std::string_view member);
/// Rising texts that are not empty; left out: none. A list that is there has something in it.
std::vector<std::string> names_or_none(Fields& fields, std::string_view member);
std::vector<std::string> some_names(Fields& fields, std::string_view member);
/// 1 to `most`
std::uint64_t some_count(Fields& fields, std::string_view member, std::uint64_t most);
/// The array `member`, which holds something, or nullptr if it is left out.
const Json* some_list(Fields& fields, std::string_view member);

void must_rise(const std::vector<std::string>& list, const std::string& what);
using Key = std::vector<std::string>; ///< compared part by part, so ("a", "z") comes before ("a b", "c")
void must_rise(const std::vector<Key>& list, const std::string& what);
/// Spelled as Linux does: lower case, digits, underscores; rising.
void check_features(const std::vector<std::string>& features);
/// "vvvv:dddd", four lower-case hex digits each.
void check_pci_id(const std::string& id);
/// Absolute and in its shortest form: "/usr/local/Ascend/driver/version.info".
void check_place(const std::string& path);
bool is_date(std::string_view text);

std::vector<ProfileSource> read_sources(Fields& fields);
CpuRequirement read_cpu(const Json& value, Sources& sources);
KernelRule read_kernels(const Json& value, const CpuRequirement& cpu, Sources& sources);
AcceleratorRequirement read_accelerator(const Json& value, Sources& sources);
TypeSupport read_types(const Json& value, Sources& sources);
SoftwareRequirement read_software(const Json& value, Sources& sources);
FileModeRule read_file_mode(const Json& value, Sources& sources);
ValidatedSet read_validated_set(const Json& value, Sources& sources);

} // namespace manifests::profile_reader
