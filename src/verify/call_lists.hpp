// The system calls of the rows that try some, each with arguments that do no harm if it is let
// through.
#pragma once

#include <asm/unistd.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/socket.h>

#include "verify/row.hpp"

namespace mydocker::verify {

// Newer than the headers of some distributions; the same number on every machine.
inline constexpr long kOpenTreeAttr = 467, kStatmount = 457, kListmount = 458,
                      kLsmListModules = 461, kClone3 = 435, kProcessMadvise = 440,
                      kPidfdGetfd = 438, kMountSetattr = 442, kOpenTree = 428, kMoveMount = 429,
                      kFsopen = 430, kFsconfig = 431, kFsmount = 432, kFspick = 433;
#if defined(__x86_64__)
inline constexpr long kIopl = 172, kIoperm = 173, kUselib = 134, kSysfs = 139, kUstat = 136,
                      kNfsservctl = 180, kLookupDcookie = 212, kSysctl = 156, kCreateModule = 174,
                      kKexecFile = 320;
#else
inline constexpr long kIopl = kNone, kIoperm = kNone, kUselib = kNone, kSysfs = kNone,
                      kUstat = kNone, kNfsservctl = 42, kLookupDcookie = 18, kSysctl = kNone,
                      kCreateModule = kNone, kKexecFile = 294;
#endif

inline constexpr Call kNewMounts[] = {{"fsopen", kFsopen, {}},
                                      {"fspick", kFspick, {-1}},
                                      {"fsconfig", kFsconfig, {-1}},
                                      {"fsmount", kFsmount, {-1}}};
inline constexpr Call kMountTrees[] = {{"open_tree", kOpenTree, {-1}},
                                       {"open_tree_attr", kOpenTreeAttr, {-1}},
                                       {"move_mount", kMoveMount, {-1, 0, -1}}};
inline constexpr Call kMountAttributes[] = {{"mount_setattr", kMountSetattr, {-1, 0, 0, 0, 32}}};
inline constexpr Call kPivot[] = {{"pivot_root", __NR_pivot_root, {}}};

inline constexpr Call kUnshareUser[] = {{"unshare", __NR_unshare, {CLONE_NEWUSER}}};
inline constexpr Call kUnshareOthers[] = {
    {"mnt", __NR_unshare, {CLONE_NEWNS}},  {"pid", __NR_unshare, {CLONE_NEWPID}},
    {"net", __NR_unshare, {CLONE_NEWNET}}, {"ipc", __NR_unshare, {CLONE_NEWIPC}},
    {"uts", __NR_unshare, {CLONE_NEWUTS}}, {"cgroup", __NR_unshare, {CLONE_NEWCGROUP}},
    {"time", __NR_unshare, {0x80}}};
inline constexpr Call kSetns[] = {{"setns", __NR_setns, {-1, 0}}};
inline constexpr Call kCloneThree[] = {{"clone3", kClone3, {}}};

inline constexpr Call kRing[] = {{"io_uring_setup", __NR_io_uring_setup, {}},
                                 {"io_uring_enter", __NR_io_uring_enter, {-1}},
                                 {"io_uring_register", __NR_io_uring_register, {-1, 0xFF}}};
inline constexpr Call kUserFault[] = {{"userfaultfd", __NR_userfaultfd, {0x8001}}};
inline constexpr Call kBpf[] = {{"bpf", __NR_bpf, {0xFFFF}}};
inline constexpr Call kPerf[] = {{"perf_event_open", __NR_perf_event_open, {}}};
inline constexpr Call kAddKey[] = {{"add_key", __NR_add_key, {}}};
inline constexpr Call kKeyctl[] = {{"keyctl", __NR_keyctl, {0xFFFF}}};
inline constexpr Call kRequestKey[] = {{"request_key", __NR_request_key, {}}};

inline constexpr Call kAlg[] = {{"AF_ALG", __NR_socket, {38, SOCK_SEQPACKET}}};
inline constexpr Call kRxrpc[] = {{"AF_RXRPC", __NR_socket, {33, SOCK_DGRAM, AF_INET}}};
inline constexpr Call kRds[] = {{"AF_RDS", __NR_socket, {21, SOCK_SEQPACKET}}};
inline constexpr Call kVsock[] = {{"AF_VSOCK", __NR_socket, {40, SOCK_STREAM}}};
inline constexpr Call kXfrm[] = {
    {"NETLINK_XFRM", __NR_socket, {AF_NETLINK, SOCK_RAW, NETLINK_XFRM}}};
inline constexpr Call kNft[] = {
    {"NETLINK_NETFILTER", __NR_socket, {AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER}}};
inline constexpr Call kRareFamilies[] = {
    {"AF_BLUETOOTH", __NR_socket, {31, SOCK_RAW}}, {"AF_TIPC", __NR_socket, {30, SOCK_SEQPACKET}},
    {"AF_CAN", __NR_socket, {29, SOCK_RAW, 1}},    {"AF_KEY", __NR_socket, {15, SOCK_RAW, 2}},
    {"AF_PPPOX", __NR_socket, {24, SOCK_STREAM}},  {"AF_XDP", __NR_socket, {44, SOCK_RAW}}};
inline constexpr Call kRawSockets[] = {{"ICMP", __NR_socket, {AF_INET, SOCK_RAW, 1}},
                                       {"ICMPv6", __NR_socket, {AF_INET6, SOCK_RAW, 58}}};
inline constexpr Call kPacket[] = {{"AF_PACKET", __NR_socket, {AF_PACKET, SOCK_RAW}}};

inline constexpr Call kPtrace[] = {{"ptrace", __NR_ptrace, {0}}};
inline constexpr Call kOthersMemory[] = {{"process_vm_readv", __NR_process_vm_readv, {}},
                                         {"process_vm_writev", __NR_process_vm_writev, {}},
                                         {"process_madvise", kProcessMadvise, {-1}}};
inline constexpr Call kOthersFiles[] = {{"pidfd_getfd", kPidfdGetfd, {-1}}};
inline constexpr Call kKcmp[] = {{"kcmp", __NR_kcmp, {}}};
inline constexpr Call kPersonality[] = {{"READ_IMPLIES_EXEC", __NR_personality, {0x0400000}},
                                        {"ADDR_NO_RANDOMIZE", __NR_personality, {0x0040000}}};

inline constexpr Call kModules[] = {{"init_module", __NR_init_module, {}},
                                    {"finit_module", __NR_finit_module, {-1}},
                                    {"delete_module", __NR_delete_module, {}}};
inline constexpr Call kKexec[] = {{"kexec_load", __NR_kexec_load, {0, 0, 0, 0xFF}},
                                  {"kexec_file_load", kKexecFile, {-1, -1, 0, 0, 0xFF}}};
inline constexpr Call kReboot[] = {{"reboot", __NR_reboot, {0, 0, 0}}};
inline constexpr Call kTime[] = {{"settimeofday", __NR_settimeofday, {}},
                                 {"clock_settime", __NR_clock_settime, {}}};
inline constexpr Call kSwap[] = {{"swapon", __NR_swapon, {}}, {"swapoff", __NR_swapoff, {}}};
inline constexpr Call kSyslog[] = {{"syslog", __NR_syslog, {3}}};
inline constexpr Call kAcct[] = {{"acct", __NR_acct, {1}}};
inline constexpr Call kPorts[] = {{"iopl", kIopl, {3}}, {"ioperm", kIoperm, {0x80, 1, 1}}};
inline constexpr Call kQuota[] = {{"quotactl", __NR_quotactl, {0x80000400}}};
inline constexpr Call kFanotify[] = {{"fanotify_init", __NR_fanotify_init, {0x200}}};
inline constexpr Call kOldCalls[] = {{"uselib", kUselib, {}},
                                     {"sysfs", kSysfs, {3}},
                                     {"ustat", kUstat, {}},
                                     {"nfsservctl", kNfsservctl, {}},
                                     {"lookup_dcookie", kLookupDcookie, {}},
                                     {"_sysctl", kSysctl, {}},
                                     {"create_module", kCreateModule, {}}};
inline constexpr Call kNewerCalls[] = {{"statmount", kStatmount, {}},
                                       {"listmount", kListmount, {}},
                                       {"lsm_list_modules", kLsmListModules, {0, 0, 1}}};

}  // namespace mydocker::verify
