// Kernel idea   a parser of strangers' files may well be subverted: what it then can do is what its
//               process can do.
// We ask        chroot into the folder that it fills; of root's capabilities only those that set
//               owners, modes and file capabilities; Landlock; a filter with the forty-odd system
//               calls of somebody who writes files; limits.
// Order         chroot while we may; the filter last.
// If it fails   without root there is neither chroot nor a capability: Landlock and the filter do it.
// Man page      chroot(2), capabilities(7), landlock(7), seccomp(2)
#include "unpack/confine.hpp"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <vector>

#include "helpers/file_rights.hpp"
#include "sys/check.hpp"
#include "sys/landlock.hpp"

#if defined(__x86_64__)
#define MYDOCKER_AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MYDOCKER_AUDIT_ARCH AUDIT_ARCH_AARCH64
#else
#error "the filter needs this architecture's AUDIT_ARCH"
#endif

namespace mydocker::unpack {
namespace {

constexpr unsigned kKept[] = {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_SETFCAP};

constexpr long kAllowed[] = {
    SYS_read,       SYS_pread64,    SYS_write,         SYS_pwrite64,       SYS_lseek,
    SYS_close,      SYS_openat,     SYS_openat2,       SYS_mkdirat,        SYS_mknodat,
    SYS_linkat,     SYS_symlinkat,  SYS_unlinkat,      SYS_fchown,         SYS_fchownat,
    SYS_fchmod,     SYS_fchmodat,   SYS_utimensat,     SYS_fsetxattr,      SYS_fgetxattr,
    SYS_fstat,      SYS_newfstatat, SYS_ftruncate,     SYS_mmap,           SYS_munmap,
    SYS_mremap,     SYS_brk,        SYS_madvise,       SYS_mprotect,       SYS_exit,
    SYS_exit_group, SYS_futex,      SYS_rt_sigreturn,  SYS_rt_sigprocmask, SYS_getpid,
    SYS_gettid,     SYS_tgkill,     SYS_clock_gettime, SYS_getrandom,      SYS_getdents64,
    SYS_readlinkat, SYS_flistxattr, SYS_fcntl,
};

void limit(__rlimit_resource what, rlim_t most) {
  rlimit now{};
  sys::check(::getrlimit(what, &now), "getrlimit");
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
  now = {most, most};
  sys::check(::setrlimit(what, &now), "setrlimit");
}

void drop_capabilities(bool may_set_owners) {
  for (int each = 0; ::prctl(PR_CAPBSET_READ, each) >= 0; ++each)
    (void)::prctl(PR_CAPBSET_DROP, each);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2]{};
  sys::check(::syscall(SYS_capget, &header, sets), "capget");
  std::uint32_t kept = 0;
  if (may_set_owners) {
    for (const unsigned each : kKept) kept |= 1U << each;
  }
  sets[0] = {kept & sets[0].permitted, kept & sets[0].permitted, 0};
  sets[1] = {};
  sys::check(::syscall(SYS_capset, &header, sets), "capset");
}

void seal_files(int folder) {
  const int abi = sys::landlock_abi();
  if (abi < file_rights::kLeastAbi) return;  // of Linux 5.19: chroot and the filter stay
  const std::uint64_t all = file_rights::all(abi);
  constexpr int kSocketAbi = 6;
  const UniqueFd rules = sys::make_ruleset(all, abi >= kSocketAbi);
  if (folder >= 0)
    sys::grant(rules.get(), folder, all & ~(file_rights::kExecute | file_rights::kDeviceControl));
  sys::restrict_self(rules.get());
}

// The calls of kAllowed, and death for every other.
void filter_calls() {
  constexpr auto kReturn = static_cast<unsigned short>(BPF_RET | BPF_K);
  constexpr auto kLoad = static_cast<unsigned short>(BPF_LD | BPF_W | BPF_ABS);
  constexpr auto kEqual = static_cast<unsigned short>(BPF_JMP | BPF_JEQ | BPF_K);
  std::vector<sock_filter> code{
      {kLoad, 0, 0, offsetof(seccomp_data, arch)},
      {kEqual, 1, 0, MYDOCKER_AUDIT_ARCH},
      {kReturn, 0, 0, SECCOMP_RET_KILL_PROCESS},
      {kLoad, 0, 0, offsetof(seccomp_data, nr)},
  };
  for (const long call : kAllowed) {
    code.push_back({kEqual, 0, 1, static_cast<std::uint32_t>(call)});
    code.push_back({kReturn, 0, 0, SECCOMP_RET_ALLOW});
  }
  code.push_back({kReturn, 0, 0, SECCOMP_RET_KILL_PROCESS});
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  sys::check(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), "seccomp");
}

}  // namespace

void confine(int folder, std::uint64_t most_bytes) {
  const unsigned first = folder >= 0 ? static_cast<unsigned>(folder) + 1 : 3;
  sys::check(::syscall(SYS_close_range, first, ~0U, 0), "close_range");
  // zstd's and xz's windows are up to 128 MiB.
  constexpr rlim_t kMemory = 1U << 30, kFiles = 64;
  limit(RLIMIT_AS, kMemory);
  limit(RLIMIT_NOFILE, kFiles);
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, most_bytes);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that is too large is an error to be told
  ::umask(0);
  sys::check(::prctl(PR_SET_DUMPABLE, 0), "prctl");
  if (folder >= 0) {
    sys::check(::fchdir(folder), "fchdir");
    if (::geteuid() == 0) sys::check(::chroot("."), "chroot");
  }
  drop_capabilities(folder >= 0);
  sys::check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
  seal_files(folder);
  filter_calls();
}

}  // namespace mydocker::unpack
