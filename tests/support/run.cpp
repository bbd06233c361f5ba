#include "support/run.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <sstream>
#include <thread>

namespace mydocker::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPause(5);

}  // namespace

std::string binary() {
  const char* const chosen = std::getenv("MYDOCKER_BINARY");
  return chosen != nullptr ? chosen : MYDOCKER_BINARY;
}

std::string project() { return MYDOCKER_SOURCE; }

Running::Running(const std::vector<std::string>& command)
    : out_(::memfd_create("out", MFD_CLOEXEC)), err_(::memfd_create("err", MFD_CLOEXEC)) {
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  // By path, so that each write appends: several processes share the file.
  const auto reopen = [](int fd) { return ::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_WRONLY | O_APPEND | O_CLOEXEC); };
  ::dup2(null, 0);
  ::dup2(reopen(out_), 1);
  ::dup2(reopen(err_), 2);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

Running::~Running() {
  if (!reaped_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(out_);
  ::close(err_);
}

void Running::signal(int number) const { ::kill(pid_, number); }

std::string Running::content(int fd) const {
  struct stat info {};
  ::fstat(fd, &info);
  std::string text(static_cast<std::size_t>(info.st_size), '\0');
  const auto got = ::pread(fd, text.data(), text.size(), 0);
  text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return text;
}

Result Running::wait(std::chrono::seconds limit) {
  const auto end = Clock::now() + limit;
  int status = 0;
  while (::waitpid(pid_, &status, WNOHANG) == 0) {
    if (Clock::now() > end) {
      ADD_FAILURE() << "still running after " << limit.count() << " s: killed\n" << content(out_) << content(err_);
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, &status, 0);
      break;
    }
    std::this_thread::sleep_for(kPause);
  }
  reaped_ = true;
  const int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return {code, content(out_), content(err_)};
}

bool Running::wait_for_output(const std::string& text, std::chrono::seconds limit) const {
  const auto end = Clock::now() + limit;
  while (content(out_).find(text) == std::string::npos) {
    if (Clock::now() > end) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

Result run(const std::vector<std::string>& command) { return Running(command).wait(); }

Result mydocker(std::vector<std::string> words) {
  words.insert(words.begin(), binary());
  return run(words);
}

Result in_container(std::vector<std::string> options, const std::string& script) {
  for (const char* const word : {"/bin/bash", "-c"}) options.emplace_back(word);
  options.push_back(script);
  return mydocker(std::move(options));
}

std::string without_warnings(const std::string& errors) {
  std::string out;
  std::istringstream lines(errors);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("MyDocker: warning: ")) out += line + "\n";
  }
  return out;
}

Result from_shell(const std::string& script, std::vector<std::string> words) {
  words.insert(words.begin(), {"/bin/bash", "-c", script, "caller", binary()});
  return run(words);
}

}  // namespace mydocker::test
