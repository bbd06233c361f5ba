#include "spec/defaults.hpp"

#include <linux/capability.h>

namespace mydocker {
namespace {

Mount file_system(std::string type, std::string target, MountFlags flags,
                  std::vector<std::pair<std::string, std::string>> options = {}) {
  Mount out;
  out.type = std::move(type);
  out.target = std::move(target);
  out.set = flags;
  out.options = std::move(options);
  return out;
}

}  // namespace

std::vector<Mount> default_mounts(bool has_tty_group) {
  MountFlags read_only = kInert;
  read_only.read_only = true;
  std::vector<std::pair<std::string, std::string>> pts{
      {"newinstance", ""}, {"ptmxmode", "0666"}, {"mode", "0620"}};
  if (has_tty_group) pts.emplace_back("gid", "5");
  return {
      file_system("proc", "/proc", kInert),
      file_system("sysfs", "/sys", read_only),
      file_system("tmpfs", "/dev", kNosuidNoexec,
                  {{"mode", "755"}, {"size", "64k"}, {"nr_inodes", "1k"}}),
      file_system("devpts", "/dev/pts", kNosuidNoexec, std::move(pts)),
      file_system("tmpfs", "/dev/shm", kInert,
                  {{"mode", "1777"}, {"size", "64m"}, {"nr_inodes", "16k"}}),
      file_system("mqueue", "/dev/mqueue", kInert),
  };
}

// See Documentation/admin-guide/devices.txt of the kernel.
std::vector<Device> default_devices() {
  return {{"/dev/null", 'c', 1, 3},   {"/dev/zero", 'c', 1, 5},    {"/dev/full", 'c', 1, 7},
          {"/dev/random", 'c', 1, 8}, {"/dev/urandom", 'c', 1, 9}, {"/dev/tty", 'c', 5, 0}};
}

Masks default_masks() {
  return {
      .hidden = {"/sys/firmware", "/sys/devices/virtual/powercap",
                 "/sys/devices/system/cpu/cpu*/thermal_throttle", "/proc/acpi", "/proc/asound",
                 "/proc/scsi", "/proc/kcore", "/proc/kallsyms", "/proc/keys", "/proc/interrupts",
                 "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
                 "/proc/latency_stats", "/proc/dynamic_debug", "/proc/vmallocinfo",
                 "/proc/kpagecount", "/proc/kpageflags", "/proc/kpagecgroup"},
      .read_only = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"},
  };
}

CapabilitySets default_capabilities(bool is_root) {
  const std::vector<int> kept{CAP_CHOWN,   CAP_DAC_OVERRIDE,     CAP_FOWNER,
                              CAP_KILL,    CAP_SETGID,           CAP_SETUID,
                              CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT};
  CapabilitySets out{.bounding = kept};
  if (is_root) out.effective = out.permitted = kept;
  return out;
}

}  // namespace mydocker
