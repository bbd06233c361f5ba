// Set-up that fails before and after every step: what was done is undone, and nothing is left.
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <optional>

#include "cli/options.hpp"
#include "cli/surroundings.hpp"
#include "cli/to_spec.hpp"
#include "mydocker/error.hpp"
#include "mydocker/runtime.hpp"
#include "runtime/context.hpp"
#include "runtime/linux_executor.hpp"
#include "support/host.hpp"
#include "support/run.hpp"
#include "sys/files.hpp"

namespace mydocker::test {
namespace {

using Words = std::vector<std::string>;

enum class When { before, after };

// Performs all steps but one, which fails before or after it was performed.
class FailingExecutor final : public Executor {
 public:
  FailingExecutor(Executor& inner, const Step& chosen, When when)
      : inner_(inner), chosen_(chosen), when_(when) {}

  void perform(const Step& step) override {
    if (&step != &chosen_) {
      inner_.perform(step);
      return;
    }
    if (when_ == When::after) inner_.perform(step);
    throw SetupError(std::string(step.stage), describe(step.action), EIO, "injected");
  }
  bool undo(const Action& action) noexcept override { return inner_.undo(action); }

 private:
  Executor& inner_;
  const Step& chosen_;
  When when_;
};

// Runtime::create() blocks every signal of its process for good; a test's process goes on.
class KeepSignals {
 public:
  KeepSignals() { ::sigprocmask(SIG_SETMASK, nullptr, &before_); }
  ~KeepSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
  KeepSignals(const KeepSignals&) = delete;
  KeepSignals& operator=(const KeepSignals&) = delete;

 private:
  sigset_t before_{};
};

ContainerSpec spec_of(Words words) {
  words.insert(words.end(), {"--no-tty", "--rootfs", project() + "/root_fs/root", "--name",
                             unique_id("fault"), "/bin/true"});
  std::vector<const char*> pointers;
  for (const auto& word : words) pointers.push_back(word.c_str());
  return cli::to_spec(cli::parse_options(pointers), cli::surroundings());
}

Plan plan_of(const ContainerSpec& spec) { return make_plan(stages(), spec, read_host_facts(spec)); }

std::size_t open_descriptors() { return sys::names_in("/proc/self/fd").size(); }

void expect_nothing_left(const ContainerSpec& spec, const std::string& what) {
  EXPECT_EQ(leftovers(spec.id), Words{}) << what;
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child is left: " << what;
  EXPECT_EQ(errno, ECHILD);
}

// The error of a create() in which `chosen` fails.
std::optional<SetupError> error_of(const ContainerSpec& spec, const Plan& plan, const Step& chosen,
                                   When when) {
  const KeepSignals keep;
  const std::string what =
      describe(chosen.action) + (when == When::before ? " (before)" : " (after)");
  const auto descriptors = open_descriptors();
  const std::string mounts = sys::read_file("/proc/self/mountinfo");
  std::optional<SetupError> caught;
  {
    Context context;
    LinuxExecutor kernel(context);
    FailingExecutor failing(kernel, chosen, when);
    Runtime runtime(plan, failing, context);
    try {
      runtime.create(Gate::closed);
    } catch (const SetupError& error) {
      caught = error;
    }
    runtime.destroy();
    expect_nothing_left(spec, what);
    runtime.destroy();  // again: nothing is undone twice
  }
  expect_nothing_left(spec, what);
  EXPECT_EQ(open_descriptors(), descriptors) << what;
  EXPECT_EQ(sys::read_file("/proc/self/mountinfo"), mounts) << what;
  return caught;
}

void expect_injected(const std::optional<SetupError>& error, const Step& step) {
  ASSERT_TRUE(error) << "no error came of: " << describe(step.action);
  EXPECT_EQ(error->code().value(), EIO);
  EXPECT_EQ(error->stage(), step.stage);
  EXPECT_EQ(error->doing(), describe(step.action));
  EXPECT_EQ(error->hint(), "injected");
  EXPECT_EQ(error->status(), exit_status::kFailure);
}

class FaultInjection : public testing::TestWithParam<Words> {
 protected:
  ContainerSpec spec = spec_of(GetParam());
  Plan plan = plan_of(spec);

  void fail_each_of(const std::vector<Step>& steps) {
    for (const auto& step : steps) {
      for (const When when : {When::before, When::after}) {
        expect_injected(error_of(spec, plan, step, when), step);
      }
    }
  }
};

TEST_P(FaultInjection, BeforeAndAfterEachStepOnTheHostBeforeTheCloneLeavesNothing) {
  ASSERT_FALSE(plan.prepare.empty());
  fail_each_of(plan.prepare);
}

TEST_P(FaultInjection, BeforeAndAfterEachStepOnTheHostWhileTheChildWaitsLeavesNothing) {
  ASSERT_FALSE(plan.attach.empty());
  fail_each_of(plan.attach);
}

TEST_P(FaultInjection, BeforeAndAfterEachStepInTheChildUntilItIsReadyLeavesNothing) {
  ASSERT_GT(plan.enter.size(), 20U);
  for (const auto& step : plan.enter) {
    const bool is_ready = std::holds_alternative<Rendezvous>(step.action);
    expect_injected(error_of(spec, plan, step, When::before), step);
    if (is_ready) break;
    expect_injected(error_of(spec, plan, step, When::after), step);
  }
}

TEST_P(FaultInjection, InTheChildAfterItWasReadyEndsTheContainerAndLeavesNothing) {
  bool is_ready = false;
  for (const auto& step : plan.enter) {
    if (is_ready) {
      const KeepSignals keep;
      Context context;
      LinuxExecutor kernel(context);
      FailingExecutor failing(kernel, step, When::before);
      Runtime runtime(plan, failing, context);
      runtime.create(Gate::closed);
      runtime.start();
      try {
        (void)runtime.wait({});
        ADD_FAILURE() << "no error came of: " << describe(step.action);
      } catch (const SetupError& error) {
        EXPECT_EQ(error.hint(), "injected");
      }
      runtime.destroy();
      expect_nothing_left(spec, describe(step.action));
    }
    is_ready = is_ready || std::holds_alternative<Rendezvous>(step.action);
  }
}

TEST_P(FaultInjection, OfNoStepGivesAContainerThatRunsAndIsTakenBack) {
  const KeepSignals keep;
  Context context;
  LinuxExecutor kernel(context);
  Runtime runtime(plan, kernel, context);
  runtime.create(Gate::closed);
  EXPECT_FALSE(leftovers(spec.id).empty());
  runtime.start();
  EXPECT_EQ(runtime.wait({}).status, 0);
  runtime.destroy();
  expect_nothing_left(spec, "the end");
}

TEST_P(FaultInjection, OfTheWholeProgramBehindAClosedGateIsUndoneByDestroyAlone) {
  const KeepSignals keep;
  Context context;
  LinuxExecutor kernel(context);
  Runtime runtime(plan, kernel, context);
  runtime.create(Gate::closed);
  runtime.destroy();
  expect_nothing_left(spec, "a container that never started");
}

std::string name_of(const testing::TestParamInfo<Words>& info) {
  std::string name;
  for (const char c : info.param.front() + (info.param.size() > 3 ? "WithMore" : "")) {
    if (c != '-') name += c;
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Modes, FaultInjection,
                         testing::Values(Words{"-a"}, Words{"-ac", "-M", "64m"},
                                         Words{"-aUc", "-M", "64m", "--init", "--read-only",
                                               "--tmpfs", "/mnt", "--volume", "/etc:/mnt/etc:ro",
                                               "--user", "1000:1000"}),
                         name_of);

}  // namespace
}  // namespace mydocker::test
