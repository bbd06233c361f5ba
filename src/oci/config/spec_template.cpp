#include "oci/config/spec_template.hpp"

#include "helpers/text.hpp"
#include "oci/config/features.hpp"

namespace mydocker::oci {
namespace {

// @WORDS@ are what differs for a caller who is not root.
constexpr const char* kTemplate = R"({
  "ociVersion": "@VERSION@",
  "process": {
    "terminal": true,
    "user": {"uid": 0, "gid": 0},
    "args": ["sh"],
    "env": [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "TERM=xterm"
    ],
    "cwd": "/",
    "capabilities": {
      "bounding": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "effective": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"],
      "permitted": ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    },
    "rlimits": [
      {"type": "RLIMIT_NOFILE", "soft": 1024, "hard": 1024}
    ],
    "noNewPrivileges": true
  },
  "root": {
    "path": "rootfs",
    "readonly": true
  },
  "hostname": "container",
  "mounts": [
    {
      "destination": "/proc",
      "type": "proc",
      "source": "proc"
    },
    {
      "destination": "/dev",
      "type": "tmpfs",
      "source": "tmpfs",
      "options": ["nosuid", "strictatime", "mode=755", "size=65536k"]
    },
    {
      "destination": "/dev/pts",
      "type": "devpts",
      "source": "devpts",
      "options": ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620"@TTY_GROUP@]
    },
    {
      "destination": "/dev/shm",
      "type": "tmpfs",
      "source": "shm",
      "options": ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]
    },
    {
      "destination": "/dev/mqueue",
      "type": "mqueue",
      "source": "mqueue",
      "options": ["nosuid", "noexec", "nodev"]
    },
    {
      "destination": "/sys",
@SYS@
    },
    {
      "destination": "/sys/fs/cgroup",
      "type": "cgroup",
      "source": "cgroup",
      "options": ["nosuid", "noexec", "nodev", "relatime", "ro"]
    }
  ],
  "linux": {
@MAPS_OR_RESOURCES@
    "namespaces": [
      {"type": "pid"},
@NAMESPACE@
      {"type": "ipc"},
      {"type": "uts"},
      {"type": "mount"},
      {"type": "cgroup"}
    ],
    "maskedPaths": [
      "/proc/acpi",
      "/proc/asound",
      "/proc/interrupts",
      "/proc/kcore",
      "/proc/keys",
      "/proc/latency_stats",
      "/proc/sched_debug",
      "/proc/scsi",
      "/proc/timer_list",
      "/proc/timer_stats",
      "/sys/devices/virtual/powercap",
      "/sys/firmware"
    ],
    "readonlyPaths": [
      "/proc/bus",
      "/proc/fs",
      "/proc/irq",
      "/proc/sys",
      "/proc/sysrq-trigger"
    ]
  }
}
)";

// A fresh sysfs belongs to a network namespace, and is for the root of that one only.
constexpr const char* kSys = R"(      "type": "sysfs",
      "source": "sysfs",
      "options": ["nosuid", "noexec", "nodev", "ro"])";
constexpr const char* kHostsSys = R"(      "type": "none",
      "source": "/sys",
      "options": ["rbind", "rslave", "nosuid", "noexec", "nodev", "ro"])";

constexpr const char* kResources = R"(    "resources": {
      "devices": [
        {"allow": false, "access": "rwm"}
      ]
    },)";
constexpr const char* kMaps = R"(    "uidMappings": [
      {"containerID": 0, "hostID": @UID@, "size": 1}
    ],
    "gidMappings": [
      {"containerID": 0, "hostID": @GID@, "size": 1}
    ],)";

}  // namespace

std::string spec_template(const std::optional<Rootless>& rootless) {
  const auto fill = [](std::string text, std::string_view name, const std::string& with) {
    return text::replaced(std::move(text), name, with);
  };
  std::string out = fill(kTemplate, "@VERSION@", kNewestVersion);
  out = fill(std::move(out), "@SYS@", rootless ? kHostsSys : kSys);
  // Group 5, tty, is not mapped where one group is.
  out = fill(std::move(out), "@TTY_GROUP@", rootless ? "" : R"(, "gid=5")");
  out = fill(std::move(out), "@NAMESPACE@",
             rootless ? R"(      {"type": "user"},)" : R"(      {"type": "network"},)");
  // Only root may limit anything.
  out = fill(std::move(out), "@MAPS_OR_RESOURCES@", rootless ? kMaps : kResources);
  if (!rootless) return out;
  out = fill(std::move(out), "@UID@", std::to_string(rootless->uid));
  return fill(std::move(out), "@GID@", std::to_string(rootless->gid));
}

}  // namespace mydocker::oci
