// Kernel idea   a process lists what it and its children may do with files, and gives up the rest.
// We ask        for everything below /, and for the files that are its standard descriptors; with
//               --landlock-ro and -rw for their paths in the place of /. So nothing outside of the
//               root can be opened, whatever leads there: a leaked descriptor, /proc/self/exe.
// Order         after every mount, since a sealed process cannot mount; after no_new_privs, since
//               others may not seal themselves; before the filter, which would have to allow it.
// If it fails   EOPNOTSUPP: Landlock is switched off. E2BIG: more than 16 seals upon each other.
// Man page      landlock(7)
#include "landlock/landlock_stage.hpp"

#include <linux/capability.h>

#include <algorithm>

#include "helpers/file_rights.hpp"
#include "mydocker/error.hpp"

namespace mydocker::landlock {
namespace {

// What MyDocker mounts itself, and every program needs.
constexpr std::string_view kOwn[] = {"/dev", "/proc"};

// The first one that can shut them.
constexpr int kSocketAbi = 6;

bool may_mount(const CapabilitySets& sets) {
  const auto has = [](const std::vector<int>& set) {
    return std::find(set.begin(), set.end(), CAP_SYS_ADMIN) != set.end();
  };
  return has(sets.bounding) || has(sets.permitted);
}

std::vector<FileRule> rules_of(const FileAccess& access, std::uint64_t all) {
  if (access.is_whole_root()) return {{"/", all}};
  constexpr std::uint64_t kReading =
      file_rights::kExecute | file_rights::kReadFile | file_rights::kReadFolder;
  std::vector<FileRule> out;
  for (const auto& path : access.read_only) out.push_back({path, kReading});
  for (const auto& path : access.read_write) out.push_back({path, all});
  for (const auto path : kOwn) out.push_back({std::string(path), all});
  return out;
}

// A terminal of the container's own lies below /, in /dev/pts.
std::vector<unsigned> files_of_the_host(const Process& process) {
  std::vector<unsigned> out;
  for (unsigned fd = 0; fd < 3; ++fd) {
    if (!process.terminal || !process.terminal->on_terminal[fd]) out.push_back(fd);
  }
  out.insert(out.end(), process.kept_descriptors.begin(), process.kept_descriptors.end());
  return out;
}

}  // namespace

StagePlan plan(const ContainerSpec& spec, const HostFacts& facts) {
  if (!spec.file_access) return {};
  const bool is_whole = spec.file_access->is_whole_root();
  if (facts.landlock_abi < file_rights::kLeastAbi) {
    if (is_whole) return {};
    throw SetupError("landlock", "restrict the container to paths", EOPNOTSUPP,
                     "this kernel has no Landlock that can: Linux 5.19 or newer, with landlock in "
                     "/sys/kernel/security/lsm");
  }
  if (is_whole && may_mount(spec.process.capabilities)) return {};
  const std::uint64_t all = file_rights::all(facts.landlock_abi);
  RestrictFiles seal{all, rules_of(*spec.file_access, all), files_of_the_host(spec.process)};
  // A network of its own has its own.
  seal.shuts_abstract_sockets =
      spec.namespaces.network.is_inherited() && facts.landlock_abi >= kSocketAbi;
  return {.enter = {{std::move(seal),
                     is_whole ? "a seal: no leaked descriptor and no link of /proc opens anything "
                                "that is not below the root"
                              : "asked for; /dev and /proc are the container's own",
                     {},
                     {}}}};
}

}  // namespace mydocker::landlock
