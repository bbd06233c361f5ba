// THE TABLE: every row, once. Printed by --list, tried by the probe, defended in SECURITY.md (a
// test looks for each id there). The letters of the promise are explained in README.md.
#include "verify/attempts.hpp"
#include "verify/call_lists.hpp"

namespace mydocker::verify {
namespace {

template <std::size_t kSize>
constexpr Row calls(const char* id, const char* what, const char* cves, const char* promise,
                    const Call (&list)[kSize]) {
  return {id, what, cves, promise, try_calls, "", list, kSize};
}

constexpr const char* kSetIdWhy =
    "dpkg and other package tools need set-ID bits; nosuid and no_new_privs void them inside, and "
    "no user of the host reaches the root below its 0700 folder";

constexpr const char* kNoLimitWhy = "no limit fits every program; -c sets those that are wanted";
constexpr const char* kNoUserNamespaceWhy =
    "without -U the container's root is the host's, with the capabilities that K2 leaves it";

constexpr Row kRows[] = {
    // ---- T: the terminal ----
    {"T1", "TIOCSTI: type into the caller's terminal",
     "CVE-2017-5226 CVE-2016-10124 CVE-2016-2568 CVE-2016-2779", "a", try_given_terminal},
    {"T1-filter", "TIOCSTI reaches a terminal at all", "CVE-2017-5226", "s", try_tiocsti},
    {"T2", "TIOCLINUX reaches a terminal", "CVE-2023-28100", "s", try_tioclinux},
    {"T3", "TIOCSTI with more than 32 bits", "CVE-2019-7303 CVE-2019-10063", "s", try_wide_tiocsti},

    // ---- F: what leaks into the container ----
    {"F1", "a descriptor beyond the standard three", "CVE-2016-9962 CVE-2024-21626", "af",
     try_descriptors},
    {"F2", "a working folder outside of the root", "CVE-2024-21626", "a", try_folder},
    {"F4", "a variable of the caller's", "", "a", try_environment},
    {"F5", "a group of the caller's",
     "CVE-2014-8989 CVE-2018-7169 CVE-2022-36109 CVE-2022-2989 CVE-2022-2990 CVE-2022-2995 "
     "CVE-2023-25173",
     "g", try_groups},
    {"F6", "inheritable or ambient capabilities",
     "CVE-2022-24769 CVE-2022-27649 CVE-2022-27650 CVE-2022-27651 CVE-2022-29162 CVE-2025-27612",
     "k", try_inherited_capabilities},
    {"F7", "the caller's session keyring", "CVE-2016-0728", "o", try_keyring},
    {"F8", "ignored or blocked signals", "", "a", try_signals},
    {"F8-umask", "a umask that lets others write", "", "a", try_umask},
    {"F8-core", "a core dump for the host's core_pattern", "", "a", try_core},
    {"F9", "an abstract socket of the host", "CVE-2020-15257", "a", try_abstract_socket},

    // ---- X: programs of the host ----
    {"X1", "the file behind another process's exe", "CVE-2019-5736", "a", try_other_programs},
    {"X2", "the runtime's file behind /proc/1/exe", "CVE-2019-5736", "a", try_first_program},
    calls("X3", "AF_ALG: writing to pages of read-only files", "CVE-2026-31431", "s", kAlg),
    calls("X3-rxrpc", "AF_RXRPC", "CVE-2026-43500", "s", kRxrpc),
    calls("X3-rds", "AF_RDS", "PinTheft", "s", kRds),

    // ---- M: mounts and files ----
    {"M7", "remount", "CVE-2014-5206 CVE-2014-5207", "ak", try_remount},
    {"M7-umount", "take a mount away, and see what it hides", "CVE-2014-5206", "ak", try_unmount},
    {"M8", "chroot twice, and climb out", "CVE-2015-2925", "a", try_chroot},
    {"M8-up", "climb out by what lies over the root", "", "a", try_climbing},
    calls("M8-pivot", "pivot_root", "", "ak", kPivot),
    {"M9", "a mount that the host would see", "", "a", try_propagation},
    {"M10-proc", "a fresh proc, without masks", "", "ak", try_mount, "proc"},
    {"M10-sysfs", "a fresh sysfs, to write to", "", "ak", try_mount, "sysfs"},
    {"M10-cgroup2", "a fresh cgroup2", "", "ak", try_mount, "cgroup2"},
    {"M10-bind", "a bind mount", "", "ak", try_mount, "bind"},
    calls("M11", "fsopen, fspick, fsconfig, fsmount", "CVE-2021-41133 CVE-2022-0185", "sk",
          kNewMounts),
    calls("M11-tree", "open_tree, move_mount", "CVE-2021-41133", "sk", kMountTrees),
    calls("M11-attr", "mount_setattr", "CVE-2021-41133", "sk", kMountAttributes),
    {"M12", "set-ID programs of the root gain something", "", "a", try_set_id_files},
    {"M12-dev", "device nodes of the root work", "", "a", try_device_files},
    {"M13", "fchmod to a set-ID mode", "CVE-2021-41091", "d", try_fchmod, "", nullptr, 0,
     kSetIdWhy},
    {"M13-at2", "fchmodat2 to a set-ID mode", "CVE-2021-41091", "d", try_fchmodat2, "", nullptr, 0,
     kSetIdWhy},
    {"M13-open", "a new file with a set-ID mode", "CVE-2021-41091", "d", try_set_id_open, "",
     nullptr, 0, kSetIdWhy},

    // ---- P: /proc and /sys ----
    {"P1", "core_pattern, for writing", "CVE-2022-0811 CVE-2025-31133", "a", try_writing,
     "/proc/sys/kernel/core_pattern"},
    {"P2", "modprobe, for writing", "", "a", try_writing, "/proc/sys/kernel/modprobe"},
    {"P3", "sysrq-trigger, for writing", "CVE-2025-52881", "a", try_writing, "/proc/sysrq-trigger"},
    {"P4", "uevent_helper and hotplug, for writing", "", "a", try_writing,
     "/sys/kernel/uevent_helper /proc/sys/kernel/hotplug"},
    {"P5", "binfmt_misc, for writing", "", "a", try_writing, "/proc/sys/fs/binfmt_misc/register"},
    {"P6", "settings of memory, for writing", "", "a", try_writing,
     "/proc/sys/kernel/randomize_va_space /proc/sys/vm/panic_on_oom /proc/sys/vm/drop_caches"},
    {"P7", "irq, bus and fs, for writing", "", "a", try_folder_writing,
     "/proc/irq /proc/bus /proc/fs"},
    {"P8", "settings of the network, for writing", "", "a", try_writing,
     "/proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv4/conf/all/route_localnet"},
    {"P9-kcore", "the kernel's memory", "", "a", try_reading, "/proc/kcore"},
    {"P9-keys", "keys of all", "", "a", try_reading, "/proc/keys"},
    {"P9-timers", "timers and schedulers of all", "", "a", try_reading,
     "/proc/timer_list /proc/timer_stats /proc/sched_debug /proc/latency_stats"},
    {"P9-symbols", "addresses of the kernel", "", "ak", try_symbols, "/proc/kallsyms"},
    {"P9-log", "the kernel's log", "", "ak", try_reading, "/proc/kmsg"},
    {"P9-pages", "frames of the memory", "", "a", try_reading,
     "/proc/kpagecount /proc/kpageflags /proc/vmallocinfo"},
    {"P9-interrupts", "interrupts of the host", "", "a", try_reading, "/proc/interrupts"},
    {"P9-disks", "scsi and acpi of the host", "CVE-2017-16539 CVE-2018-10892", "a", try_reading,
     "/proc/scsi /proc/acpi"},
    {"P9-firmware", "the firmware's tables", "", "a", try_reading, "/sys/firmware"},
    {"P9-power", "what the processors consume", "CVE-2020-8694", "a", try_reading,
     "/sys/devices/virtual/powercap /sys/class/powercap"},
    {"P9-thermal", "how the processors are throttled", "", "a", try_reading,
     "/sys/devices/system/cpu/cpu0/thermal_throttle"},
    {"P10-debug", "debugfs and tracefs", "", "a", try_reading,
     "/sys/kernel/debug /sys/kernel/tracing"},
    {"P10-security", "securityfs", "", "a", try_reading, "/sys/kernel/security"},
    {"P10-efi", "variables of the firmware", "", "a", try_reading, "/sys/firmware/efi/efivars"},
    {"P10-bpf", "pinned eBPF programs", "", "a", try_reading, "/sys/fs/bpf"},
    {"P10-sys", "settings below /sys, for writing", "", "a", try_writing,
     "/sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/profiling"},
    {"P11", "processes of the host", "", "a", try_namespace, "pid"},

    // ---- D: devices and shared memory ----
    {"D1", "mknod of a disk, and open it", "", "ak", try_mknod},
    {"D1-disks", "a disk below /dev", "", "a", try_block_nodes},
    {"D1-mem", "/dev/mem and its like", "", "a", try_nodes, "/dev/mem /dev/port /dev/kmem"},
    {"D1-kmsg", "/dev/kmsg", "", "a", try_nodes, "/dev/kmsg"},
    {"D1-fuse", "/dev/fuse, tun, kvm", "", "a", try_nodes,
     "/dev/fuse /dev/net/tun /dev/kvm /dev/vhost-net"},
    {"D2", "shared memory and queues of the host", "", "a", try_namespace, "ipc"},
    {"D2-uts", "the host's name", "", "a", try_namespace, "uts"},
    {"D2-pts", "terminals of others", "", "a", try_terminals},
    {"D3", "devices.allow, for writing", "", "a", try_cgroup_files, "devices.allow"},

    // ---- C: cgroups and limits ----
    {"C1", "mount a cgroup of version 1", "CVE-2022-0492", "ak", try_mount, "cgroup"},
    {"C1-agent", "release_agent, for writing", "CVE-2022-0492", "a", try_cgroup_files,
     "release_agent"},
    {"C2", "the host's tree of cgroups", "CVE-2023-25809", "a", try_cgroup_root},
    {"C2-procs", "cgroup.procs, for writing", "CVE-2021-4197 CVE-2023-25809", "a", try_cgroup_files,
     "cgroup.procs"},
    {"C3", "more processes than the limit", "", "p", try_processes, "", nullptr, 0, kNoLimitWhy},
    {"C3-memory", "more memory than the limit", "", "m", try_memory, "", nullptr, 0, kNoLimitWhy},
    {"C3-shm", "half of the host's memory in /dev/shm", "", "a", try_shared_memory},
    {"C3-inodes", "files as many as memory holds, in /dev or /dev/shm", "", "a", try_inodes,
     "/dev /dev/shm"},
    {"C6", "nice -20", "", "ak", try_priority},
    {"C6-rt", "a real-time scheduler", "", "ak", try_real_time},
    {"C6-oom", "oom_score_adj -1000", "", "ak", try_oom_score},
    {"C6-limit", "raise a hard limit", "", "ak", try_limit},

    // ---- K: capabilities and ids ----
    calls("K1-module", "load and remove modules", "", "k", kModules),
    calls("K1-kexec", "start another kernel", "", "k", kKexec),
    calls("K1-reboot", "reboot", "", "k", kReboot),
    calls("K1-swap", "swapon, swapoff", "", "k", kSwap),
    calls("K1-syslog", "the kernel's log, by syslog", "", "sk", kSyslog),
    calls("K1-acct", "accounting into a file", "", "k", kAcct),
    calls("K1-rawio", "iopl, ioperm", "", "k", kPorts),
    {"K2", "capabilities within reach, beyond ordinary ones", "", "k", try_bounding},
    {"K2-new", "capabilities newer than a list", "", "k", try_newer_capabilities},
    {"K2-held", "capabilities held, beyond ordinary ones", "", "k", try_effective},
    {"K3", "open_by_handle_at: files of the host by number", "shocker", "k", try_handle},
    calls("K4", "raw sockets", "CVE-2020-13401", "k", kRawSockets),
    calls("K4-packet", "AF_PACKET", "CVE-2017-7308 CVE-2020-14386", "k", kPacket),
    {"K5", "look into a process of the host", "CVE-2019-13272", "ak", try_foreign_process},
    {"K6", "set-ID programs raise privileges", "", "a", try_no_new_privileges},
    {"K8", "root of the host is root here", "", "U", try_host_root, "", nullptr, 0,
     kNoUserNamespaceWhy},

    // ---- S: system calls ----
    {"S1", "clone a new user namespace",
     "CVE-2022-0185 CVE-2021-22555 CVE-2022-32250 CVE-2022-34918 CVE-2023-32233 CVE-2024-1086 "
     "CVE-2021-3493 CVE-2023-0386 CVE-2026-43284 CVE-2026-46300 CVE-2026-53362",
     "ok", try_clone},
    calls("S1-user", "unshare a user namespace", "as S1", "ok", kUnshareUser),
    calls("S1-other", "unshare any other namespace", "", "k", kUnshareOthers),
    calls("S1-setns", "setns", "", "sk", kSetns),
    calls("S2", "clone3, whose flags no filter sees", "as S1", "o", kCloneThree),
    {"S3", "int 0x80: calls by i386's numbers", "", "oi", try_i386},
    {"S3-socketcall", "int 0x80: AF_ALG by socketcall", "CVE-2026-31431", "oi",
     try_i386_socketcall},
    {"S3-ipc", "int 0x80: the old ipc call", "", "oi", try_i386_ipc},
    {"S3-x32", "calls by x32's numbers", "", "oi", try_x32},
    calls("S4", "io_uring", "CVE-2022-29582 CVE-2023-2598 CVE-2024-0582", "s", kRing),
    calls("S5-bpf", "bpf", "CVE-2020-8835 CVE-2021-3490 CVE-2021-31440 CVE-2022-23222", "sk", kBpf),
    calls("S5-fault", "userfaultfd", "", "sk", kUserFault),
    calls("S5-perf", "perf_event_open", "", "sk", kPerf),
    calls("S5-add", "add_key", "CVE-2016-0728", "o", kAddKey),
    calls("S5-keyctl", "keyctl", "CVE-2016-0728", "o", kKeyctl),
    calls("S5-request", "request_key", "CVE-2016-0728", "o", kRequestKey),
    calls("S6-vsock", "AF_VSOCK", "CVE-2021-26708 CVE-2025-21756", "s", kVsock),
    calls("S6-xfrm", "netlink: xfrm", "CVE-2026-43284", "sk", kXfrm),
    calls("S6-nft", "netlink: netfilter", "CVE-2023-32233 CVE-2024-1086", "sk", kNft),
    {"S6-wide", "a socket family with more than 32 bits", "CVE-2019-10063", "sk", try_wide_socket},
    calls("S6-rare", "families that few programs know", "", "s", kRareFamilies),
    calls("S7", "ptrace", "CVE-2019-13272", "ok", kPtrace),
    calls("S7-memory", "process_vm_readv and its like", "", "sk", kOthersMemory),
    calls("S7-files", "pidfd_getfd", "", "sk", kOthersFiles),
    calls("S7-kcmp", "kcmp", "", "sk", kKcmp),
    calls("S8", "personality: memory that is always executable", "", "s", kPersonality),
    calls("S9-time", "set the clock", "", "sk", kTime),
    calls("S9-quota", "quotactl", "", "sk", kQuota),
    calls("S9-fanotify", "fanotify_init", "", "sk", kFanotify),
    calls("S9-old", "calls that no program makes any more", "", "s", kOldCalls),
    calls("S10", "calls newer than many filters, of mounts and modules", "", "s", kNewerCalls),
    {"S11", "no filter at all", "", "o", try_filter},

    // ---- N: the network ----
    {"N1", "what listens on the host's 127.0.0.1", "CVE-2020-8558", "a", try_host_loopback},
    {"N2", "a route to 169.254.169.254", "", "a", try_metadata},
    {"N3", "an IPv6 address that nobody asked for", "CVE-2024-32473", "a", try_ipv6},
};

}  // namespace

Table rows() { return {kRows, sizeof kRows / sizeof kRows[0]}; }

}  // namespace mydocker::verify
