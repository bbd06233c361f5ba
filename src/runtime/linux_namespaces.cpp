// LinuxExecutor: namespaces that are joined, names, network.
#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "runtime/linux_executor.hpp"
#include "sys/check.hpp"
#include "sys/netlink.hpp"
#include "sys/user_namespaces.hpp"

namespace mydocker {

void LinuxExecutor::act(const OpenNamespace& action) {
  UniqueFd fd = sys::check_fd(::open(action.path.c_str(), O_RDONLY | O_CLOEXEC), "open");
  // Any other kind, or no namespace at all, is a mistake that setns would tell late and badly.
  constexpr unsigned long kKindOfNamespace = 0xb703;  // NS_GET_NSTYPE, see ioctl_ns(2)
  const int kind = ::ioctl(fd.get(), kKindOfNamespace);
  if (kind < 0 || static_cast<std::uint64_t>(kind) != action.type) sys::fail(EINVAL, "ioctl_ns");
  context_.namespaces.push_back({action.type, std::move(fd)});
}

void LinuxExecutor::act(const MapIds& action) {
  sys::map_by_program(action.program, context_.child, action.ranges);
}

void LinuxExecutor::act(const JoinNamespaces& action) {
  for (const auto& opened : context_.namespaces) {
    if ((opened.type & action.types) != 0)
      sys::check(::syscall(SYS_setns, opened.fd.get(), opened.type), "setns");
  }
}

void LinuxExecutor::act(const Unshare& action) {
  sys::check(::syscall(SYS_unshare, action.flags), "unshare");
}

void LinuxExecutor::act(const SetHostname& action) {
  sys::check(::sethostname(action.name.data(), action.name.size()), "sethostname");
}

void LinuxExecutor::act(const SetDomainname& action) {
  sys::check(::setdomainname(action.name.data(), action.name.size()), "setdomainname");
}

void LinuxExecutor::act(const RaiseLoopback&) {
  const UniqueFd socket = sys::check_fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket");
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  sys::check(::ioctl(socket.get(), SIOCSIFFLAGS, &request), "ioctl(SIOCSIFFLAGS)");
}

void LinuxExecutor::act(const MoveNetworkDevice& action) {
  const std::string path = "/proc/" + std::to_string(context_.child) + "/ns/net";
  const UniqueFd network = sys::check_fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open");
  sys::move_link(action.name, network.get(), action.name_inside);
}

}  // namespace mydocker
