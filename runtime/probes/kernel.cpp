#include <charconv>
#include <string_view>

#include <sys/utsname.h>

#include "manifests/text.hpp"
#include "runtime/probes/probes.hpp"

namespace runtime {
namespace {

constexpr std::uint64_t most_processors = 1U << 20;

// "0-3,8,10-11" is 7. @return 0 if it is not such a list
std::uint64_t count_of_list(std::string_view list) {
    std::uint64_t count = 0;
    while (!list.empty()) {
        const std::string_view part = list.substr(0, list.find(','));
        list.remove_prefix(std::min(part.size() + 1, list.size()));
        const char* const end = part.data() + part.size();
        std::uint64_t first = 0;
        const auto [after_first, problem] = std::from_chars(part.data(), end, first);
        std::uint64_t last = first;
        if (problem != std::errc()) return 0;
        if (after_first != end) {
            if (*after_first != '-') return 0;
            const auto [after_last, second_problem] = std::from_chars(after_first + 1, end, last);
            if (second_problem != std::errc() || after_last != end) return 0;
        }
        if (last < first || last >= most_processors) return 0;
        count += last - first + 1;
    }
    return count;
}

} // namespace

void probe_kernel(Sysroot& root, manifests::Machine& machine) {
    if (root.is_this_machine()) {
        struct utsname name {};
        if (::uname(&name) == 0) {
            machine.kernel_name = manifests::escaped(name.sysname);
            machine.kernel_release = manifests::escaped(name.release);
        }
    } else {
        machine.kernel_name = root.line("/proc/sys/kernel/ostype").value_or("");
        machine.kernel_release = root.line("/proc/sys/kernel/osrelease").value_or("");
    }
    const std::string online = "/sys/devices/system/cpu/online";
    if (const auto list = root.line(online)) {
        machine.cpu.logical_count = count_of_list(*list);
        if (machine.cpu.logical_count == 0) root.add_unreadable(online);
    }
}

} // namespace runtime
