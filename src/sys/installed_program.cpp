#include "sys/installed_program.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <iterator>

#include "helpers/file_rights.hpp"
#include "helpers/text.hpp"
#include "sys/capabilities.hpp"
#include "sys/check.hpp"
#include "sys/executables.hpp"
#include "sys/files.hpp"
#include "sys/landlock.hpp"

namespace mydocker::sys {
namespace {

constexpr std::string_view kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Root has after execve what the bounding set leaves: what sets owners, modes and file capabilities, and
// makes device nodes.
void keep_file_capabilities() {
  constexpr int kKept[] = {CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                           CAP_FSETID, CAP_SETFCAP,      CAP_MKNOD};
  std::vector<int> others;
  for (int each = 0; each <= last_capability(); ++each) {
    if (std::find(std::begin(kKept), std::end(kKept), each) == std::end(kKept))
      others.push_back(each);
  }
  drop_bounding(others);
}

// It reads and runs what it likes, and writes below `folder` alone, as far as the kernel can see to it.
void keep_to(int folder) {
  if (has_capability(CAP_SETPCAP)) keep_file_capabilities();
  const int abi = landlock_abi();
  if (abi < file_rights::kLeastAbi) return;
  const std::uint64_t all = file_rights::all(abi);
  const UniqueFd rules = make_ruleset(all, false);
  const auto allow = [&](const char* path, std::uint64_t rights) {
    const UniqueFd place(::open(path, O_PATH | O_CLOEXEC));
    if (place) grant_at(rules.get(), place.get(), rights);
  };
  allow("/", file_rights::kExecute | file_rights::kReadFile | file_rights::kReadFolder);
  allow("/dev/null", file_rights::kReadFile | file_rights::kWriteFile);
  grant(rules.get(), folder, all & ~(file_rights::kExecute | file_rights::kDeviceControl));
  check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
  restrict_self(rules.get());
}

[[noreturn]] void become(const std::string& file, char* const* argv, const Leave& leave, int said,
                         pid_t parent) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = ::open("/dev/null", O_RDONLY);
  const int out = leave.speaks ? STDERR_FILENO : said;
  try {
    if (leave.folder >= 0) keep_to(leave.folder);
  } catch (const std::exception&) {
    ::_exit(kNotRun);
  }
  if (::getppid() == parent && ::dup2(nothing, STDIN_FILENO) >= 0 &&
      ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(out, STDERR_FILENO) >= 0 &&
      ::syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0) == 0)
    ::execve(file.c_str(), argv, environ);
  ::_exit(kNotRun);
}

}  // namespace

InstalledProgram::InstalledProgram(const std::vector<std::string>& words, const Leave& leave) {
  const std::string file = find_executable(words.front(), kPath).file;
  std::vector<std::string> copies = words;
  std::vector<char*> argv;
  for (auto& word : copies) argv.push_back(word.data());
  argv.push_back(nullptr);
  said_ = check_fd(::memfd_create("said", MFD_CLOEXEC), "memfd_create");
  const pid_t parent = ::getpid();
  child_ = clone_into(0, -1);
  if (child_.pid == 0) become(file, argv.data(), leave, said_.get(), parent);
}

InstalledProgram::~InstalledProgram() {
  if (!child_.pidfd) return;
  send_signal(child_.pidfd.get(), SIGKILL);
  see_the_end_of(child_.pidfd.get());
}

std::optional<int> InstalledProgram::wait(int milliseconds) {
  pollfd end{child_.pidfd.get(), POLLIN, 0};
  const int ready = ::poll(&end, 1, milliseconds);
  if (ready == 0 || (ready < 0 && errno == EINTR)) return std::nullopt;
  check(ready, "poll");
  const int status = status_of(wait_for(child_.pidfd.get()));
  child_.pidfd.reset();
  return status;
}

std::string InstalledProgram::last_words() const {
  constexpr std::size_t kMost = 1U << 20;
  ::lseek(said_.get(), 0, SEEK_SET);
  const std::string all = text::trimmed(read_all(said_.get(), kMost));
  return text::printable(text::trimmed(all.substr(all.rfind('\n') + 1)));
}

}  // namespace mydocker::sys
