#include "life/ending.hpp"

#include <poll.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "helpers/numbers.hpp"
#include "helpers/text.hpp"
#include "life/freezing.hpp"
#include "mydocker/error.hpp"
#include "sys/check.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker::life {
namespace {

using std::chrono::milliseconds;

bool ends_processes(int signal) {
  return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
}

pid_t parent_of(pid_t pid) {
  const auto status = sys::try_read_file("/proc/" + std::to_string(pid) + "/status");
  for (const auto line : text::split(status.value_or(""), '\n')) {
    const auto words = text::words(line);
    if (words.size() != 2 || words[0] != "PPid:") continue;
    return static_cast<pid_t>(numbers::parse(words[1], INT32_MAX).value_or(0));
  }
  return 0;
}

// The MyDocker that holds the container's record; empty if PID 1 has ended meanwhile.
UniqueFd open_supervisor(const Container& container, int init) {
  const pid_t parent = parent_of(container.pid);
  UniqueFd out = sys::open_process(parent);
  // It reaps PID 1: while that is not over, its parent is the one that was meant.
  const bool is_meant = out && !sys::has_ended(init) && parent_of(container.pid) == parent;
  return is_meant ? std::move(out) : UniqueFd();
}

bool ends_within(int init, std::optional<milliseconds> most) {
  pollfd ended{init, POLLIN, 0};
  const int timeout = most ? static_cast<int>(most->count()) : -1;
  int ready = 0;
  while ((ready = ::poll(&ended, 1, timeout)) < 0 && errno == EINTR) continue;
  return ready > 0;
}

}  // namespace

Container find_begun(const Places& places, const std::string& id) {
  constexpr timespec kShort{0, 10000000};
  for (;;) {
    Container out = find(places, id);
    if (out.status != Status::creating || out.kind == Kind::oci) return out;
    (void)::nanosleep(&kShort, nullptr);
  }
}

bool send(const Places& places, const Container& container, int signal) {
  const UniqueFd init = open_init(places, container);
  if (!init) return false;
  if (container.kind == Kind::classic && ends_processes(signal)) {
    const UniqueFd supervisor = open_supervisor(container, init.get());
    return supervisor && sys::send_signal(supervisor.get(), signal);
  }
  return sys::send_signal(init.get(), signal);
}

bool await_end(const Places& places, const Container& container, std::optional<milliseconds> most) {
  const UniqueFd init = open_init(places, container);
  if (init && !ends_within(init.get(), most)) return false;
  if (container.kept) container.kept->await_orphan();
  return true;
}

void stop(const Places& places, const Container& container, int signal, milliseconds patience) {
  if (container.status == Status::ended || !send(places, container, signal)) return;
  thaw(container);  // a frozen process takes no signal
  if (await_end(places, container, patience)) return;
  (void)send(places, container, SIGKILL);
  thaw(container);
  constexpr milliseconds kLast{10000};
  if (!await_end(places, container, kLast))
    throw SetupError("life", "end the container " + text::quoted(container.id), ETIMEDOUT,
                     "a process that waits for a disk or a network file system cannot be killed");
}

}  // namespace mydocker::life
