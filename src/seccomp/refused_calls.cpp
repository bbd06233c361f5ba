// What is refused, one line a call: the answer, why, and which capability allows it after all.
#include <linux/capability.h>

#include <cerrno>

#include "seccomp/allowlist.hpp"

namespace mydocker::seccomp {
namespace {

template <class... Number>
constexpr std::uint64_t caps(Number... number) {
  return ((std::uint64_t{1} << number) | ...);
}
constexpr std::uint64_t kNever = 0;

constexpr std::string_view kInKernel = "programs and counters inside the kernel: many holes";
constexpr std::string_view kRing = "a ring's requests do not pass this filter";
constexpr std::string_view kFault =
    "stops the kernel in the middle of its work: what exploits need";
constexpr std::string_view kKeys = "keyrings are not separated by namespaces";
constexpr std::string_view kTrace = "reads and writes other processes";
constexpr std::string_view kMount = "a mount can take away what protects the host";
constexpr std::string_view kNamespace = "belongs to who makes namespaces";
constexpr std::string_view kHandle =
    "opens files by number, outside of every root: the way out of the first containers";
constexpr std::string_view kQuota = "other users' quotas of a whole disk";
constexpr std::string_view kWatch = "sees what others open";
constexpr std::string_view kModule = "code for the kernel";
constexpr std::string_view kMachine = "the machine is not its own";
constexpr std::string_view kClock = "the clocks are the host's";
constexpr std::string_view kPorts = "the hardware's ports";
constexpr std::string_view kSegments = "an old mode of the processor: many holes";
constexpr std::string_view kNodes = "for who places memory by hand";
constexpr std::string_view kPast = "nothing of today asks for it";
constexpr std::string_view kHidden =
    "its flags lie in memory, where a filter cannot look; libraries fall back to clone";
constexpr std::string_view kNewer =
    "newer than what programs rely on; libraries know the older way";
constexpr std::string_view kNobody = "kernels have not had it for long, or never";

// clang-format off
constexpr RefusedCall kCalls[] = {
    // Programs in the kernel, and ways round this filter.
    {"bpf", EPERM, kInKernel, caps(CAP_BPF, CAP_SYS_ADMIN)},
    {"perf_event_open", EPERM, kInKernel, caps(CAP_PERFMON, CAP_SYS_ADMIN)},
    {"io_uring_setup", EPERM, kRing, kNever},
    {"io_uring_enter", EPERM, kRing, kNever},
    {"io_uring_register", EPERM, kRing, kNever},
    {"userfaultfd", EPERM, kFault, kNever},
    // Keys, and other processes.
    {"add_key", EPERM, kKeys, kNever},
    {"keyctl", EPERM, kKeys, kNever},
    {"request_key", EPERM, kKeys, kNever},
    {"ptrace", EPERM, kTrace, caps(CAP_SYS_PTRACE)},
    {"process_vm_readv", EPERM, kTrace, caps(CAP_SYS_PTRACE)},
    {"process_vm_writev", EPERM, kTrace, caps(CAP_SYS_PTRACE)},
    {"process_madvise", EPERM, kTrace, caps(CAP_SYS_PTRACE)},
    {"pidfd_getfd", EPERM, kTrace, caps(CAP_SYS_PTRACE)},
    {"kcmp", EPERM, kTrace, caps(CAP_SYS_PTRACE)},
    // Mounts and namespaces.
    {"mount", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"umount", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"umount2", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"pivot_root", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"fsopen", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"fsconfig", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"fsmount", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"fspick", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"open_tree", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"open_tree_attr", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"move_mount", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"mount_setattr", EPERM, kMount, caps(CAP_SYS_ADMIN)},
    {"setns", EPERM, kNamespace, caps(CAP_SYS_ADMIN)},
    {"sethostname", EPERM, kNamespace, caps(CAP_SYS_ADMIN)},
    {"setdomainname", EPERM, kNamespace, caps(CAP_SYS_ADMIN)},
    {"open_by_handle_at", EPERM, kHandle, caps(CAP_DAC_READ_SEARCH)},
    {"quotactl", EPERM, kQuota, caps(CAP_SYS_ADMIN)},
    {"quotactl_fd", EPERM, kQuota, caps(CAP_SYS_ADMIN)},
    {"fanotify_init", EPERM, kWatch, caps(CAP_SYS_ADMIN)},
    {"fanotify_mark", EPERM, kWatch, caps(CAP_SYS_ADMIN)},
    {"lookup_dcookie", EPERM, kWatch, caps(CAP_SYS_ADMIN)},
    // The machine itself.
    {"init_module", EPERM, kModule, caps(CAP_SYS_MODULE)},
    {"finit_module", EPERM, kModule, caps(CAP_SYS_MODULE)},
    {"delete_module", EPERM, kModule, caps(CAP_SYS_MODULE)},
    {"create_module", EPERM, kModule, kNever},
    {"query_module", EPERM, kModule, kNever},
    {"get_kernel_syms", EPERM, kModule, kNever},
    {"kexec_load", EPERM, kMachine, kNever},
    {"kexec_file_load", EPERM, kMachine, kNever},
    {"reboot", EPERM, kMachine, caps(CAP_SYS_BOOT)},
    {"swapon", EPERM, kMachine, kNever},
    {"swapoff", EPERM, kMachine, kNever},
    {"acct", EPERM, kMachine, caps(CAP_SYS_PACCT)},
    {"syslog", EPERM, kMachine, caps(CAP_SYSLOG, CAP_SYS_ADMIN)},
    {"vhangup", EPERM, kMachine, caps(CAP_SYS_TTY_CONFIG)},
    {"nfsservctl", EPERM, kMachine, kNever},
    {"settimeofday", EPERM, kClock, caps(CAP_SYS_TIME)},
    {"clock_settime", EPERM, kClock, caps(CAP_SYS_TIME)},
    {"clock_settime64", EPERM, kClock, caps(CAP_SYS_TIME)},
    {"stime", EPERM, kClock, caps(CAP_SYS_TIME)},
    {"iopl", EPERM, kPorts, caps(CAP_SYS_RAWIO)},
    {"ioperm", EPERM, kPorts, caps(CAP_SYS_RAWIO)},
    {"pciconfig_read", EPERM, kPorts, caps(CAP_SYS_RAWIO)},
    {"pciconfig_write", EPERM, kPorts, caps(CAP_SYS_RAWIO)},
    {"pciconfig_iobase", EPERM, kPorts, caps(CAP_SYS_RAWIO)},
    {"vm86", EPERM, kSegments, kNever},
    {"vm86old", EPERM, kSegments, kNever},
    // Which memory of a machine with several.
    {"get_mempolicy", EPERM, kNodes, caps(CAP_SYS_NICE)},
    {"set_mempolicy", EPERM, kNodes, caps(CAP_SYS_NICE)},
    {"set_mempolicy_home_node", EPERM, kNodes, caps(CAP_SYS_NICE)},
    {"mbind", EPERM, kNodes, caps(CAP_SYS_NICE)},
    {"migrate_pages", EPERM, kNodes, caps(CAP_SYS_NICE)},
    {"move_pages", EPERM, kNodes, caps(CAP_SYS_NICE)},
    // Of no use any more.
    {"uselib", EPERM, kPast, kNever},
    {"ustat", EPERM, kPast, kNever},
    {"sysfs", EPERM, kPast, kNever},
    {"_sysctl", EPERM, kPast, kNever},
    // Not there, as far as the container can tell.
    {"clone3", ENOSYS, kHidden, kNever},
    {"statmount", ENOSYS, kNewer, kNever},
    {"listmount", ENOSYS, kNewer, kNever},
    {"lsm_get_self_attr", ENOSYS, kNewer, kNever},
    {"lsm_set_self_attr", ENOSYS, kNewer, kNever},
    {"lsm_list_modules", ENOSYS, kNewer, kNever},
    {"afs_syscall", ENOSYS, kNobody, kNever},
    {"tuxcall", ENOSYS, kNobody, kNever},
    {"vserver", ENOSYS, kNobody, kNever},
    {"security", ENOSYS, kNobody, kNever},
    {"getpmsg", ENOSYS, kNobody, kNever},
    {"putpmsg", ENOSYS, kNobody, kNever},
    {"epoll_ctl_old", ENOSYS, kNobody, kNever},
    {"epoll_wait_old", ENOSYS, kNobody, kNever},
    {"bdflush", ENOSYS, kNobody, kNever},
    {"break", ENOSYS, kNobody, kNever},
    {"ftime", ENOSYS, kNobody, kNever},
    {"gtty", ENOSYS, kNobody, kNever},
    {"idle", ENOSYS, kNobody, kNever},
    {"lock", ENOSYS, kNobody, kNever},
    {"mpx", ENOSYS, kNobody, kNever},
    {"prof", ENOSYS, kNobody, kNever},
    {"profil", ENOSYS, kNobody, kNever},
    {"stty", ENOSYS, kNobody, kNever},
    {"ulimit", ENOSYS, kNobody, kNever},
};
// clang-format on

}  // namespace

std::span<const RefusedCall> refused_calls() { return kCalls; }

}  // namespace mydocker::seccomp
