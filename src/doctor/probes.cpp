#include "doctor/probes.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "helpers/text.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/mounts.hpp"
#include "sys/processes.hpp"

namespace mydocker::doctor {
namespace {

// A child in new namespaces that waits for the end of a pipe; gone with this object.
class WaitingChild {
 public:
  explicit WaitingChild(std::uint64_t namespaces) {
    int ends[2];
    sys::check(::pipe2(ends, O_CLOEXEC), "pipe2");
    UniqueFd read_end(ends[0]);
    write_end_.reset(ends[1]);
    child_ = sys::clone_into(namespaces, -1);
    if (child_.pid != 0) return;
    write_end_.reset();
    char nothing = 0;
    while (::read(read_end.get(), &nothing, 1) < 0 && errno == EINTR) {
    }
    ::_exit(0);
  }
  ~WaitingChild() {
    write_end_.reset();
    (void)sys::wait_for(child_.pidfd.get());
  }
  WaitingChild(const WaitingChild&) = delete;
  WaitingChild& operator=(const WaitingChild&) = delete;
  [[nodiscard]] std::string folder() const { return "/proc/" + std::to_string(child_.pid); }

 private:
  UniqueFd write_end_;
  sys::Cloned child_;
};

template <class Trial>
Error error_of(Trial trial) {
  try {
    trial();
    return 0;
  } catch (const std::system_error& error) {
    return error.code().value();
  }
}

}  // namespace

Error try_user_namespace() {
  return error_of([] { WaitingChild child(CLONE_NEWUSER); });
}

Error try_namespaces(OwnUser user) {
  return error_of([user] {
    WaitingChild child((user == OwnUser::too ? CLONE_NEWUSER : 0) | CLONE_NEWPID | CLONE_NEWNS |
                       CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP);
  });
}

Error try_id_mapped_mount(const std::string& folder) {
  return error_of([&] {
    const WaitingChild child(CLONE_NEWUSER);
    sys::write_file(child.folder() + "/uid_map", "0 100000 65536\n");
    sys::write_file(child.folder() + "/gid_map", "0 100000 65536\n");
    const UniqueFd user =
        sys::check_fd(::open((child.folder() + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC), "open");
    const UniqueFd tree = sys::copy_tree(AT_FDCWD, folder.c_str(), false);
    const sys::MountChange mapped{.recursive = true, .user_namespace = user.get()};
    if (!sys::change_mount(tree.get(), mapped)) sys::fail(EINVAL, "mount_setattr");
  });
}

bool has_seccomp() {
  std::uint32_t action = SECCOMP_RET_ERRNO;
  return ::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

Error try_legacy_netfilter() {
  return error_of([] {
    const UniqueFd socket =
        sys::check_fd(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), "socket");
    ipt_getinfo info{};
    std::memcpy(info.name, "filter", sizeof "filter");
    socklen_t size = sizeof info;
    sys::check(::getsockopt(socket.get(), SOL_IP, IPT_SO_GET_INFO, &info, &size), "getsockopt");
  });
}

Error try_nf_tables() {
  return error_of([] {
    const UniqueFd socket =
        sys::check_fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), "socket");
    struct {
      nlmsghdr header;
      nfgenmsg message;
    } request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type =
        static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETGEN);
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.message.version = NFNETLINK_V0;
    sys::check(::send(socket.get(), &request, sizeof request, 0), "send");
    alignas(nlmsghdr) char answer[512];
    const auto got = sys::check(::recv(socket.get(), answer, sizeof answer, 0), "recv");
    const auto* const header = reinterpret_cast<const nlmsghdr*>(answer);
    if (static_cast<std::size_t>(got) < sizeof(nlmsghdr) + sizeof(nlmsgerr) ||
        header->nlmsg_type != NLMSG_ERROR)
      return;
    const auto* const error = reinterpret_cast<const nlmsgerr*>(answer + NLMSG_HDRLEN);
    if (error->error != 0) sys::fail(-error->error, "recv");
  });
}

std::string masked_proc(std::string_view mountinfo) {
  // Empty folders that the kernel makes to be mounted upon; they hide nothing.
  constexpr std::string_view kHarmless[] = {"/proc/sys/fs/binfmt_misc", "/proc/fs/nfsd"};
  for (const auto line : text::split(mountinfo, '\n')) {
    const auto fields = text::words(line);
    if (fields.size() < 5 || !fields[4].starts_with("/proc/")) continue;
    if (fields[4] != kHarmless[0] && fields[4] != kHarmless[1]) return std::string(fields[4]);
  }
  return {};
}

}  // namespace mydocker::doctor
