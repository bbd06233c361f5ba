#include "runtime/pasta.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "helpers/text.hpp"
#include "mydocker/action.hpp"
#include "mydocker/error.hpp"
#include "runtime/context.hpp"
#include "sys/check.hpp"
#include "sys/executables.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker {
namespace {

constexpr std::string_view kPath = "/usr/local/bin:/usr/bin:/bin";

struct Streams {
  int network, ready, said;
};

[[noreturn]] void execute(const std::string& file, const ExecImage& image, const Streams& streams,
                          pid_t parent) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);  // pasta takes it for an error if it was ignored
  ::setsid();                  // a ^C of the terminal is the container's
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent || ::dup2(streams.network, STDIN_FILENO) < 0 ||
      ::dup2(streams.ready, STDOUT_FILENO) < 0 || ::dup2(streams.said, STDERR_FILENO) < 0)
    ::_exit(exit_status::kFailure);
  ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
  ::execve(file.c_str(), image.argv(), image.environment());
  const std::string why = errno_text(errno) + "\n";
  (void)!::write(STDERR_FILENO, why.data(), why.size());
  ::_exit(exit_status::kNotExecutable);
}

// Whether it has written that it is ready; false: it has ended.
bool await_ready(int ready) {
  char byte = 0;
  ssize_t got = 0;
  do got = ::read(ready, &byte, 1);
  while (got < 0 && errno == EINTR);
  return got > 0;
}

// "1700000000.1234: Could not ..." without the time.
std::string_view without_time(std::string_view line) {
  const auto begin = line.find_first_not_of("0123456789.");
  const bool has_time = begin != std::string_view::npos && begin > 0 && line[begin] == ':';
  return has_time ? line.substr(begin + 1) : line;
}

std::string advice(const std::string& said) {
  if (said.find("/dev/net/tun") != std::string::npos)
    return "pasta has to be able to open it: modprobe tun, and chmod 0666 /dev/net/tun";
  if (said.find("bind") != std::string::npos)
    return "somebody listens there, or it is below 1024: choose another port with -p";
  if (said.find("interface") != std::string::npos) return "this host has no default route";
  return "";
}

}  // namespace

Pasta start_pasta(const std::vector<std::string>& words, pid_t child) {
  const std::string process = std::to_string(child);
  const std::string file = sys::find_executable(words.front(), kPath).file;
  Exec exec{words, {}};
  for (auto& word : exec.argv) word = text::replaced(word, kChild, process);
  const ExecImage image(exec);
  const UniqueFd network =
      sys::check_fd(::open(("/proc/" + process + "/ns/net").c_str(), O_RDONLY | O_CLOEXEC), "open");
  std::array<int, 2> ends{};
  sys::check(::pipe2(ends.data(), O_CLOEXEC), "pipe2");
  const UniqueFd ready(ends[0]);
  UniqueFd to(ends[1]);
  Pasta out;
  out.said = sys::check_fd(::memfd_create("pasta", MFD_CLOEXEC), "memfd_create");
  const pid_t parent = ::getpid();
  sys::Cloned pasta = sys::clone_into(0, -1);
  if (pasta.pid == 0) execute(file, image, {network.get(), to.get(), out.said.get()}, parent);
  out.process = std::move(pasta.pidfd);
  to.reset();
  if (await_ready(ready.get())) return out;
  const std::string said = last_words(out);
  end_pasta(out);
  throw SetupError("network", "start pasta: " + (said.empty() ? "it ended" : said), 0,
                   advice(said));
}

std::string last_words(const Pasta& pasta) {
  constexpr std::size_t kMost = 4096;
  ::lseek(pasta.said.get(), 0, SEEK_SET);
  const std::string all = text::trimmed(sys::read_all(pasta.said.get(), kMost));
  return text::trimmed(without_time(all.substr(all.rfind('\n') + 1)));
}

void end_pasta(Pasta& pasta) {
  if (!pasta.process) return;
  sys::send_signal(pasta.process.get(), SIGKILL);
  sys::see_the_end_of(pasta.process.get());
  pasta.process.reset();
}

}  // namespace mydocker
