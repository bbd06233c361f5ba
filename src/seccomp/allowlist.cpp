// The tables become a profile; and the calls whose answer depends on their arguments.
#include "seccomp/allowlist.hpp"

#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>

#include "seccomp/architectures.hpp"
#include "seccomp/rules.hpp"

namespace mydocker::seccomp {
namespace {

constexpr std::string_view kConditional[] = {"clone", "unshare",    "socket",     "socketpair",
                                             "ioctl", "modify_ldt", "personality"};

constexpr std::uint32_t kNewNamespaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |
                                         CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
// Of unshare only: in clone's flags the signal of the end lies there.
constexpr std::uint32_t kNewTime = CLONE_NEWTIME;

constexpr std::uint32_t kTiocLinux = 0x541C;
constexpr std::uint32_t kUname26 = 0x0020000, kAsk = 0xFFFFFFFF;

class Rules {
 public:
  explicit Rules(const Freedoms& freedoms) : freedoms_(freedoms) {}

  SeccompProfile profile() {
    out_.default_error = ENOSYS;
    if (!freedoms_.set_ids) out_.rules = set_id_rules();
    if (freedoms_.abi32) out_.architectures = small_architectures();
    namespaces();
    sockets();
    others();
    tables();
    return std::move(out_);
  }

 private:
  [[nodiscard]] bool may(int capability) const {
    return (freedoms_.capabilities >> capability & 1) != 0;
  }
  void add(SeccompRule rule) { out_.rules.push_back(std::move(rule)); }

  void namespaces() {
    const bool is_free = may(CAP_SYS_ADMIN);
    if (!is_free) {
      add(allow("clone", {lacks(0, kNewNamespaces)}));
      add(allow("unshare", {lacks(0, kNewNamespaces | kNewTime)}));
    }
    // A new user namespace gives every capability back, over itself.
    for (const auto* const call : {"clone", "unshare"}) add(is_free ? allow(call) : refuse(call));
  }

  void sockets() {
    for (const auto family : {AF_UNIX, AF_INET, AF_INET6})
      add(allow("socket", {is(0, static_cast<std::uint32_t>(family))}));
    netlink();
    add(may(CAP_NET_RAW) ? allow("socket", {is(0, AF_PACKET)})
                         : refuse("socket", {is(0, AF_PACKET)}));
    // As if the kernel had no other: most holes of the last years were in them.
    add(refuse("socket", {}, EAFNOSUPPORT));
    add(allow("socketpair", {is(0, AF_UNIX)}));
    add(refuse("socketpair", {}, EAFNOSUPPORT));
  }

  // What asks for addresses, routes, sockets and devices; a firewall with the right to have one.
  void netlink() {
    std::vector<std::uint32_t> protocols{NETLINK_ROUTE, NETLINK_SOCK_DIAG, NETLINK_KOBJECT_UEVENT,
                                         NETLINK_GENERIC};
    if (may(CAP_NET_ADMIN)) protocols.insert(protocols.end(), {NETLINK_XFRM, NETLINK_NETFILTER});
    const bool audits = may(CAP_AUDIT_WRITE) || may(CAP_AUDIT_CONTROL);
    if (audits) protocols.push_back(NETLINK_AUDIT);
    for (const auto protocol : protocols)
      add(allow("socket", {is(0, AF_NETLINK), is(2, protocol)}));
    // useradd, su and their like go on without an audit for this answer alone.
    if (!audits) add(refuse("socket", {is(0, AF_NETLINK), is(2, NETLINK_AUDIT)}, EINVAL));
    add(refuse("socket", {is(0, AF_NETLINK)}));
  }

  void others() {
    // Types into a terminal; pastes into one of the host's; line disciplines are code of the
    // kernel's that nobody has looked at for long.
    for (const std::uint32_t request :
         {std::uint32_t{TIOCSTI}, kTiocLinux, std::uint32_t{TIOCSETD}})
      add(refuse("ioctl", {is(1, request)}));
    add(allow("ioctl"));
    // What switches the protections of memory off is in none of these.
    for (const std::uint32_t persona : {std::uint32_t{PER_LINUX}, std::uint32_t{PER_LINUX32},
                                        kUname26, kUname26 | PER_LINUX32, kAsk})
      add(allow("personality", {is(0, persona)}));
    add(refuse("personality"));
    // Segments of 16 and 32 bits.
    add(freedoms_.abi32 ? allow("modify_ldt") : refuse("modify_ldt"));
  }

  void tables() {
    SeccompRule allowed{{}, SeccompAction::allow, {}, {}};
    for (const auto calls : {allowed_files(), allowed_processes()}) {
      for (const auto& call : calls) allowed.names.emplace_back(call.name);
    }
    SeccompRule refused{{}, SeccompAction::error, EPERM, {}}, hidden = refused;
    hidden.error = ENOSYS;
    for (const auto& call : refused_calls()) {
      const bool is_lifted = (call.lifted_by & freedoms_.capabilities) != 0;
      auto& rule = is_lifted ? allowed : call.error == EPERM ? refused : hidden;
      rule.names.emplace_back(call.name);
    }
    for (auto* const rule : {&allowed, &refused, &hidden}) add(std::move(*rule));
  }

  const Freedoms& freedoms_;
  SeccompProfile out_;
};

}  // namespace

std::span<const std::string_view> conditional_calls() { return kConditional; }

SeccompProfile allowlist_profile(const Freedoms& freedoms) { return Rules(freedoms).profile(); }

std::uint64_t lifting(std::uint64_t capabilities) {
  std::uint64_t known = 0;
  for (const int capability : {CAP_NET_RAW, CAP_NET_ADMIN, CAP_AUDIT_WRITE, CAP_AUDIT_CONTROL})
    known |= std::uint64_t{1} << capability;
  for (const auto& call : refused_calls()) known |= call.lifted_by;
  return known & capabilities;
}

}  // namespace mydocker::seccomp
