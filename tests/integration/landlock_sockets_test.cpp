// F9, CVE-2020-15257: behind the seal of a shared network no abstract socket of others is reached.
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "helpers/file_rights.hpp"
#include "support/host.hpp"
#include "sys/landlock.hpp"

namespace mydocker::test {
namespace {

struct Address {
  sockaddr_un value{};
  socklen_t size = 0;
};

Address abstract_address(const std::string& name) {
  Address out;
  out.value.sun_family = AF_UNIX;
  std::memcpy(out.value.sun_path + 1, name.data(), name.size());
  out.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return out;
}

UniqueFd listening(const Address& address) {
  UniqueFd out(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* const where = reinterpret_cast<const sockaddr*>(&address.value);
  if (::bind(out.get(), where, address.size) < 0 || ::listen(out.get(), 1) < 0) out.reset();
  return out;
}

int error_of_connecting(const Address& address) {
  const UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* const where = reinterpret_cast<const sockaddr*>(&address.value);
  return ::connect(socket.get(), where, address.size) == 0 ? 0 : errno;
}

// What a sealed child gets from connecting to the host's socket, and to one of its own.
int outcome_behind_seal(bool shuts, const Address& hosts, const Address& own) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const UniqueFd ruleset = sys::make_ruleset(file_rights::all(5), shuts);
    sys::restrict_self(ruleset.get());
    const UniqueFd mine = listening(own);
    ::_exit(error_of_connecting(own) != 0 ? 255 : error_of_connecting(hosts));
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Seal, ShutsAbstractSocketsOfOthers) {
  constexpr int kSocketAbi = 6;
  if (sys::landlock_abi() < kSocketAbi)
    GTEST_SKIP() << "this kernel's Landlock knows no abstract sockets (Linux 6.12)";
  const Address hosts = abstract_address(unique_id("hosts")),
                own = abstract_address(unique_id("own"));
  const UniqueFd socket = listening(hosts);
  ASSERT_TRUE(socket);
  EXPECT_EQ(outcome_behind_seal(false, hosts, own), 0);
  EXPECT_EQ(outcome_behind_seal(true, hosts, own), EPERM);
}

}  // namespace
}  // namespace mydocker::test
