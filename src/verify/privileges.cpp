// Rows of capabilities, ids, and what a process may ask for itself.
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/prctl.h>
#include <sys/resource.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

// What an ordinary program of a distribution may need over files and ids that are its container's
// own.
constexpr long kOrdinary[] = {CAP_CHOWN,   CAP_DAC_OVERRIDE,     CAP_FOWNER,     CAP_FSETID,
                              CAP_KILL,    CAP_SETGID,           CAP_SETUID,     CAP_SETPCAP,
                              CAP_SETFCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_AUDIT_WRITE};
constexpr long kMost = 63;

bool is_ordinary(long capability) {
  for (const long each : kOrdinary) {
    if (each == capability) return true;
  }
  return false;
}

template <class Holds>
Answer none_from(long first, Holds holds) {
  Text<160> found;
  for (long capability = first; capability <= kMost; ++capability) {
    if (!is_ordinary(capability) && holds(capability)) found.item("").add(capability);
  }
  return found.empty() ? blocked("none")
                       : open(Text<160>().add("numbers ").add(found.view()).view());
}

bool is_bounding(long capability) { return call(__NR_prctl, PR_CAPBSET_READ, capability) == 1; }

}  // namespace

Answer try_bounding(const Row&) { return none_from(0, is_bounding); }

Answer try_newer_capabilities(const Row&) {
  constexpr long kFirstNewer = CAP_PERFMON;
  return none_from(kFirstNewer, is_bounding);
}

Answer try_effective(const Row&) {
  const std::uint64_t effective = hexadecimal(own_status("CapEff"));
  return none_from(0, [effective](long capability) { return (effective >> capability & 1) != 0; });
}

Answer try_host_root(const Row&) {
  char map[512] = {};
  const long size = read_file("/proc/self/uid_map", map, sizeof map - 1);
  if (size <= 0) return untried("no /proc/self/uid_map");
  for (std::string_view rest(map, static_cast<std::size_t>(size)); !rest.empty();) {
    std::string_view line = take(rest, '\n');
    std::string_view fields[3];
    for (auto& field : fields) {
      while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
      field = take(line, ' ');
    }
    if (fields[1] == "0") return open("uid 0 of the host has a number here");
  }
  return blocked("not in uid_map");
}

Answer try_priority(const Row&) {
  constexpr long kHighest = -20;
  const long answer = call(__NR_setpriority, PRIO_PROCESS, 0, kHighest);
  return answer == 0 ? open("nice -20") : blocked(error_name(answer));
}

Answer try_real_time(const Row&) {
  constexpr long kFifo = 1;
  const int priority = 1;
  const long answer = call(__NR_sched_setscheduler, 0, kFifo, address(&priority));
  return answer == 0 ? open("SCHED_FIFO") : blocked(error_name(answer));
}

Answer try_oom_score(const Row&) {
  const long fd = open_file("/proc/self/oom_score_adj", O_WRONLY);
  if (fd < 0) return blocked(error_name(fd));
  constexpr std::string_view kNever = "-1000";
  const long answer = call(__NR_write, fd, address(kNever.data()), kNever.size());
  return answer > 0 ? open("never killed when memory runs out") : blocked(error_name(answer));
}

Answer try_limit(const Row&) {
  rlimit limit{};
  call(__NR_prlimit64, 0, RLIMIT_NOFILE, 0, address(&limit));
  ++limit.rlim_max;
  const long answer = call(__NR_prlimit64, 0, RLIMIT_NOFILE, address(&limit), 0);
  return answer == 0 ? open("RLIMIT_NOFILE raised by 1") : blocked(error_name(answer));
}

}  // namespace mydocker::verify
