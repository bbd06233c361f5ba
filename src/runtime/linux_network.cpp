// LinuxExecutor: the container's way to others.
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <ctime>

#include "helpers/addresses.hpp"
#include "helpers/firewall_text.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "runtime/cni_plugins.hpp"
#include "runtime/linux_executor.hpp"
#include "runtime/network_sweep.hpp"
#include "runtime/pasta.hpp"
#include "runtime/shared_uses.hpp"
#include "sys/check.hpp"
#include "sys/conntrack.hpp"
#include "sys/files.hpp"
#include "sys/firewall.hpp"
#include "sys/links.hpp"
#include "sys/mounts.hpp"

namespace mydocker {
namespace {

// A link that exists: a name like this is ours alone, so it belongs to an earlier container of this
// id whose network the kernel has not taken apart yet.
void remove_old_link(const sys::NetlinkSocket& socket, const std::string& name) {
  if (!name.starts_with("myd")) return;
  ifinfomsg link{};
  link.ifi_index = static_cast<int>(socket.index_of(name));
  if (link.ifi_index != 0) (void)socket.attempt({RTM_DELLINK, 0, link});
}

// The addresses of a network that a container can have: not the network's own, the host's, nor the
// one for all.
constexpr std::uint32_t kFirstOfContainers = 2;

union SocketAddress {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

SocketAddress socket_address(const PublishedPort& port, socklen_t& size) {
  SocketAddress out{};
  if (port.address.family == AF_INET6) {
    size = sizeof out.v6;
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(port.host);
    std::memcpy(&out.v6.sin6_addr, port.address.bytes.data(), sizeof out.v6.sin6_addr);
  } else {
    size = sizeof out.v4;
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(port.host);
    std::memcpy(&out.v4.sin_addr, port.address.bytes.data(), sizeof out.v4.sin_addr);
  }
  return out;
}

// The child was born with the ports, and lets go of them when it first runs. One that died has.
void await_free_ports(const SharedPage& page) {
  constexpr int kTries = 10000;
  for (int tries = 0; page.ports_are_free == 0 && tries < kTries; ++tries) {
    constexpr timespec kPause{0, 200000};
    ::nanosleep(&kPause, nullptr);
  }
}

}  // namespace

void LinuxExecutor::act(const Netlink& action) {
  const sys::NetlinkSocket socket =
      action.of == NetworkOf::host ? sys::NetlinkSocket() : sys::NetlinkSocket::of(context_.child);
  const netlink::Message message =
      sys::message_for(socket, action.request,
                       {.network = static_cast<std::uint32_t>(context_.child),
                        .own = context_.addresses.v4,
                        .own6 = context_.addresses.v6});
  if (const auto* const pair = std::get_if<AddVethPair>(&action.request)) {
    if (socket.attempt(message) == 0) return;
    remove_old_link(socket, pair->name);
  }
  if (std::holds_alternative<WithoutIpv6>(action.request)) {
    // A kernel without IPv6 makes no such address either.
    if (const int error = socket.attempt(message); error == 0 || error == EAFNOSUPPORT) return;
  }
  socket.perform(message);
}

void LinuxExecutor::act(const TakeAddress& action) {
  const sys::NetlinkSocket socket;
  const std::uint32_t link = sys::require_index(socket, action.link);
  const int family = action.subnet.address.family;
  for (std::uint32_t i = kFirstOfContainers; i <= addresses::last_host(action.subnet); ++i) {
    const IpAddress address = addresses::nth(action.subnet, i);
    const AddRoute route{action.link, addresses::alone(address), std::nullopt};
    const int error = socket.attempt(netlink::message_of(route, {link, 0, address, address}));
    if (error == EEXIST) continue;
    if (error != 0) sys::fail(error, "netlink");
    context_.addresses.of(family) = context_.page->addresses.of(family) = address;
    return;
  }
  sys::fail(EADDRNOTAVAIL, "netlink");
}

void LinuxExecutor::act(const HoldSetting& action) {
  SharedUses uses(action.use.folder);
  const std::string what = setting_use(action.path);
  const std::string file = setting_file(action.path);
  std::string before = uses.words_of(what);
  if (before.empty()) {
    before = text::trimmed(sys::read_file(file));
    if (before == action.value) return;
    if (!action.said.empty())
      context_.warnings.push_back(action.said + " until the last container that needs it ends");
  }
  uses.add({what, action.use.id, before});
  sys::write_file(file, action.value);
}

void LinuxExecutor::act(const ReleaseSetting& action) {
  SharedUses uses(action.use.folder);
  take_back_setting(uses, action.path, action.use.id);
}

void LinuxExecutor::act(const StartFirewall& action) {
  context_.firewall.emplace(action.firewall);
  context_.has_helpers = true;
}

// The line first: what is about to be made has to be known to who sweeps. He waits for the lock,
// which the program holds until it is done, whatever happens to MyDocker meanwhile.
void LinuxExecutor::act(const AddRules& action) {
  const bool is_inside = firewall::are_inside(action.shared);
  const pid_t process = is_inside ? context_.child : 0;
  const IpAddress own = context_.addresses.of(action.family);
  const sys::FirewallWork work{own, action.use.id, process, action.shared, action.own};
  if (is_inside) {
    context_.firewall->add_rules(work, -1);
    context_.network = sys::check_fd(
        ::open(("/proc/" + std::to_string(process) + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC),
        "open");
    return;
  }
  SharedUses uses(action.use.folder);
  uses.add({rules_use(action.firewall, action.family), action.use.id, addresses::text(own)});
  context_.firewall->add_rules(work, uses.lock());
}

void LinuxExecutor::act(const AwaitRules&) {
  context_.firewall->await();
  context_.firewall.reset();
}

void LinuxExecutor::act(const RemoveRules& action) {
  context_.firewall.reset();  // set-up failed: what is asked for already is done under the lock
  SharedUses uses(action.use.folder);
  take_back_rules(uses, action.firewall, action.family, action.use.id);
}

// Bound and listened at, so that nobody else can have it; what comes for it is led on before it
// reaches this socket.
void LinuxExecutor::act(const HoldPort& action) {
  const PublishedPort& port = action.port;
  const bool is_tcp = port.transport == Transport::tcp;
  UniqueFd held = sys::check_fd(
      ::socket(port.address.family, (is_tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0),
      "socket");
  constexpr int kOn = 1;
  // Of connections that are over, a while of waiting is left: it keeps nobody from listening.
  if (is_tcp) (void)::setsockopt(held.get(), SOL_SOCKET, SO_REUSEADDR, &kOn, sizeof kOn);
  if (port.address.family == AF_INET6)
    (void)::setsockopt(held.get(), IPPROTO_IPV6, IPV6_V6ONLY, &kOn, sizeof kOn);
  socklen_t size = 0;
  const SocketAddress address = socket_address(port, size);
  sys::check(::bind(held.get(), &address.any, size), "bind");
  if (is_tcp) sys::check(::listen(held.get(), 0), "listen");
  context_.ports.push_back(std::move(held));
}

void LinuxExecutor::act(const ForgetConnections& action) {
  for (const int family : {AF_INET, AF_INET6}) {
    const IpAddress& own = context_.addresses.of(family);
    if (!addresses::is_own(own)) sys::forget_connections(own, action.ports);
  }
}

void LinuxExecutor::act(const StartPasta& action) {
  context_.addresses.v4 = context_.page->addresses.v4 = action.address;
  context_.ports.clear();
  await_free_ports(*context_.page);
  context_.pasta = start_pasta(action.words, context_.child);
}

void LinuxExecutor::act(const OpenCni& action) {
  context_.cni = open_cni(action.use, action.network, context_.child);
}

void LinuxExecutor::act(const AddByPlugin& action) {
  const cni::Result result =
      add_by_plugin(action.plugin, action.use.folder, context_.cni, context_.record.get());
  SharedPage& page = *context_.page;
  page.addresses = {};
  for (const auto& address : result.addresses) {
    IpAddress& own = page.addresses.of(address.family);
    if (addresses::is_own(own)) own = address;
  }
  context_.addresses = page.addresses;
  page.resolvers.fill('\0');
  if (result.resolv_conf.size() < page.resolvers.size())
    result.resolv_conf.copy(page.resolvers.data(), result.resolv_conf.size());
}

void LinuxExecutor::act(const CloseCni& action) {
  try {
    close_cni(action.use, context_.record.get());
  } catch (const SetupError& error) {
    context_.warnings.push_back(error.doing() + "; the next start tries again");
    throw;
  }
}

void LinuxExecutor::act(const EndPasta&) { end_pasta(context_.pasta); }

}  // namespace mydocker
