// Rows of the network. Nothing is sent: connecting a datagram socket only asks for a route.
#include <fcntl.h>
#include <linux/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>

#include "verify/attempts.hpp"
#include "verify/kernel.hpp"

namespace mydocker::verify {
namespace {

long connect_to(std::uint32_t host, long port, long type) {
  const long fd = call(__NR_socket, AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd < 0) return fd;
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = static_cast<std::uint16_t>((port & 0xFF) << 8 | port >> 8);
  to.sin_addr.s_addr = __builtin_bswap32(host);
  return call(__NR_connect, fd, address(&to), sizeof to);
}

// The first gateway of /proc/net/route, as the kernel writes it; 0 if there is none.
std::uint32_t gateway() {
  char text[2048] = {};
  const long size = read_file("/proc/net/route", text, sizeof text - 1);
  std::string_view rest(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  (void)take(rest, '\n');
  while (!rest.empty()) {
    std::string_view line = take(rest, '\n');
    (void)take(line, '\t');
    const bool is_default = hexadecimal(take(line, '\t')) == 0;
    const auto address_there = static_cast<std::uint32_t>(hexadecimal(take(line, '\t')));
    if (is_default && address_there != 0) return __builtin_bswap32(address_there);
  }
  return 0;
}

}  // namespace

Answer try_abstract_socket(const Row&) {
  const long fd = call(__NR_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return blocked(error_name(fd));
  constexpr std::string_view kName = "mydocker-verify";
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  for (std::size_t i = 0; i < kName.size(); ++i) to.sun_path[i + 1] = kName[i];
  const long answer = call(__NR_connect, fd, address(&to),
                           static_cast<long>(offsetof(sockaddr_un, sun_path) + 1 + kName.size()));
  return answer == 0 ? open("a socket of the host answers") : blocked(error_name(answer));
}

Answer try_host_loopback(const Row&) {
  constexpr std::uint32_t kLoopback = 0x7F000001;
  const long port = known().port;
  if (port == 0) return absent("nobody said which port the host listens at");
  if (connect_to(kLoopback, port, SOCK_STREAM) == 0) return open("127.0.0.1 is the host's");
  const std::uint32_t next = gateway();
  if (next == 0) return blocked("no route to anywhere");
  const long answer = connect_to(next, port, SOCK_STREAM);
  return answer == 0 ? open("through the gateway") : blocked(error_name(answer));
}

Answer try_metadata(const Row&) {
  constexpr std::uint32_t kMetadata = 0xA9FEA9FE;  // 169.254.169.254
  const long answer = connect_to(kMetadata, 80, SOCK_DGRAM);
  return answer == 0 ? open("there is a route") : blocked(error_name(answer));
}

Answer try_ipv6(const Row&) {
  char text[1024] = {};
  const long size = read_file("/proc/net/if_inet6", text, sizeof text - 1);
  if (size == -ENOENT) return absent("ENOENT");
  for (std::string_view rest(text, size > 0 ? static_cast<std::size_t>(size) : 0); !rest.empty();) {
    const std::string_view line = take(rest, '\n');
    if (!begins_with(line, "00000000000000000000000000000001"))
      return open(piece(line, 0, line.size() < 32 ? line.size() : 32));
  }
  return blocked("none but ::1");
}

}  // namespace mydocker::verify
