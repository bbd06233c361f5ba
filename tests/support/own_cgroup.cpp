#include "support/own_cgroup.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "helpers/text.hpp"
#include "mydocker/host_facts.hpp"
#include "namespaces/cgroup/cgroup_stage.hpp"
#include "sys/files.hpp"
#include "sys/processes.hpp"

namespace mydocker::test {
namespace {

CgroupRequest request(const std::string& path, const Resources& resources) {
  CgroupRequest out;
  out.path = path;
  out.resources = resources;
  out.every_hierarchy = true;
  return out;
}

}  // namespace

OwnCgroup::OwnCgroup(const Resources& resources) {
  static int count = 0;
  spec_.lifetime = Lifetime::its_own;
  spec_.cgroup = request(
      "mydocker-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count), resources);
  const HostFacts facts = read_host_facts(spec_);
  layout_ = facts.cgroups;
  plan_ = cgroup::plan(spec_, facts);
  notices_ = plan_.notices;
  try {
    for (const auto& step : plan_.prepare) {
      for (const auto& action : step.undo) undo_.push_back(&action);
      executor_.perform(step);
    }
  } catch (...) {
    for (auto action = undo_.rbegin(); action != undo_.rend(); ++action) executor_.undo(**action);
    throw;
  }
}

OwnCgroup::~OwnCgroup() {
  for (const pid_t process : started_) {
    ::kill(process, SIGKILL);
  }
  for (auto action = undo_.rbegin(); action != undo_.rend(); ++action) executor_.undo(**action);
  for (const pid_t process : started_) ::waitpid(process, nullptr, 0);
}

void OwnCgroup::update(const Resources& resources) {
  ContainerSpec spec = spec_;
  spec.cgroup = request(path(), resources);
  const StagePlan plan = cgroup::plan_update(*spec.cgroup, read_host_facts(spec));
  notices_ = plan.notices;
  for (const auto& step : plan.prepare) executor_.perform(step);
}

pid_t OwnCgroup::start(const std::function<int()>& body) {
  UniqueFd born_in;
  if (!plan_.born_in.empty())
    born_in = UniqueFd(::open(plan_.born_in.c_str(), O_DIRECTORY | O_PATH | O_CLOEXEC));
  const sys::Cloned child = sys::clone_into(0, born_in.get());
  if (child.pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves no process
    try {
      for (const auto& step : plan_.enter) executor_.perform(step);
      ::_exit(body());
    } catch (const std::exception&) {
      ::_exit(120);
    }
  }
  started_.push_back(child.pid);
  return child.pid;
}

int OwnCgroup::wait(pid_t process) {
  // The status stays for the destructor.
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(process), &info, WEXITED | WNOWAIT) < 0) return -1;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

int OwnCgroup::version(const std::string& controller) const {
  const auto* const found = layout_.find(controller);
  return found == nullptr ? 0 : found->version;
}

std::string OwnCgroup::folder(const std::string& controller) const {
  const auto* const found = layout_.find(controller);
  return found == nullptr ? std::string() : cgroup_folder(*found, path());
}

std::string OwnCgroup::file(const std::string& controller, const std::string& name) const {
  return text::trimmed(sys::try_read_file(folder(controller) + "/" + name).value_or("(missing)"));
}

void count_up(std::atomic<unsigned>& number) {
  for (;;) {
    ++number;
    ::usleep(1000);
  }
}

void count_in(OwnCgroup& cgroup, const SharedCounter& counter) {
  auto& number = *counter;
  cgroup.start([&number]() -> int { count_up(number); });
  ASSERT_TRUE(counter.moves());
}

}  // namespace mydocker::test
