#include "terminal/printed_plan.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "helpers/text.hpp"

namespace mydocker::test {
namespace {

// What a container is made of: each of these calls has to be in a request that was printed.
const std::set<std::string, std::less<>> kMaking{
    "mount",     "umount2",     "open_tree",     "move_mount", "fsopen",   "fsconfig",
    "fsmount",   "fspick",      "mount_setattr", "pivot_root", "chroot",   "chdir",
    "fchdir",    "sethostname", "setdomainname", "setsid",     "unshare",  "setns",
    "clone3",    "clone",       "fork",          "vfork",      "mknodat",  "symlinkat",
    "mkdirat",   "mkdir",       "linkat",        "unlinkat",   "unlink",   "prctl",
    "capset",    "setuid",      "setgid",        "setreuid",   "setregid", "setresuid",
    "setresgid", "setgroups",   "keyctl",        "add_key",    "umask",    "close_range",
    "seccomp",   "execve",      "flock",         "pwrite64",   "fchmod",   "fchmodat",
    "fchown",    "fchownat",    "setrlimit",     "prlimit64"};

bool is_making(const Call& call) {
  if (call.name == "openat") {
    return call.line.find("O_WRONLY") != std::string::npos ||
           call.line.find("O_RDWR") != std::string::npos ||
           call.line.find("O_CREAT") != std::string::npos;
  }
  return kMaking.contains(call.name);
}

bool is_optional(std::string_view call) { return call.ends_with('?'); }

std::string plain(std::string_view call) {
  return std::string(is_optional(call) ? call.substr(0, call.size() - 1) : call);
}

// "123  openat(AT_FDCWD, ...": the pid and the call; an empty name for what is no beginning of one.
std::pair<std::string, Call> parsed(std::string_view line) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) return {};
  std::string pid(line.substr(0, blank));
  line.remove_prefix(std::min(line.find_first_not_of(' ', blank), line.size()));
  const auto bracket = line.find('(');
  const std::string_view name = line.substr(0, bracket);
  const bool is_name =
      bracket != std::string_view::npos &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
  return {pid, {is_name ? std::string(name) : "", std::string(line)}};
}

// Follows one request through the calls.
class Matcher {
 public:
  explicit Matcher(const Request& request) : request_(request) {
    for (const auto& call : request.calls) names_.insert(plain(call));
    skip_optional();
  }

  [[nodiscard]] bool is_complete() const { return at_ == request_.calls.size(); }
  [[nodiscard]] std::string awaited() const { return is_complete() ? "" : request_.calls[at_]; }
  // Whether the call is one of the request's. A complete one has only its optional calls left;
  // prctl, of which the bounding set takes one a capability; and mkdir, which is tried again when a
  // neighbour has removed the folder above.
  [[nodiscard]] bool admits(const Call& call) const {
    if (!names_.contains(call.name)) return false;
    const auto& calls = request_.calls;
    return !is_complete() || call.name == "prctl" || call.name == "mkdir" ||
           std::find(calls.begin(), calls.end(), call.name + "?") != calls.end();
  }
  // Whether the request begins with this call; one that needs no call begins with nothing.
  [[nodiscard]] bool begins_with(const Call& call) const {
    for (const auto& own : request_.calls) {
      if (plain(own) == call.name) return true;
      if (!is_optional(own)) return false;
    }
    return false;
  }
  void take(const Call& call) {
    if (is_complete() || call.name != request_.calls[at_]) return;
    ++at_;
    skip_optional();
  }

 private:
  void skip_optional() {
    while (at_ < request_.calls.size() && is_optional(request_.calls[at_])) ++at_;
  }

  const Request& request_;
  std::set<std::string, std::less<>> names_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Request> requests_in(const std::string& printed) {
  std::vector<Request> out;
  for (const auto line : text::split(printed, '\n')) {
    const auto words = text::words(line);
    if (words.empty()) continue;
    if (words[0] == "host" || words[0] == "child") {
      out.push_back({std::string(words[0]), std::string(line), "", {}});
    } else if (!out.empty() && words[0] == "why:") {
      out.back().why = line.substr(line.find("why:") + 4);
    } else if (!out.empty() && words[0] == "calls:") {
      out.back().calls.assign(words.begin() + 1, words.end());
    }
  }
  return out;
}

std::vector<std::string> request_lines(const std::string& printed) {
  std::vector<std::string> out;
  for (auto& request : requests_in(printed)) out.push_back(std::move(request.text));
  return out;
}

Trace trace_in(const std::string& text) {
  Trace out;
  std::string host;
  bool begun = false, gone = false, executed = false;
  for (const auto line : text::split(text, '\n')) {
    auto [pid, call] = parsed(line);
    if (host.empty()) host = pid;
    if (call.name.empty()) continue;
    if (pid == host) {
      begun = begun || call.line.find("/run/mydocker") != std::string::npos;
      gone = gone || (begun && call.name == "sendmsg");
      if (begun && !gone) out.host.push_back(std::move(call));
    } else if (!executed) {
      executed = call.name == "execve";
      out.child.push_back(std::move(call));
    }
  }
  return out;
}

std::vector<std::string> mismatches(const std::vector<Request>& requests,
                                    const std::vector<Call>& calls) {
  std::vector<std::string> out;
  std::vector<Matcher> matchers(requests.begin(), requests.end());
  std::size_t now = 0;
  for (const auto& call : calls) {
    // The next one has begun if this one is complete, and the call is the next one's first.
    if (now + 1 < matchers.size() && matchers[now].is_complete()) {
      std::size_t next = now + 1;
      while (next < matchers.size() && !matchers[next].begins_with(call) &&
             matchers[next].is_complete()) {
        ++next;
      }
      if (next < matchers.size() && matchers[next].begins_with(call)) now = next;
    }
    if (now < matchers.size() && matchers[now].admits(call)) {
      matchers[now].take(call);
    } else if (is_making(call)) {
      const std::string where = now < requests.size() ? requests[now].text : "the end";
      out.push_back("at '" + where + "': not printed: " + call.line);
    }
  }
  for (std::size_t i = 0; i < matchers.size(); ++i) {
    if (!matchers[i].is_complete())
      out.push_back("'" + requests[i].text + "' has not made its call " + matchers[i].awaited());
  }
  return out;
}

}  // namespace mydocker::test
