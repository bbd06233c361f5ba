// The floor's child: the container's first process, up to its execve.
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "floor.h"

static struct sock_filter kFilter[] = {
#include "default_filter.inc"
};

// The capabilities that the contract keeps.
static const uint64_t kKept = 1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_FOWNER | 1ULL << CAP_KILL |
                              1ULL << CAP_SETGID | 1ULL << CAP_SETUID | 1ULL << CAP_SETPCAP |
                              1ULL << CAP_NET_BIND_SERVICE | 1ULL << CAP_SYS_CHROOT;

// Rights that are newer than Debian's header: LANDLOCK_ACCESS_FS_TRUNCATE, _IOCTL_DEV.
static const uint64_t kTruncate = 1 << 14, kDeviceControl = 1 << 15;

// Waits until the host has done its part.
static void await_go(int socket) {
  char byte;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != 1) _exit(125);
}

// The new network's only interface.
static void raise_loopback(void) {
  const int fd = (int)need(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  need(ioctl(fd, SIOCSIFFLAGS, &request), "ioctl");
  close(fd);
}

// Asked for, then looked whether it came too late.
static void die_with_parent(int socket) {
  need(prctl(PR_SET_PDEATHSIG, SIGKILL), "prctl");
  struct pollfd watched = {socket, POLLIN, 0};
  if (poll(&watched, 1, 0) == 1 && (watched.revents & POLLHUP) != 0) _exit(125);
}

// Ignored and blocked signals outlive execve.
static void reset_signals(void) {
  const uint64_t ordinary[4] = {0}, none = 0;
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal != SIGKILL && signal != SIGSTOP) syscall(SYS_rt_sigaction, signal, ordinary, NULL, 8);
  }
  syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, 8);
}

// Root's groups and ids, and no others. `groups` is 0 or 1.
static void set_ids(size_t groups) {
  const gid_t root = 0;
  need(setgroups(groups, groups == 0 ? NULL : &root), "setgroups");
  need(setresgid(0, 0, 0), "setresgid");
  need(setresuid(0, 0, 0), "setresuid");
}

// Bounding set, ids, the other sets, no_new_privs: in this order each is still allowed.
static void drop_privileges(void) {
  for (unsigned long i = 0; i <= CAP_LAST_CAP; ++i) {
    if ((kKept >> i & 1) == 0) need(prctl(PR_CAPBSET_DROP, i), "prctl");
  }
  set_ids(1);
  need(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), "prctl");
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  const struct __user_cap_data_struct data[2] = {{(uint32_t)kKept, (uint32_t)kKept, 0},
                                                 {(uint32_t)(kKept >> 32), (uint32_t)(kKept >> 32), 0}};
  need(syscall(SYS_capset, &header, data), "capset");
  need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
}

// A file that can be executed, or the end.
static void check_executable(const char* file) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS};
  struct stat info;
  const int fd = (int)syscall(SYS_openat2, AT_FDCWD, file, &how, sizeof how);
  need(fd, file);
  need(fstat(fd, &info), file);
  close(fd);
  need(faccessat(AT_FDCWD, file, X_OK, AT_EACCESS), file);
}

// The entrypoint, and the loader that an ELF program asks for, while a failure can still be told.
static void find_program(const char* file) {
  check_executable(file);
  const int fd = (int)need(open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), file);
  _Alignas(Elf64_Ehdr) char head[4096] = {0};
  need(read(fd, head, sizeof head), file);
  const Elf64_Ehdr* const header = (const Elf64_Ehdr*)head;
  const Elf64_Phdr* const parts = (const Elf64_Phdr*)(head + header->e_phoff);
  for (unsigned i = 0; i < header->e_phnum; ++i) {
    if (parts[i].p_type == PT_INTERP) check_executable(head + parts[i].p_offset);
  }
  close(fd);
}

// What is open as fd may be opened again in the same way, if it is a file or a device of the host.
static void grant_open(int ruleset, int fd) {
  struct stat info;
  need(fstat(fd, &info), "fstat");
  if (!S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode)) return;
  const long mode = need(fcntl(fd, F_GETFL), "fcntl") & O_ACCMODE;
  struct landlock_path_beneath_attr rule = {.allowed_access = kDeviceControl, .parent_fd = fd};
  if (mode != O_WRONLY) rule.allowed_access |= LANDLOCK_ACCESS_FS_READ_FILE;
  if (mode != O_RDONLY) rule.allowed_access |= LANDLOCK_ACCESS_FS_WRITE_FILE | kTruncate;
  need(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0), "landlock_add_rule");
}

// Nothing that is not below the root can be opened any more.
static void seal(const struct floor* floor) {
  struct landlock_ruleset_attr attr = {.handled_access_fs = kDeviceControl << 1};
  attr.handled_access_fs -= 1;              // every right of ABI 5
  const int ruleset = (int)need(syscall(SYS_landlock_create_ruleset, &attr, sizeof attr, 0), "landlock_create_ruleset");
  struct landlock_path_beneath_attr rule = {.allowed_access = attr.handled_access_fs, .parent_fd = floor->tree};
  need(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0), "landlock_add_rule");
  for (int fd = 0; fd < 3; ++fd) grant_open(ruleset, fd);
  need(syscall(SYS_landlock_restrict_self, ruleset, 0), "landlock_restrict_self");
  close(ruleset);
}

// Tells the host; closes; filters; executes.
static void leave(const struct floor* floor) {
  char byte = 1;
  struct iovec part = {&byte, 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  char* const environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root",
                               "TERM=dumb", "HOSTNAME=container", NULL};
  struct sock_fprog program = {sizeof kFilter / sizeof kFilter[0], kFilter};
  need(sendmsg(floor->child_socket, &message, MSG_NOSIGNAL), "sendmsg");
  if (floor->landlock_abi >= 5) seal(floor);
  need(syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC), "close_range");
  need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
  execve(floor->argv[0], floor->argv, environment);
  _exit(126);
}

void run_child(const struct floor* floor) {
  close(floor->host_socket);
  close(floor->record_fd);
  await_go(floor->child_socket);
  if (floor->limits) {
    move_child(floor);
    need(syscall(SYS_unshare, CLONE_NEWCGROUP), "unshare");
  }
  if (floor->user) set_ids(0);
  raise_loopback();
  if (floor->user) write_file("/proc/sys/user/max_user_namespaces", "0");
  write_file("/proc/sys/net/ipv4/ping_group_range", floor->user ? "0 65535" : "0 2147483647");
  need(sethostname("container", 9), "sethostname");
  die_with_parent(floor->child_socket);
  umask(0);
  enter_root(floor);
  syscall(SYS_keyctl, 1, NULL);             // KEYCTL_JOIN_SESSION_KEYRING
  reset_signals();
  umask(022);
  need(setsid(), "setsid");
  const struct rlimit none = {0, 0};
  need(setrlimit(RLIMIT_CORE, &none), "setrlimit");
  char where[4096];
  need(chdir("/"), "chdir");
  need(syscall(SYS_getcwd, where, sizeof where), "getcwd");
  drop_privileges();
  die_with_parent(floor->child_socket);
  find_program(floor->argv[0]);
  leave(floor);
}
