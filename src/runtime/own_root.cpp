#include "runtime/own_root.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "helpers/id_maps.hpp"
#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "mydocker/error.hpp"
#include "mydocker/unique_fd.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/own_ids.hpp"
#include "sys/processes.hpp"
#include "sys/removing.hpp"
#include "sys/user_namespaces.hpp"

namespace mydocker {
namespace {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    sys::check(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
    from.reset(ends[0]);
    to.reset(ends[1]);
  }
  UniqueFd from, to;
};

// An error on its way through the pipe: its parts, with a zero byte between them.
std::string in_bytes(const SetupError& error) {
  const std::string zero(1, '\0');
  return error.stage() + zero + error.doing() + zero + std::to_string(error.code().value()) + zero +
         error.hint() + zero + std::to_string(error.status());
}

[[noreturn]] void throw_again(const std::string& bytes) {
  const auto parts = text::split(bytes, '\0');
  if (parts.size() != 5) throw UsageError(bytes);
  const auto number = [](std::string_view word) {
    return static_cast<int>(numbers::parse(word, INT32_MAX).value_or(0));
  };
  throw SetupError(std::string(parts[0]), std::string(parts[1]), number(parts[2]),
                   std::string(parts[3]), number(parts[4]));
}

[[noreturn]] void serve(const std::function<int()>& work, Pipe& go, Pipe& said) noexcept {
  go.to.reset();
  said.from.reset();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  char byte = 0;
  if (::read(go.from.get(), &byte, 1) != 1) ::_exit(exit_status::kFailure);
  std::string bytes;
  try {
    ::_exit(work());
  } catch (const UsageError& error) {
    bytes = error.what();
  } catch (const std::system_error& error) {
    bytes = in_bytes(as_setup_error(error));
  } catch (const std::exception& error) {
    bytes = in_bytes(SetupError("runtime", error.what(), 0, ""));
  }
  (void)!::write(said.to.get(), bytes.data(), bytes.size());
  ::_exit(exit_status::kFailure);
}

void map(pid_t child, const sys::OwnIds& ids) {
  if (!ids.are_several()) {
    const std::string folder = "/proc/" + std::to_string(child);
    sys::write_file(folder + "/setgroups", "deny");
    sys::write_file(folder + "/uid_map", id_map_text(ids.uids));
    sys::write_file(folder + "/gid_map", id_map_text(ids.gids));
    return;
  }
  sys::map_by_program("newuidmap", child, ids.uids);
  sys::map_by_program("newgidmap", child, ids.gids);
}

int in_own_namespace(const sys::OwnIds& ids, const std::function<int()>& work) {
  Pipe go, said;
  sys::Cloned child = sys::clone_into(CLONE_NEWUSER, -1);
  if (child.pid == 0) serve(work, go, said);
  said.to.reset();
  try {
    map(child.pid, ids);
  } catch (const std::system_error&) {
    go.to.reset();  // it ends
    (void)sys::wait_for(child.pidfd.get());
    throw;
  }
  sys::write_all(go.to.get(), "g");
  constexpr std::size_t kMost = 1U << 16;
  const std::string bytes = sys::read_all(said.from.get(), kMost);
  const int status = sys::status_of(sys::wait_for(child.pidfd.get()));
  if (!bytes.empty()) throw_again(bytes);
  return status;
}

}  // namespace

int as_own_root(const std::function<int()>& work, OneId one) {
  if (::geteuid() == 0) return work();
  const sys::OwnIds ids = sys::own_ids();
  if (!ids.are_several() && one == OneId::stays) return work();
  try {
    return in_own_namespace(ids, work);
  } catch (const SetupError&) {
    throw;
  } catch (const std::system_error& error) {
    throw SetupError("runtime", "become root of a user namespace", error.code().value(),
                     "'MyDocker doctor' says what this host allows, and what to do");
  }
}

bool remove_own_tree(const std::string& path) {
  if (sys::remove_tree(path)) return true;
  if (::geteuid() == 0) return false;
  try {
    return as_own_root([&] { return sys::remove_tree(path) ? 0 : 1; }) == 0;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace mydocker
