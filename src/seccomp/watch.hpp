// What MyDocker makes of the calls that the filter asks it about: --seccomp-log, --seccomp-learn.
#pragma once

#include <linux/filter.h>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "mydocker/spec.hpp"
#include "mydocker/watched_call.hpp"
#include "seccomp/judge.hpp"

namespace mydocker::seccomp {

// The profile that `spec` asks for, whichever way; all is allowed by Unconfined's.
[[nodiscard]] SeccompProfile profile_of(const ContainerSpec& spec);

// A filter that asks MyDocker: of `refused` about each call that `profile` would refuse, but for
// those where libraries are told to fall back; of `allowed` about every call.
[[nodiscard]] std::vector<sock_filter> watching_filter(const SeccompProfile& profile,
                                                       SeccompWatch watch);

// The name of the program that a thread runs.
using ProgramName = std::function<std::string(pid_t thread)>;

class Watch {
 public:
  explicit Watch(const ContainerSpec& spec);
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  // Counts the call, and answers as the filter would have by itself. `program` is asked only for
  // one that is killed.
  [[nodiscard]] CallAnswer answer(const WatchedCall& call, const ProgramName& program);

  // "denied: io_uring_setup (EPERM), 3 times", the most frequent first.
  [[nodiscard]] std::vector<std::string> refusals() const;

  // The smallest profile that answers as was answered so far, in the words of OCI.
  [[nodiscard]] SeccompProfile learned() const;

 private:
  void note(const std::string& what);
  void use(const Judgement& judgement, const seccomp_data& data);

  SeccompWatch watch_;
  bool is_default_;
  SeccompProfile profile_;
  Judge judge_;
  std::map<std::string, std::uint64_t> refused_;
  std::map<std::string, std::set<std::optional<std::size_t>>> used_;  // the rules that decided
  std::set<std::string> architectures_;
};

}  // namespace mydocker::seccomp
